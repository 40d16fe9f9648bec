"""Replay a video file at the pace of its own time stamps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from huizhen.producers.cadence import Cadence
from huizhen.producers.clock_io import SystemClock
from huizhen.producers.source import Captured, Description, Failed
from huizhen.producers.video import describe
from huizhen.producers.video_io import BrokenPacket, VideoInput, decoded, facts_of, open_container, why
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason

_SUFFIXES = ".mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .m2ts .mjpeg .mjpg .h264 .264 .hevc .ogv .wmv"
SUFFIXES = tuple(_SUFFIXES.split())
DEFAULT_RATE_HZ = 25.0  # for a file that says nothing of time


class VideoFile:
    """A Source over a video file."""

    def __init__(self, video: VideoInput, rate_hz: float | None = None, loop: bool = False) -> None:
        self._video = video
        self._loop = loop
        self._rate_hz = rate_hz
        self._clock = SystemClock()
        self._container = open_container(video)
        facts = facts_of(self._container, video)
        rate = rate_hz or facts.rate_hz or DEFAULT_RATE_HZ
        self._step_ns = round(1e9 / rate)
        self._description = describe(facts, rate)

    @property
    def description(self) -> Description:
        """What the source is."""
        return self._description

    def close(self) -> None:
        """End the replay, from any thread."""
        self._clock.close()

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield frames when they are due."""
        try:
            yield from self._paced()
        finally:
            self._container.close()

    def _paced(self) -> Iterator[Captured | Failed]:
        cadence: Cadence | None = None
        for frame, offset_ns in self._timed():
            cadence = cadence or Cadence(self._clock.now().monotonic_ns)
            if not self._clock.wait_until(cadence.due_ns(offset_ns)):
                return
            now = self._clock.now()
            if isinstance(frame, BrokenPacket):
                yield Failed(frame.coded, frame.reason, frame.message, now.utc_ns, now.monotonic_ns)
            else:
                yield Captured(frame.pixels, frame.geometry, now.utc_ns, now.monotonic_ns)
            cadence = cadence.after(offset_ns, now.monotonic_ns)

    def _timed(self) -> Iterator[tuple[Any, int]]:
        begin_ns, at_ns = 0, 0
        while True:
            count = 0
            for count, frame in enumerate(self._once(), 1):
                own_s = None if isinstance(frame, BrokenPacket) or self._rate_hz else frame.time_s
                own_ns = (count - 1) * self._step_ns if own_s is None else round(own_s * 1e9)
                at_ns = max(at_ns, begin_ns + own_ns)
                yield frame, at_ns
            if not self._loop or not count:
                return
            begin_ns = at_ns + self._step_ns
            self._container.close()
            self._container = open_container(self._video)

    def _once(self) -> Iterator[Any]:
        try:
            yield from decoded(self._container)
        except (FFmpegError, OSError) as error:
            yield BrokenPacket(b"", RejectReason.BAD_CODESTREAM, f"the file breaks off ({why(error)})")


def open_video_file(path: Path, rate_hz: float | None = None, loop: bool = False) -> VideoFile:
    """Open a video file; only the file itself is read, whatever addresses it holds."""
    if rate_hz is not None and not 0 < rate_hz <= 1000:
        raise Refused(RejectReason.POLICY, f"a rate of {rate_hz:g} frames/s: above 0 and up to 1000 are replayed")

    def opened() -> Any:
        return av.open(str(path), options={"protocol_whitelist": "file"})

    return VideoFile(VideoInput(f"the video {path.name!r}", opened, path.stat().st_size), rate_hz, loop)
