"""A video in DICOM's words."""

import pytest

from huizhen.producers.video import VideoFacts, describe, geometry_of
from huizhen.schemas.errors import TooLarge
from huizhen.schemas.geometry import PixelFormat

ROOT = "1.2.840.10008.5.1.4.1.1."


def facts(codec: str = "h264", pixel_format: str = "yuv420p", coded_bytes: int = 0, frames: int = 0) -> VideoFacts:
    return VideoFacts(codec, pixel_format, 640, 480, 25.0, coded_bytes, frames)


@pytest.mark.parametrize(
    ("codec", "lossy", "method"),
    [
        ("h264", "01", ("ISO_14496_10",)),
        ("hevc", "01", ("ISO_23008_2",)),
        ("mjpeg", "01", ("ISO_10918_1",)),
        ("vp9", "01", ()),
        ("rawvideo", "00", ()),
        ("ffv1", "00", ()),
    ],
)
def test_the_loss_follows_the_codec(codec: str, lossy: str, method: tuple[str, ...]) -> None:
    described = describe(facts(codec), 25.0)
    assert (described.lossy_image_compression, described.lossy_image_compression_method) == (lossy, method)


def test_the_ratio_is_known_for_a_file_only() -> None:
    assert describe(facts(coded_bytes=921_600, frames=20), 25.0).lossy_image_compression_ratio == (20.0,)
    assert describe(facts(), 25.0).lossy_image_compression_ratio == ()
    assert describe(facts("ffv1", coded_bytes=921_600, frames=20), 25.0).lossy_image_compression_ratio == ()


def test_colour_and_grey_go_to_their_classes() -> None:
    colour, grey = describe(facts(), 25.0), describe(facts(pixel_format="gray"), 25.0)
    assert (colour.kind, colour.modality, colour.sop_class_uid) == ("camera", "XC", ROOT + "7.4")
    assert grey.sop_class_uid == ROOT + "7.2"


def test_the_geometry_is_bounded() -> None:
    assert geometry_of(640, 480, is_grey=False).pixels == PixelFormat(480, 640, 3, 8, 0)
    assert geometry_of(640, 480, is_grey=True).photometric_interpretation == "MONOCHROME2"
    with pytest.raises(TooLarge, match="PIXELS_MAX"):
        geometry_of(16_000, 16_000, is_grey=False)
    with pytest.raises(TooLarge, match="SIDE_MAX"):
        geometry_of(16_400, 10, is_grey=True)
