"""The child keeps its limits, dies alone, and is replaced."""

import os
import random
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import psutil
import pytest

from huizhen.producers.decode_wire import Request
from huizhen.producers.dicom_child import FRAME_CPU_S, MEMORY_MAX_BYTES
from huizhen.producers.dicom_child_io import DecodeChild, Fault, Picture
from huizhen.schemas.errors import BadInput, Refused
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.dicom_files import JPEG_2000, dataset, ramp, write, write_jpeg_ls


@pytest.fixture
def child() -> Iterator[DecodeChild]:
    child = DecodeChild()
    yield child
    child.close()


def ask(child: DecodeChild, path: Path, index: int = 0) -> Picture | Fault:
    child.ask(Request(str(path), index))
    return child.frame()


def pid_of(child: DecodeChild) -> int:
    assert child.pid is not None
    return child.pid


def many_tiles(tile: bytes, side: int, across: int) -> bytes:
    """Make a picture of `across` x `across` equal tiles out of a JPEG 2000 stream of one tile of `side` pixels."""
    size = tile.index(b"\xff\x51") + 4
    start = tile.index(b"\xff\x90")
    header = tile[: size + 2] + struct.pack(">2L", side * across, side * across) + tile[size + 10 : start]
    part = tile[start : tile.rindex(b"\xff\xd9")]
    parts = (part[:4] + struct.pack(">HL", index, len(part)) + part[10:] for index in range(across * across))
    return header + b"".join(parts) + b"\xff\xd9"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two frames within every size limit that take long to decode: 3584 x 3584 of noise in JPEG 2000."""
    noise = np.random.default_rng(1).integers(0, 65535, (512, 512)).astype(np.uint16)
    coded = many_tiles(bytes(imagecodecs.jpeg2k_encode(noise, reversible=True, codecformat="j2k")), 512, 7)
    path = tmp_path_factory.mktemp("slow") / "slow.dcm"
    return write(path, dataset(np.zeros((2, 3584, 3584), np.uint16)), JPEG_2000, [coded, coded])


def test_frames_come_from_one_lasting_process(child: DecodeChild, tmp_path: Path) -> None:
    pixels = ramp(frames=3)
    path = write_jpeg_ls(tmp_path / "a.dcm", pixels)
    pids = set()
    for index in range(3):
        answer = ask(child, path, index)
        assert isinstance(answer, Picture)
        np.testing.assert_array_equal(answer.pixels, pixels[index])
        pids.add(pid_of(child))
    assert len(pids) == 1
    assert os.getpid() not in pids


def test_the_kernel_limits_the_child_and_it_inherits_nothing(child: DecodeChild, tmp_path: Path) -> None:
    ask(child, write(tmp_path / "a.dcm", dataset(ramp())))
    process = psutil.Process(pid_of(child))
    assert process.rlimit(psutil.RLIMIT_DATA) == (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES)
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert {name for name in process.environ() if not name.startswith(("OMP_", "OPENBLAS_", "MALLOC_"))} <= {"LC_CTYPE"}
    assert process.memory_info().rss < MEMORY_MAX_BYTES


def test_a_frame_too_large_for_the_memory_is_refused_and_the_next_is_fine(child: DecodeChild, tmp_path: Path) -> None:
    huge = np.zeros((1, 8192, 8192), np.uint16)  # 64 Mi samples: what the parser accepts at most
    answer = ask(child, write(tmp_path / "a.dcm", dataset(huge)))
    assert isinstance(answer, Fault)
    assert answer.refusal.reason is RejectReason.TOO_LARGE
    assert "256 MB" in answer.refusal.message
    assert psutil.Process(pid_of(child)).memory_info().rss < MEMORY_MAX_BYTES
    assert isinstance(ask(child, write(tmp_path / "b.dcm", dataset(ramp()))), Picture)


def test_a_slow_frame_costs_itself_alone(child: DecodeChild, slow: Path, tmp_path: Path) -> None:
    good = write_jpeg_ls(tmp_path / "b.dcm", ramp(frames=2))
    assert isinstance(ask(child, good, 0), Picture)
    before = pid_of(child)
    answer = ask(child, slow, 1)
    assert isinstance(answer, Fault)
    assert answer.refusal.message == f"decoding takes longer than {FRAME_CPU_S:g} s (FRAME_CPU_S)"
    assert len(answer.original) > 5_000_000  # the coded bytes came before the attempt
    assert isinstance(ask(child, good, 1), Picture)
    assert pid_of(child) != before


def test_a_killed_child_is_replaced_and_goes_on_at_the_frame_asked_for(child: DecodeChild, tmp_path: Path) -> None:
    pixels = ramp(frames=3)
    path = write_jpeg_ls(tmp_path / "a.dcm", pixels)
    assert isinstance(ask(child, path, 0), Picture)
    psutil.Process(pid_of(child)).send_signal(signal.SIGKILL)
    psutil.Process(pid_of(child)).wait(10)
    answer = ask(child, path, 2)
    assert isinstance(answer, Picture)
    np.testing.assert_array_equal(answer.pixels, pixels[2])


def test_a_child_that_dies_under_way_gives_a_fault(child: DecodeChild, slow: Path) -> None:
    child.ask(Request(str(slow), 0))
    psutil.Process(pid_of(child)).send_signal(signal.SIGSEGV)
    answer = child.frame()
    assert isinstance(answer, Fault)
    assert answer.refusal.reason is RejectReason.BAD_DICOM
    assert "broke down" in answer.refusal.message


def test_a_file_that_is_refused_leaves_the_child_alive(child: DecodeChild, tmp_path: Path) -> None:
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(b"no dicom")
    child.ask(Request(str(bad)))
    with pytest.raises(Refused, match="not a DICOM file"):
        child.summary()
    before = pid_of(child)
    missing = ask(child, tmp_path / "nowhere.dcm")
    assert isinstance(missing, Fault)
    assert missing.refusal.message == "the file cannot be read (FileNotFoundError)"
    assert isinstance(ask(child, write(tmp_path / "b.dcm", dataset(ramp()))), Picture)
    assert pid_of(child) == before


def test_a_coded_frame_that_does_not_decode_keeps_its_bytes(child: DecodeChild, tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", dataset(ramp()), JPEG_2000, [b"rubbish that is no codestream "])
    answer = ask(child, path)
    assert isinstance(answer, Fault)
    assert answer.original == b"rubbish that is no codestream "
    assert answer.refusal.message == "the file cannot be read (Jpeg2kError)"


def test_hostile_files_give_a_picture_or_a_reason(child: DecodeChild, tmp_path: Path) -> None:
    """Real coded files with bytes changed, lost and added, 25 of each kind; the child may die, the parent never."""
    rng = random.Random(7)
    pixels = ramp(rows=64, columns=64, frames=2)
    whole = [
        write(tmp_path / "native.dcm", dataset(pixels)).read_bytes(),
        write_jpeg_ls(tmp_path / "jls.dcm", pixels).read_bytes(),
    ]
    answers: set[str] = set()
    for number in range(50):
        content = bytearray(whole[number % 2])
        for _ in range(rng.choice((1, 3, 20))):
            at = rng.randrange(132, len(content))
            content[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        hostile = tmp_path / "hostile.dcm"
        hostile.write_bytes(content[: rng.randrange(200, len(content))] if number % 5 == 0 else content)
        child.ask(Request(str(hostile)))
        try:
            frames = child.summary().frames
        except BadInput:
            answers.add("refused")
            continue
        answers |= {type(ask(child, hostile, index)).__name__ for index in range(min(frames, 2))}
    assert {"refused", "Picture"} <= answers <= {"refused", "Picture", "Fault"}


def test_closing_ends_the_process(tmp_path: Path) -> None:
    child = DecodeChild()
    ask(child, write(tmp_path / "a.dcm", dataset(ramp())))
    pid = pid_of(child)
    child.close()
    child.close()
    assert not psutil.pid_exists(pid)
    assert child.pid is None
