"""What a video stream is in DICOM's words: its pixels, its loss, its geometry."""

from dataclasses import dataclass

from huizhen.producers.sop_class import secondary_capture_class
from huizhen.producers.source import Description, Geometry
from huizhen.schemas.errors import TooLarge
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.htj2k import PIXELS_MAX

GREY = frozenset({"gray", "gray8", "gray8a", "ya8", "monow", "monob"})
LOSSLESS_CODECS = frozenset({"rawvideo", "ffv1", "huffyuv", "ffvhuff", "utvideo", "png", "qtrle", "v210", "gif"})
# PS3.3 C.7.6.1.1.5.1; a codec without a defined term is lossy all the same
METHODS = {
    "mjpeg": "ISO_10918_1",
    "jpeg2000": "ISO_15444_1",
    "mpeg2video": "ISO_13818_1",
    "mpeg4": "ISO_14496_2",
    "h264": "ISO_14496_10",
    "hevc": "ISO_23008_2",
}


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a container says of its video before a frame is decoded."""

    codec: str
    pixel_format: str
    columns: int
    rows: int
    rate_hz: float
    """0 where it does not say"""
    coded_bytes: int
    """Of the whole file; 0 for a live stream"""
    frames: int
    """Of the whole file; 0 where it does not say"""

    @property
    def is_grey(self) -> bool:
        """Say whether there is no colour in it."""
        return self.pixel_format in GREY


def geometry_of(columns: int, rows: int, is_grey: bool) -> Geometry:
    """Give the geometry of a decoded frame; TooLarge above the limits."""
    samples = columns * rows * (1 if is_grey else 3)
    if samples > PIXELS_MAX:
        raise TooLarge("samples of the frame", samples, PIXELS_MAX, "PIXELS_MAX")
    return Geometry(PixelFormat(rows, columns, 1 if is_grey else 3, 8, 0), "MONOCHROME2" if is_grey else "RGB")


def describe(facts: VideoFacts, rate_hz: float) -> Description:
    """Describe a video source; cameras are Secondary Capture."""
    geometry = geometry_of(max(1, facts.columns), max(1, facts.rows), facts.is_grey)
    is_lossy = facts.codec not in LOSSLESS_CODECS
    method = METHODS.get(facts.codec, "") if is_lossy else ""
    raw_bytes = geometry.pixels.frame_bytes * facts.frames
    ratio = (round(raw_bytes / facts.coded_bytes, 2),) if is_lossy and raw_bytes and facts.coded_bytes else ()
    return Description(
        kind="camera",
        modality="XC",
        sop_class_uid=secondary_capture_class(geometry.pixels, geometry.photometric_interpretation),
        rate_hz=rate_hz,
        lossy_image_compression="01" if is_lossy else "00",
        lossy_image_compression_ratio=ratio,
        lossy_image_compression_method=(method,) if method else (),
    )
