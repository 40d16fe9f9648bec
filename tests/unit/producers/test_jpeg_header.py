"""What a JPEG stream says of its colours."""

import struct

import imagecodecs
import pytest

from huizhen.producers.jpeg_header import JpegColour, read_jpeg_colour
from tests.unit.producers.dicom_files import ramp


def jpeg(ids: bytes, *segments: tuple[int, bytes]) -> bytes:
    frame = struct.pack(">BHHB", 8, 1, 1, len(ids)) + b"".join(bytes([one, 0x11, 0]) for one in ids)
    parts = [*segments, (0xC0, frame)]
    return b"\xff\xd8" + b"".join(struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body for mark, body in parts)


def test_component_ids_and_the_jfif_mark_are_read() -> None:
    assert read_jpeg_colour(jpeg(b"RGB")) == JpegColour(is_jfif=False, component_ids=b"RGB")
    assert read_jpeg_colour(jpeg(b"\1\2\3", (0xE0, b"JFIF\0rest"))) == JpegColour(True, b"\1\2\3")
    assert read_jpeg_colour(jpeg(b"\1\2\3", (0xE0, b"AVI1"), (0xFE, b"JFIF"))) == JpegColour(False, b"\1\2\3")


def test_a_real_stream_is_read() -> None:
    assert read_jpeg_colour(bytes(imagecodecs.jpeg8_encode(ramp()[0]))).component_ids == b"\1"


@pytest.mark.parametrize(
    ("colour", "photometric", "rgb"),
    [
        (JpegColour(False, b"RGB"), "YBR_FULL", True),
        (JpegColour(False, b"rgb"), "YBR_FULL_422", True),
        (JpegColour(False, b"\1\2\3"), "RGB", True),
        (JpegColour(True, b"\1\2\3"), "RGB", False),
        (JpegColour(False, b"\1\2\3"), "YBR_FULL_422", False),
    ],
)
def test_ids_then_jfif_then_the_data_set_decide(colour: JpegColour, photometric: str, rgb: bool) -> None:
    assert colour.is_rgb(photometric) is rgb


def test_anything_else_says_nothing() -> None:
    whole = jpeg(b"RGB", (0xE0, b"JFIF\0"))
    for stream in (b"", b"\xff", b"not a jpeg stream", whole[:4], b"\xff\xd8" + b"\xff" * 40):
        assert read_jpeg_colour(stream) == JpegColour(False, b"")
    for end in range(len(whole)):
        read_jpeg_colour(whole[:end])  # never raises
