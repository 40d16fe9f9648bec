"""Every codec gives the samples that went in; what is not as described is refused."""

from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.encoders import RLELosslessEncoder

from huizhen.producers.dicom_codecs import decode_samples
from huizhen.producers.dicom_colour import shown_pixels
from huizhen.producers.dicom_image import ImagePixel
from huizhen.producers.dicom_syntax import syntax_of
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.dicom_files import HTJ2K, JPEG_2000, JPEG_BASELINE, JPEG_LOSSLESS, JPEG_LS, LITTLE, RLE, ramp

Encoder = Callable[[NDArray[np.generic], int], bytes]


def image_of(pixels: NDArray[np.generic], bits: int, photometric: str = "", **changes: Any) -> ImagePixel:
    allocated, colour = 8 * pixels.dtype.itemsize, pixels.ndim == 3
    values: dict[str, Any] = {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "samples_per_pixel": 3 if colour else 1,
        "photometric_interpretation": photometric or ("RGB" if colour else "MONOCHROME2"),
        "bits_allocated": allocated,
        "bits_stored": bits,
        "high_bit": bits - 1,
        "pixel_representation": int(pixels.dtype.kind == "i"),
        "planar_configuration": 0,
        "number_of_frames": 1,
    }
    return ImagePixel(**(values | changes))


def noise(bits: int, signed: bool, colour: bool = False) -> NDArray[np.generic]:
    """Full-range noise with both extremes."""
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    shape = (33, 47, 3) if colour else (33, 47)
    values = np.random.default_rng(bits).integers(low, high, shape, endpoint=True)
    values[0, 0], values[-1, -1] = low, high
    return values.astype(("int" if signed else "uint") + ("16" if signed or bits > 8 else "8"))


def as_unsigned(pixels: NDArray[np.generic], bits: int) -> NDArray[np.uint16]:
    """The two's complement of `bits` bits, as codecs without a sign see it."""
    return (pixels.astype(np.int32) & ((1 << bits) - 1)).astype(np.uint16)


def jpeg_ls(pixels: NDArray[np.generic], bits: int) -> bytes:
    plain = pixels if pixels.dtype == np.uint8 else as_unsigned(pixels, bits)
    return bytes(imagecodecs.jpegls_encode(plain))


def jpeg_2000(pixels: NDArray[np.generic], bits: int) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(pixels, reversible=True, codecformat="j2k", bitspersample=bits, level=0))


def htj2k(pixels: NDArray[np.generic], bits: int) -> bytes:
    return bytes(imagecodecs.htj2k_encode(pixels, reversible=True, rgb=pixels.ndim == 3))


def lossless_jpeg(pixels: NDArray[np.generic], bits: int) -> bytes:
    return bytes(imagecodecs.ljpeg_encode(as_unsigned(pixels, bits), bitspersample=bits))


def rle(pixels: NDArray[np.generic], bits: int) -> bytes:
    return bytes(
        RLELosslessEncoder.encode(
            pixels,
            rows=pixels.shape[0],
            columns=pixels.shape[1],
            samples_per_pixel=3 if pixels.ndim == 3 else 1,
            bits_allocated=8 * pixels.dtype.itemsize,
            bits_stored=bits,
            pixel_representation=int(pixels.dtype.kind == "i"),
            photometric_interpretation="RGB" if pixels.ndim == 3 else "MONOCHROME2",
            number_of_frames=1,
            planar_configuration=0,
        )
    )


def native(pixels: NDArray[np.generic], bits: int) -> bytes:
    return pixels.tobytes()


DEPTHS = [(8, False), (10, False), (12, False), (12, True), (16, False), (16, True)]
ENCODERS: list[tuple[str, Encoder]] = [
    (LITTLE, native),
    (RLE, rle),
    (JPEG_LS, jpeg_ls),
    (JPEG_2000, jpeg_2000),
    (HTJ2K, htj2k),
    (JPEG_LOSSLESS, lossless_jpeg),
]


def roundtrip(syntax: str, coded: bytes, image: ImagePixel) -> NDArray[np.generic]:
    known = syntax_of(syntax, allow_deflated=False)
    decoded = decode_samples(coded, image, known)
    return shown_pixels(decoded, image, not known.is_encapsulated, Dataset())


@pytest.mark.parametrize(("bits", "signed"), DEPTHS)
@pytest.mark.parametrize(("syntax", "encoder"), ENCODERS, ids=[encoder.__name__ for _, encoder in ENCODERS])
def test_grey_of_every_depth_comes_back_bit_for_bit(syntax: str, encoder: Encoder, bits: int, signed: bool) -> None:
    pixels = noise(bits, signed)
    shown = roundtrip(syntax, encoder(pixels, bits), image_of(pixels, bits))
    assert shown.dtype == pixels.dtype
    np.testing.assert_array_equal(shown, pixels)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("syntax", "encoder"), ENCODERS[:5], ids=[encoder.__name__ for _, encoder in ENCODERS[:5]])
def test_colour_comes_back_bit_for_bit(syntax: str, encoder: Encoder, bits: int) -> None:
    pixels = noise(bits, signed=False, colour=True)
    shown = roundtrip(syntax, encoder(pixels, bits), image_of(pixels, bits))
    np.testing.assert_array_equal(shown, pixels)


def test_reversible_colour_transform_is_undone() -> None:
    pixels = noise(8, signed=False, colour=True)
    for syntax, coded in (
        (JPEG_2000, bytes(imagecodecs.jpeg2k_encode(pixels, reversible=True, codecformat="j2k", mct=True))),
        (HTJ2K, htj2k(pixels, 8)),
    ):
        np.testing.assert_array_equal(roundtrip(syntax, coded, image_of(pixels, 8, "YBR_RCT")), pixels)


def test_planes_are_woven() -> None:
    pixels = noise(8, signed=False, colour=True)
    coded = pixels.transpose(2, 0, 1).tobytes()
    np.testing.assert_array_equal(roundtrip(LITTLE, coded, image_of(pixels, 8, planar_configuration=1)), pixels)


def test_jpeg_colour_is_converted_only_where_it_is_ycbcr() -> None:
    flat = np.full((16, 16, 3), (200, 30, 90), np.uint8)
    plain = imagecodecs.jpeg8_encode(flat, colorspace="RGB", outcolorspace="RGB", level=100)
    ycbcr = imagecodecs.jpeg8_encode(flat, colorspace="RGB", outcolorspace="YCbCr", level=100)
    for coded, photometric in ((plain, "RGB"), (ycbcr, "YBR_FULL_422"), (ycbcr, "RGB")):
        shown = roundtrip(JPEG_BASELINE, bytes(coded), image_of(flat, 8, photometric))
        assert np.abs(shown.astype(int) - flat).max() <= 2, photometric


@pytest.mark.parametrize(("syntax", "encoder"), ENCODERS, ids=[encoder.__name__ for _, encoder in ENCODERS])
def test_a_frame_of_another_size_is_refused(syntax: str, encoder: Encoder) -> None:
    pixels = noise(8, signed=False)
    with pytest.raises(Refused, match=r"frame"):
        decode_samples(encoder(pixels, 8), image_of(pixels, 8, rows=32), syntax_of(syntax, allow_deflated=False))


SAID_OF_RUBBISH: dict[str, tuple[type[Exception], str]] = {  # the child answers a codec's own error as bad_dicom
    "rle": (Refused, "the RLE frame does not have 1 segments"),
    "jpeg_ls": (imagecodecs.JpeglsError, "too small|Invalid JPEG-LS stream"),
    "jpeg_2000": (imagecodecs.Jpeg2kError, "not a J2K or JP2 data stream|opj_read_header failed"),
    "htj2k": (imagecodecs.Htj2kError, "OpenJPH error"),
    "lossless_jpeg": (imagecodecs.Jpegsof3Error, "JPEG signature|segment larger than image"),
}


@pytest.mark.parametrize(("syntax", "encoder"), ENCODERS[1:], ids=[encoder.__name__ for _, encoder in ENCODERS[1:]])
def test_rubbish_is_refused_or_an_error_of_its_codec(syntax: str, encoder: Encoder) -> None:
    pixels = noise(8, signed=False)
    error, words = SAID_OF_RUBBISH[encoder.__name__]
    for coded in (b"", b"rubbish" * 20, encoder(pixels, 8)[:60]):
        with pytest.raises(error, match=words) as caught:
            decode_samples(coded, image_of(pixels, 8), syntax_of(syntax, allow_deflated=False))
        assert getattr(caught.value, "reason", RejectReason.BAD_DICOM) is RejectReason.BAD_DICOM


def test_samples_of_more_than_16_bits_are_refused() -> None:
    pixels = noise(16, signed=False)
    coded = bytes(imagecodecs.jpeg2k_encode(pixels.astype(np.uint32), reversible=True, codecformat="j2k"))
    with pytest.raises(Refused, match="8 or 16 bits"):
        decode_samples(coded, image_of(pixels, 16), syntax_of(JPEG_2000, allow_deflated=False))


def test_a_native_frame_cut_short_is_refused() -> None:
    pixels = ramp()[0]
    with pytest.raises(Refused, match="2,239 bytes, 2,240 are needed"):
        decode_samples(pixels.tobytes()[:-1], image_of(pixels, 8), syntax_of(LITTLE, allow_deflated=False))
