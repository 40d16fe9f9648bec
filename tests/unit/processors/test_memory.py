import ctypes
from pathlib import Path

import pytest

from huizhen.processors.memory import give_back, share_arenas

BLOCKS, SIZE = 2000, 100_000


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc")
def test_what_is_free_between_frames_goes_back_to_the_system() -> None:
    blocks = [bytes(SIZE) for _ in range(BLOCKS)]
    kept = blocks[::50]  # the heap's end is in use: glibc returns nothing by itself
    kept.append(bytes(SIZE))
    full = resident_bytes()
    del blocks
    give_back()
    assert resident_bytes() < full - BLOCKS * SIZE / 2


def test_without_such_calls_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    share_arenas()
    give_back()
