"""Frames coded beforehand."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from huizhen.producers.cadence import Instant
from huizhen.producers.replay_coded import ReplayCoded, precode
from huizhen.producers.source import Captured, Description, Failed, Geometry
from huizhen.schemas import htj2k
from huizhen.schemas.errors import Refused
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.profile import Profile, Region
from huizhen.schemas.reasons import RejectReason

FORM = PixelFormat(64, 64, 1, 8, 0)
DESCRIPTION = Description("probe", "US", "1.2", 50.0)
PROFILE = Profile("p", 1, tile=32, mask_always=(Region(0, 0, 8, 64),))


class Clip:
    """Three frames, the second unreadable."""

    description = DESCRIPTION
    is_closed = False

    def frames(self) -> Iterator[Captured | Failed]:
        for value in (5, 0, 7):
            if value:
                yield Captured(np.full((64, 64), value, np.uint8), Geometry(FORM, "MONOCHROME2"), 1, 1)
            else:
                yield Failed(b"", RejectReason.BAD_DICOM, "x", 1, 1)

    def close(self) -> None:
        self.is_closed = True


class Steps:
    """A clock that jumps to whatever is waited for."""

    def __init__(self) -> None:
        self.at_ns = 1_000
        self.is_closed = False

    def now(self) -> Instant:
        return Instant(10**18 + self.at_ns, self.at_ns)

    def wait_until(self, monotonic_ns: int) -> bool:
        self.at_ns = max(self.at_ns, monotonic_ns)
        return not self.is_closed

    def close(self) -> None:
        self.is_closed = True


def test_frames_are_masked_and_coded_once() -> None:
    clip = Clip()
    pairs = precode(clip, PROFILE, 10)
    assert clip.is_closed
    pictures = [htj2k.decode(coded.stream) for coded, _ in pairs]
    assert [int(picture[40, 40]) for picture in pictures] == [5, 7]
    assert not pictures[0][:8].any()


def test_a_source_without_frames_is_refused() -> None:
    with pytest.raises(Refused, match="no frame"):
        precode(Clip(), PROFILE, 0)


def test_the_replay_goes_round_at_its_rate() -> None:
    pairs = precode(Clip(), PROFILE, 10)
    source = ReplayCoded(pairs, DESCRIPTION, Steps())
    items = list(islice(source.frames(), 5))
    assert [item.coded is pairs[number % 2][0] for number, item in enumerate(items)] == [True] * 5
    assert [item.monotonic_ns - items[0].monotonic_ns for item in items] == [n * 20_000_000 for n in range(5)]
    assert items[1].captured_at_ns == 10**18 + items[1].monotonic_ns


def test_the_replay_ends_at_its_end_or_when_closed() -> None:
    pairs = precode(Clip(), PROFILE, 10)
    assert len(list(ReplayCoded(pairs, DESCRIPTION, Steps(), loop=False).frames())) == 2
    source = ReplayCoded(pairs, DESCRIPTION, Steps())
    source.close()
    assert list(source.frames()) == []
