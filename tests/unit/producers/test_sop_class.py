"""A class is kept where the pixels fit it."""

import pytest

from huizhen.producers.sop_class import archive_sop_class, secondary_capture_class
from huizhen.schemas.geometry import PixelFormat

ROOT = "1.2.840.10008.5.1.4.1.1."
RGB = PixelFormat(10, 10, 3, 8, 0)
BYTE = PixelFormat(10, 10, 1, 8, 0)
WORD = PixelFormat(10, 10, 1, 12, 0)
SIGNED = PixelFormat(10, 10, 1, 16, 1)


@pytest.mark.parametrize(
    ("own", "pixels", "photometric", "chosen"),
    [
        ("6.1", RGB, "RGB", "3.1"),
        ("3.1", RGB, "RGB", "3.1"),
        ("3.1", BYTE, "MONOCHROME2", "3.1"),
        ("3.1", WORD, "MONOCHROME2", "7.3"),
        ("12.1", WORD, "MONOCHROME2", "12.1"),
        ("12.1", BYTE, "MONOCHROME2", "12.1"),
        ("12.1", PixelFormat(10, 10, 1, 14, 0), "MONOCHROME2", "7.3"),
        ("12.1", WORD, "MONOCHROME1", "7"),
        ("2", SIGNED, "MONOCHROME2", "2"),
        ("2", WORD, "MONOCHROME2", "2"),
        ("2", BYTE, "MONOCHROME2", "7.2"),
        ("4", WORD, "MONOCHROME1", "4"),
        ("4", SIGNED, "MONOCHROME2", "4"),
        ("1", WORD, "MONOCHROME1", "1"),
        ("1", SIGNED, "MONOCHROME2", "7"),
        ("20", SIGNED, "MONOCHROME2", "7"),
        ("20", WORD, "MONOCHROME2", "7.3"),
        ("4.1", WORD, "MONOCHROME2", "7.3"),
        ("77.1.4", RGB, "RGB", "7.4"),
        ("77.1.4", PixelFormat(10, 10, 3, 16, 0), "RGB", "7"),
    ],
)
def test_the_class_of_the_archive(own: str, pixels: PixelFormat, photometric: str, chosen: str) -> None:
    assert archive_sop_class(ROOT + own, pixels, photometric) == ROOT + chosen


def test_what_has_no_data_set_is_secondary_capture() -> None:
    assert archive_sop_class("", BYTE, "MONOCHROME2") == ROOT + "7.2"
    assert secondary_capture_class(RGB, "RGB") == ROOT + "7.4"
    assert secondary_capture_class(BYTE, "MONOCHROME1") == ROOT + "7"
