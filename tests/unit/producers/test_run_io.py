"""Sources on their threads, key frames in time, and stopping."""

import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from huizhen.producers.coder import Coder
from huizhen.producers.engine import Engine
from huizhen.producers.item import Item
from huizhen.producers.options import Input
from huizhen.producers.run_io import FAILED, OK, REFUSED, STOP_S, Feed, Stop, key_interval_ns
from huizhen.producers.source import Captured, Description, Geometry
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.profile import Match, Profile
from tests.unit.producers.streams import PROBE, SENDER
from tests.unit.producers.test_engine import Outlet

FORM = PixelFormat(64, 64, 1, 8, 0)


class Grey:
    """Frames of one grey; then `error`, where there is one."""

    def __init__(self, count: int, error: Exception | None = None, rate_hz: float = 30.0) -> None:
        self.count, self.error, self.is_closed = count, error, False
        self.description = Description("probe", "US", "1.2", rate_hz)

    def frames(self) -> Iterator[Item]:
        for number in range(self.count):
            yield Captured(np.full((64, 64), number, np.uint8), Geometry(FORM, "MONOCHROME2"), 1, 1)
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.is_closed = True


def feed(source: Grey, frames: int = 0, profile: Profile | None = None) -> tuple[Feed, Outlet]:
    outlet = Outlet()
    used = profile or Profile("p", 1, tile=32)
    engine = Engine(PROBE, SENDER, used, Coder(32), outlet, now_ns=lambda: 1, seconds=time.perf_counter)
    made = Feed(Input(PROBE, source, used), engine, frames, threading.Event())
    made.thread.start()
    made.thread.join(10)
    return made, outlet


def test_a_source_is_taken_to_its_end_and_closed() -> None:
    source = Grey(3)
    made, outlet = feed(source)
    assert (made.code, len(outlet.offered), source.is_closed) == (OK, 3, True)


def test_a_source_is_left_after_the_frames_asked_for() -> None:
    source = Grey(9)
    _, outlet = feed(source, frames=2)
    assert (len(outlet.offered), source.is_closed) == (2, True)


@pytest.mark.parametrize(
    ("source", "profile", "code", "problem"),
    [
        (Grey(1, Unavailable("the camera")), None, FAILED, "source probe is lost: the camera"),
        (Grey(1, RuntimeError("a bug")), None, FAILED, "source probe failed"),
        (Grey(1), Profile("p", 1, tile=32, match=Match(rows=480)), REFUSED, "match.rows"),
    ],
)
def test_how_a_source_ended_is_said(source: Grey, profile: Profile | None, code: int, problem: str) -> None:
    made, _ = feed(source, profile=profile)
    assert made.code == code
    assert problem in made.problem
    assert source.is_closed


@pytest.mark.parametrize(("rate_hz", "expected_ms"), [(30.0, 966), (1.0, 0), (0.25, 0), (0.0, 1000)])
def test_key_frames_are_never_further_apart_than_the_profile_says(rate_hz: float, expected_ms: int) -> None:
    given = Input(PROBE, Grey(0, rate_hz=rate_hz), Profile("p", 1))
    assert key_interval_ns(given) // 1_000_000 == expected_ms


def test_a_signal_asks_to_stop_and_starts_the_clock_once() -> None:
    stop = Stop()
    assert stop.left_s == float("inf")
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    stop.install()
    try:
        signal.raise_signal(signal.SIGTERM)
        first = stop.at_s
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert stop.event.is_set()
    assert stop.at_s == first
    first_s = time.monotonic()
    left_s = stop.left_s
    assert stop.at_s + STOP_S - time.monotonic() <= left_s <= stop.at_s + STOP_S - first_s
