"""A source whose frames are coded beforehand: for measuring everything but the encoder.

In life the stations of eight streams are eight machines; on one machine they replay. Numbers and times are new in every
round, tiles and digests are the same bytes again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Protocol

from huizhen.producers.cadence import Cadence, Clock
from huizhen.producers.coder import Coded, Coder
from huizhen.producers.item import Precoded
from huizhen.producers.options import Options
from huizhen.producers.prepare import Preparation
from huizhen.producers.source import Captured, Description, Geometry, Source
from huizhen.schemas.errors import Refused
from huizhen.schemas.profile import Profile
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.settings import Settings


class Closing(Clock, Protocol):
    """A clock whose sleeper can be woken for good."""

    def close(self) -> None:
        """Let nobody sleep again."""


Pair = tuple[Coded, Geometry]


def precode(source: Source, profile: Profile, frames: int) -> list[Pair]:
    """Code the first `frames` frames of a source and close it; raises Refused where it has none that can be coded."""
    preparation, coder = Preparation(profile), Coder(profile.tile)
    pairs: list[Pair] = []
    try:
        for item in islice(source.frames(), frames):
            if isinstance(item, Captured):
                prepared = preparation.apply(item)
                pairs.append((coder.code(prepared.pixels, prepared.geometry.pixels), prepared.geometry))
    finally:
        source.close()
    if not pairs:
        raise Refused(RejectReason.POLICY, "the source has no frame that could be coded beforehand")
    return pairs


def replay(
    settings: Settings, file: Path, options: Options, frames: int = 120, ready: Callable[[], None] = lambda: None
) -> int:
    """Code the first `frames` frames of a file, then capture them in a loop; give the exit code.

    `ready` is called when they are coded, and may wait. It ends after `options.frames` frames, or with SIGTERM.
    """
    from huizhen.producers.clock_io import SystemClock
    from huizhen.producers.main import run
    from huizhen.producers.pick import open_source

    source = open_source(str(file))
    pairs = precode(source, options.profile, frames)
    ready()
    return run(settings, ReplayCoded(pairs, source.description, SystemClock()), options)


@dataclass(slots=True)
class ReplayCoded:
    """Gives coded frames again and again, `description.rate_hz` a second (30 where that is 0)."""

    pairs: Sequence[Pair]
    description: Description
    clock: Closing
    loop: bool = True

    def frames(self) -> Iterator[Precoded]:
        """Yield the frames at their times until closed, or once where `loop` is False."""
        period_ns = int(1e9 / (self.description.rate_hz or 30.0))
        cadence = Cadence(self.clock.now().monotonic_ns)
        for number in count() if self.loop else range(len(self.pairs)):
            offset_ns = number * period_ns
            if not self.clock.wait_until(cadence.due_ns(offset_ns)):
                return
            now = self.clock.now()
            coded, geometry = self.pairs[number % len(self.pairs)]
            yield Precoded(coded, geometry, now.utc_ns, now.monotonic_ns)
            cadence = cadence.after(offset_ns, now.monotonic_ns)

    def close(self) -> None:
        """End frames()."""
        self.clock.close()
