"""Cameras: RTSP streams and V4L2 devices. Their frames come when they come.

Where a camera is gone, frames() raises Unavailable; with `reconnect` it is opened again after growing pauses, for as
long as the source is not closed. V4L2 is the same code with another opener: it was not tried on a real device.
"""

from collections.abc import Iterator
from typing import Any

import av
from av.error import FFmpegError

from huizhen.producers.backoff import pause_s
from huizhen.producers.clock_io import SystemClock
from huizhen.producers.source import Captured, Description, Failed
from huizhen.producers.video import describe
from huizhen.producers.video_io import BrokenPacket, VideoInput, decoded, facts_of, open_container, why
from huizhen.schemas.errors import Unavailable

OPEN_TIMEOUT_S = 5.0
ANALYZE_US = 200_000  # how long frames are held back at the start to learn the rate; they then come in a bunch
READ_TIMEOUT_S = 3.0  # a camera silent for longer is gone; it is also the longest that a close() takes


class Camera:
    """A Source over a live stream."""

    def __init__(self, video: VideoInput, reconnect: bool = False) -> None:
        self._video = video
        self._reconnect = reconnect
        self._clock = SystemClock()
        self._container = open_container(video)
        facts = facts_of(self._container, video)
        self._description = describe(facts, facts.rate_hz)

    @property
    def description(self) -> Description:
        """What the source is."""
        return self._description

    def close(self) -> None:
        """End frames(), from any thread."""
        self._clock.close()

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield frames as they come; Unavailable when the camera is gone and is not to be opened again."""
        attempt = 0
        try:
            while not self._clock.is_closed:
                for frame in self._until_lost():
                    attempt = 0
                    yield frame
                attempt = self._opened_again(attempt)
        finally:
            self._container.close()

    def _until_lost(self) -> Iterator[Captured | Failed]:
        lost = "it ended"
        try:
            for frame in decoded(self._container):
                if self._clock.is_closed:
                    return
                now = self._clock.now()
                if isinstance(frame, BrokenPacket):
                    yield Failed(frame.coded, frame.reason, frame.message, now.utc_ns, now.monotonic_ns)
                else:
                    yield Captured(frame.pixels, frame.geometry, now.utc_ns, now.monotonic_ns)
        except (FFmpegError, OSError) as error:
            lost = why(error)
        if not self._reconnect and not self._clock.is_closed:
            raise Unavailable(f"{self._video.name} ({lost})", pause_s(0))

    def _opened_again(self, attempt: int) -> int:
        """Try until it opens or the source is closed; gives the number of the next attempt."""
        self._container.close()
        while self._clock.wait_until(self._clock.now().monotonic_ns + round(pause_s(attempt) * 1e9)):
            attempt += 1
            try:
                self._container = open_container(self._video)
                break
            except Unavailable:
                continue
        return attempt


def open_rtsp(url: str, reconnect: bool = False) -> Camera:
    """Open an RTSP camera (rtsp:// or rtsps://), over TCP: a lost packet would spoil pictures until the next key."""

    def opened() -> Any:
        options = {
            "rtsp_transport": "tcp",
            "analyzeduration": str(ANALYZE_US),
            "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls,udp",
        }
        return av.open(url, format="rtsp", options=options, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))

    return Camera(VideoInput("the RTSP camera", opened, is_live=True), reconnect)


def open_v4l2(device: str, rate_hz: float | None = None, size: str = "", reconnect: bool = False) -> Camera:
    """Open a Video4Linux device such as /dev/video0; `size` is `columnsxrows`, empty for the device's own."""

    def opened() -> Any:
        options = {"protocol_whitelist": "file"}
        options |= {"framerate": f"{rate_hz:g}"} if rate_hz else {}
        options |= {"video_size": size} if size else {}
        return av.open(device, format="v4l2", options=options, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))

    return Camera(VideoInput("the video device", opened, is_live=True), reconnect)
