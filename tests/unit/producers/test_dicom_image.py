"""The Image Pixel module is checked before a byte of pixels is touched."""

from typing import Any

import pytest

from huizhen.producers.dicom_image import ImagePixel, read_image_pixel
from huizhen.producers.dicom_syntax import syntax_of
from huizhen.schemas.errors import BadInput, TooLarge
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.dicom_files import LITTLE, dataset, ramp

NATIVE = syntax_of(LITTLE, allow_deflated=False)


def read(**attributes: Any) -> ImagePixel:
    return read_image_pixel(dataset(ramp(), **attributes), NATIVE)


def test_a_plain_image_is_read_as_it_is() -> None:
    image = read()
    assert image.replayed == PixelFormat(40, 56, 1, 8, 0)
    assert image.replayed_photometric_interpretation == "MONOCHROME2"
    assert image.native_frame_bytes == 40 * 56


def test_every_colour_is_replayed_as_rgb() -> None:
    image = read(SamplesPerPixel=3, PhotometricInterpretation="YBR_FULL_422", PlanarConfiguration=0)
    assert image.replayed_photometric_interpretation == "RGB"
    assert image.native_frame_bytes == 40 * 56 * 2
    palette = read(PhotometricInterpretation="PALETTE COLOR", BitsAllocated=16, BitsStored=16, HighBit=15)
    assert palette.replayed == PixelFormat(40, 56, 3, 8, 0)
    assert palette.replayed_photometric_interpretation == "RGB"


@pytest.mark.parametrize(
    ("attributes", "reason", "message"),
    [
        ({"Rows": 0}, RejectReason.BAD_DICOM, "Rows 0, Columns 56"),
        ({"Rows": 16_385}, RejectReason.TOO_LARGE, "SIDE_MAX"),
        ({"Rows": 16_384, "Columns": 16_384}, RejectReason.TOO_LARGE, "PIXELS_MAX"),
        ({"NumberOfFrames": 0}, RejectReason.BAD_DICOM, "NumberOfFrames 0"),
        ({"NumberOfFrames": 100_001}, RejectReason.TOO_LARGE, "FRAMES_MAX"),
        ({"PhotometricInterpretation": "HSV"}, RejectReason.POLICY, "PhotometricInterpretation"),
        ({"PhotometricInterpretation": "YBR_PARTIAL_422"}, RejectReason.POLICY, "PhotometricInterpretation"),
        ({"SamplesPerPixel": 3}, RejectReason.BAD_DICOM, "SamplesPerPixel 3 does not go with MONOCHROME2"),
        ({"BitsAllocated": 32, "BitsStored": 32}, RejectReason.POLICY, "BitsAllocated 32"),
        ({"BitsAllocated": 1, "BitsStored": 1}, RejectReason.POLICY, "BitsAllocated 1"),
        ({"BitsStored": 12}, RejectReason.BAD_DICOM, "BitsStored 12"),
        ({"HighBit": 6}, RejectReason.BAD_DICOM, "HighBit 6"),
        ({"HighBit": 8}, RejectReason.BAD_DICOM, "HighBit 8"),
        ({"PixelRepresentation": 2}, RejectReason.BAD_DICOM, "PixelRepresentation"),
        (
            {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PixelRepresentation": 1},
            RejectReason.POLICY,
            "unsigned",
        ),
    ],
)
def test_what_does_not_fit_is_refused(attributes: dict[str, Any], reason: RejectReason, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        read(**attributes)
    assert caught.value.reason is reason


def test_the_limit_stands_in_the_message() -> None:
    with pytest.raises(TooLarge, match="NumberOfFrames is 2,000,000, limit 100,000"):
        read(NumberOfFrames=2_000_000)


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored"])
def test_a_missing_attribute_is_bad_dicom(keyword: str) -> None:
    data = dataset(ramp())
    delattr(data, keyword)
    with pytest.raises(BadInput, match=f"{keyword} is missing"):
        read_image_pixel(data, NATIVE)
