"""The phantom as a source."""

import itertools
import time

import pytest

from huizhen.producers.phantom_io import PhantomSource
from huizhen.producers.source import Captured
from huizhen.schemas.errors import Refused


def test_it_gives_as_many_frames_as_asked_for_at_its_rate() -> None:
    source = PhantomSource(64, 96, frames=4, seed=1, rate_hz=100)
    origin_ns = time.monotonic_ns()
    frames = [frame for frame in source.frames() if isinstance(frame, Captured)]
    assert [frame.pixels.shape for frame in frames] == [(64, 96)] * 4
    assert frames[3].monotonic_ns - origin_ns >= 30_000_000, "never early"
    assert frames[0].geometry.pixels.bits_stored == 12
    assert frames[0].geometry is frames[3].geometry
    described = source.description
    assert (described.kind, described.modality, described.rate_hz) == ("angiography", "XA", 100)
    assert described.sop_class_uid == "1.2.840.10008.5.1.4.1.1.12.1"


def test_without_a_number_it_goes_on_until_closed() -> None:
    source = PhantomSource(64, 64, frames=0, seed=1, rate_hz=120)
    frames = source.frames()
    assert len(list(itertools.islice(frames, 10))) == 10
    source.close()
    assert list(frames) == []


@pytest.mark.parametrize(
    ("rows", "columns", "frames", "rate_hz", "message"),
    [
        (63, 64, 1, 15, "sides of 64 to 2048"),
        (64, 2049, 1, 15, "sides of 64 to 2048"),
        (64, 64, 1, 0, "a rate above 0 and up to 120"),
        (64, 64, 1, 121, "a rate above 0 and up to 120"),
        (64, 64, -1, 15, "frames and seed"),
    ],
)
def test_what_it_cannot_draw_is_refused(rows: int, columns: int, frames: int, rate_hz: float, message: str) -> None:
    with pytest.raises(Refused, match=message):
        PhantomSource(rows, columns, frames, 1, rate_hz)
