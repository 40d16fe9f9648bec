"""Grab the desktop, or one monitor, by mss."""

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
        self._description = Description("screen", "OT", MULTI_FRAME_TRUE_COLOUR, rate)
        self._opened().close()  # says now whether there is a screen

    @property
    def description(self) -> Description:
        """What the source is."""
        return self._description

    def close(self) -> None:
        """End frames(), from any thread."""
        self._clock.close()

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield the screen at the rate wanted; Unavailable when the display is gone."""
        grabber = self._opened()  # here, since the display belongs to the thread that uses it
        try:
            cadence, offset_ns = Cadence(self._clock.now().monotonic_ns), 0
            while self._clock.wait_until(cadence.due_ns(offset_ns)):
                now = self._clock.now()
                grabber, shot = self._grabbed(grabber)
                # BGRA as the display has it
                pixels = cv2.cvtColor(
                    np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4), cv2.COLOR_BGRA2RGB
                )
                yield Captured(pixels, self._geometry_of(shot.width, shot.height), now.utc_ns, now.monotonic_ns)
                cadence = cadence.after(offset_ns, now.monotonic_ns)
                offset_ns += self._step_ns
        finally:
            grabber.close()

    def _grabbed(self, grabber: Any) -> tuple[Any, Any]:
        try:
            return grabber, grabber.grab(grabber.monitors[self._monitor])
        except ScreenShotError:
            grabber.close()
        # its size may have changed: look at the display afresh, once
        grabber = self._opened()
        try:
            return grabber, grabber.grab(grabber.monitors[self._monitor])
        except ScreenShotError:
            grabber.close()
            raise Unavailable("the screen") from None

    def _opened(self) -> Any:
        try:
            grabber = mss.MSS(display=self._display, with_cursor=True)
            count = len(grabber.monitors)
        except (ScreenShotError, OSError):
            raise Unavailable("the screen (no display answers)") from None
        if not 0 <= self._monitor < count:
            grabber.close()
            raise Refused(RejectReason.POLICY, f"monitor {self._monitor}: there are 0 (all) to {count - 1}")
        return grabber

    def _geometry_of(self, columns: int, rows: int) -> Geometry:
        if self._geometry is None or (self._geometry.pixels.columns, self._geometry.pixels.rows) != (columns, rows):
            self._geometry = geometry_of(columns, rows, is_grey=False)
        return self._geometry
