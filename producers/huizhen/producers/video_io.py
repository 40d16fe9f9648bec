"""Open videos and decode them to grey or RGB frames, by PyAV (FFmpeg).

Addresses may hold passwords and belong to the hospital: no message names one.
"""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.error import DemuxerNotFoundError, FFmpegError, InvalidDataError
from numpy.typing import NDArray

from huizhen.producers.source import Geometry
from huizhen.producers.video import GREY, VideoFacts, geometry_of
from huizhen.schemas.errors import BadInput, Refused, Unavailable
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import ORIGINAL_MAX


@dataclass(frozen=True, slots=True)
class VideoInput:
    """A video and how it is opened."""

    name: str
    """What messages call it: never an address"""
    open: Callable[[], Any]
    """Gives an `av.container.InputContainer`"""
    coded_bytes: int = 0
    """Size of a file; 0 for a camera"""
    is_live: bool = False
    """A camera: whatever keeps it from opening may pass"""


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """A decoded frame and its place in time, in seconds from the first; None where the stream does not say."""

    pixels: NDArray[np.generic]
    geometry: Geometry
    time_s: float | None


@dataclass(frozen=True, slots=True)
class BrokenPacket:
    """Coded bytes that do not decode."""

    coded: bytes
    reason: RejectReason
    message: str


def open_container(video: VideoInput) -> Any:
    """Open a video; Refused where it is no video, Unavailable where it is not there."""
    try:
        container = video.open()
    except (FFmpegError, OSError) as error:
        if isinstance(error, InvalidDataError | DemuxerNotFoundError) and not video.is_live:
            raise Refused(RejectReason.BAD_CODESTREAM, f"{video.name} is no video that can be read") from None
        raise Unavailable(f"{video.name} ({why(error)})") from None
    if not container.streams.video:
        container.close()
        raise Refused(RejectReason.BAD_CODESTREAM, f"{video.name} holds no video stream")
    return container


def facts_of(container: Any, video: VideoInput) -> VideoFacts:
    """Read what the container says of its first video stream."""
    stream = container.streams.video[0]
    context = stream.codec_context
    rate = stream.average_rate or stream.guessed_rate or 0
    return VideoFacts(
        codec=context.name,
        pixel_format=context.pix_fmt or "",
        columns=context.width,
        rows=context.height,
        rate_hz=float(rate),
        coded_bytes=video.coded_bytes,
        frames=stream.frames,
    )


def decoded(container: Any) -> Iterator[VideoFrame | BrokenPacket]:
    """Decode the first video stream packet by packet; FFmpegError or OSError where reading ends badly."""
    stream = container.streams.video[0]
    start_s: float | None = None
    for packet in container.demux(stream):
        for frame in _frames_in(packet):
            if isinstance(frame, BrokenPacket):
                yield frame
                continue
            start_s = frame.time if start_s is None else start_s
            time_s = None if frame.time is None or start_s is None else frame.time - start_s
            yield _converted(frame, time_s, packet)


def _frames_in(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except FFmpegError as error:
        message = f"a packet does not decode ({why(error)})"
        return [BrokenPacket(_bytes_of(packet), RejectReason.BAD_CODESTREAM, message)]


def _converted(frame: Any, time_s: float | None, packet: Any) -> VideoFrame | BrokenPacket:
    is_grey = frame.format.name in GREY
    try:
        geometry = geometry_of(frame.width, frame.height, is_grey)
    except BadInput as error:
        return BrokenPacket(_bytes_of(packet), error.reason, str(error))
    pixels = np.ascontiguousarray(frame.to_ndarray(format="gray" if is_grey else "rgb24"))
    return VideoFrame(pixels, geometry, time_s)


def _bytes_of(packet: Any) -> bytes:
    return bytes(packet)[:ORIGINAL_MAX]


def why(error: Exception) -> str:
    """Give an error's kind without its text, which may hold an address."""
    number = int(getattr(error, "errno", None) or 0)
    return os.strerror(number) if number in errno.errorcode else type(error).__name__
