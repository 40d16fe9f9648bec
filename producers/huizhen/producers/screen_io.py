"""Grab the desktop, or one monitor, by mss."""

import contextlib
from collections.abc import Iterator
from typing import Any

import cv2
import mss
import numpy as np
from mss.exception import ScreenShotError

from huizhen.producers.cadence import Cadence
from huizhen.producers.clock_io import SystemClock
from huizhen.producers.sop_class import MULTI_FRAME_TRUE_COLOUR
from huizhen.producers.source import Captured, Description, Failed, Geometry
from huizhen.producers.video import geometry_of
from huizhen.schemas.errors import Refused, Unavailable
from huizhen.schemas.reasons import RejectReason

DEFAULT_RATE_HZ = 15.0
RATE_MAX_HZ = 60.0
LOOK_AGAIN_NS = 2_000_000_000  # a screen that grew is seen whole after this time at the latest
LOST = (ScreenShotError, AssertionError)  # mss asserts that the X server answered


class Screen:
    """A Source over a monitor: 0 is the whole desktop, 1 the first monitor."""

    def __init__(self, monitor: int = 1, rate_hz: float | None = None, display: str | None = None) -> None:
        rate = DEFAULT_RATE_HZ if rate_hz is None else rate_hz
        if not 0 < rate <= RATE_MAX_HZ:
            raise Refused(RejectReason.POLICY, f"{rate:g} screens/s: above 0 and up to {RATE_MAX_HZ:g} (RATE_MAX_HZ)")
        self._monitor = monitor
        self._display = display
        self._step_ns = round(1e9 / rate)
        self._clock = SystemClock()
        self._geometry: Geometry | None = None
        self._grabber: Any = None  # opened by frames(): a display belongs to the thread that uses it
        self._look_again_ns = 0
        self._description = Description("screen", "OT", MULTI_FRAME_TRUE_COLOUR, rate)
        _close(self._opened())  # says now whether there is a screen

    @property
    def description(self) -> Description:
        """What the source is."""
        return self._description

    def close(self) -> None:
        """End frames(), from any thread."""
        self._clock.close()

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield the screen at the rate wanted; Unavailable when the display is gone."""
        try:
            cadence, offset_ns = Cadence(self._clock.now().monotonic_ns), 0
            while self._clock.wait_until(cadence.due_ns(offset_ns)):
                now = self._clock.now()
                shot = self._grabbed()
                bgra = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
                pixels = cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB)
                yield Captured(pixels, self._geometry_of(shot.width, shot.height), now.utc_ns, now.monotonic_ns)
                cadence = cadence.after(offset_ns, now.monotonic_ns)
                offset_ns += self._step_ns
        finally:
            self._shut()

    def _grabbed(self) -> Any:
        if self._clock.now().monotonic_ns < self._look_again_ns:
            with contextlib.suppress(*LOST):
                return self._grabber.grab(self._grabber.monitors[self._monitor])
        # mss keeps the sizes it found at first: look at the display afresh
        self._shut()
        try:
            self._grabber = self._opened()
            self._look_again_ns = self._clock.now().monotonic_ns + LOOK_AGAIN_NS
            return self._grabber.grab(self._grabber.monitors[self._monitor])
        except LOST:
            raise Unavailable("the screen") from None
        except Refused:
            raise Unavailable(f"the screen (monitor {self._monitor} is gone)") from None

    def _opened(self) -> Any:
        grabber = None
        try:
            grabber = mss.MSS(display=self._display, with_cursor=True)
            count = len(grabber.monitors)
        except (*LOST, OSError):
            _close(grabber)
            raise Unavailable("the screen (no display answers)") from None
        if not 0 <= self._monitor < count:
            _close(grabber)
            raise Refused(RejectReason.POLICY, f"monitor {self._monitor}: there are 0 (all) to {count - 1}")
        return grabber

    def _shut(self) -> None:
        # never twice: closing a dead connection again aborts the process
        grabber, self._grabber = self._grabber, None
        _close(grabber)

    def _geometry_of(self, columns: int, rows: int) -> Geometry:
        if self._geometry is None or (self._geometry.pixels.columns, self._geometry.pixels.rows) != (columns, rows):
            self._geometry = geometry_of(columns, rows, is_grey=False)
        return self._geometry


def _close(grabber: Any) -> None:
    if grabber is not None:
        with contextlib.suppress(*LOST):  # the display may be gone
            grabber.close()
