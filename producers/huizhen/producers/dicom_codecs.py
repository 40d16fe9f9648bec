"""Decode one coded frame of a DICOM file to an array of samples, with imagecodecs; one function per codec.

All give (rows, columns) or (rows, columns, 3), in the colour space `Decoded.photometric_interpretation` names. Sizes
and types are checked against the data set afterwards: the codecs run where memory and time are limited.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.utils import expand_ybr422, get_j2k_parameters

from huizhen.producers.dicom_image import ImagePixel
from huizhen.producers.dicom_syntax import Codec, Syntax
from huizhen.producers.dicom_values import bad_dicom
from huizhen.producers.jpeg_header import read_jpeg_colour

Samples = NDArray[np.generic]
RLE_HEADER_BYTES = 64
_CS = imagecodecs.JPEG8.CS


@dataclass(frozen=True, slots=True)
class Decoded:
    """Samples as the codec gave them."""

    samples: Samples
    photometric_interpretation: str
    precision: int
    """Bits that carry the value; signed values may still lie there as unsigned"""


def decode_samples(coded: bytes, image: ImagePixel, syntax: Syntax) -> Decoded:
    """Decode a frame; Refused(bad_dicom) where it is not of the size and depth the data set says.

    The codecs' own errors come through and mean bad_dicom too.
    """
    decoded = _CODECS[syntax.codec](coded, image, syntax)
    shape = (image.rows, image.columns, 3) if image.samples_per_pixel == 3 else (image.rows, image.columns)
    if decoded.samples.shape != shape:
        raise bad_dicom(f"the coded frame is {decoded.samples.shape}, the data set says {shape}")
    if decoded.samples.dtype.kind not in "iu" or decoded.samples.dtype.itemsize > 2:
        raise bad_dicom(f"the coded frame has samples of {decoded.samples.dtype}, 8 or 16 bits are accepted")
    return decoded


def _native(coded: bytes, image: ImagePixel, syntax: Syntax) -> Decoded:
    if len(coded) != image.native_frame_bytes:
        raise bad_dicom(f"a frame has {len(coded):,} bytes, {image.native_frame_bytes:,} are needed")
    if image.photometric_interpretation == "YBR_FULL_422":
        coded = expand_ybr422(coded, image.bits_allocated)
        return _plain(_shaped(np.frombuffer(coded, np.uint8), image), image, "YBR_FULL")
    order = "<" if syntax.is_little_endian else ">"
    flat = np.frombuffer(coded, np.dtype(f"{order}u{image.bits_allocated // 8}"))
    return _plain(_shaped(flat, image).astype(flat.dtype.newbyteorder("="), copy=False), image)


def _shaped(flat: Samples, image: ImagePixel) -> Samples:
    if image.samples_per_pixel == 1:
        return flat.reshape(image.rows, image.columns)
    if image.planar_configuration == 1:
        return flat.reshape(3, image.rows, image.columns).transpose(1, 2, 0)
    return flat.reshape(image.rows, image.columns, 3)


def _plain(samples: Samples, image: ImagePixel, photometric_interpretation: str = "") -> Decoded:
    return Decoded(samples, photometric_interpretation or image.photometric_interpretation, image.bits_stored)


def _rle(coded: bytes, image: ImagePixel, _syntax: Syntax) -> Decoded:
    segments = image.samples_per_pixel * image.bits_allocated // 8
    if len(coded) < RLE_HEADER_BYTES or struct.unpack_from("<L", coded)[0] != segments:
        raise bad_dicom(f"the RLE frame does not have {segments} segments")
    dtype = np.dtype(f"<u{image.bits_allocated // 8}")
    out = np.frombuffer(imagecodecs.dicomrle_decode(coded, dtype), dtype)
    wanted = image.rows * image.columns * image.samples_per_pixel
    if out.size != wanted:
        raise bad_dicom(f"the RLE frame has {out.size:,} samples, {wanted:,} are needed")
    # segments lie colour by colour
    planes = out.reshape(image.samples_per_pixel, image.rows, image.columns)
    return _plain(planes[0] if image.samples_per_pixel == 1 else planes.transpose(1, 2, 0), image)


def _jpeg(coded: bytes, image: ImagePixel, _syntax: Syntax) -> Decoded:
    if image.samples_per_pixel == 1:
        return _plain(imagecodecs.jpeg8_decode(coded), image)
    rgb = read_jpeg_colour(coded).is_rgb(image.photometric_interpretation)
    samples = imagecodecs.jpeg8_decode(coded, colorspace=_CS.RGB if rgb else _CS.YCbCr, outcolorspace=_CS.RGB)
    return _plain(samples, image, "RGB")


def _jpeg_lossless(coded: bytes, image: ImagePixel, _syntax: Syntax) -> Decoded:
    samples = imagecodecs.jpegsof3_decode(coded)
    rgb = read_jpeg_colour(coded).is_rgb(image.photometric_interpretation)
    return _plain(samples, image, "RGB" if rgb and image.samples_per_pixel == 3 else "")


def _jpeg_ls(coded: bytes, image: ImagePixel, _syntax: Syntax) -> Decoded:
    return _plain(imagecodecs.jpegls_decode(coded), image)


def _jpeg_2000(coded: bytes, image: ImagePixel, _syntax: Syntax) -> Decoded:
    return _wavelet(imagecodecs.jpeg2k_decode(coded, planar=False, numthreads=1), coded, image)


def _htj2k(coded: bytes, image: ImagePixel, _syntax: Syntax) -> Decoded:
    return _wavelet(imagecodecs.htj2k_decode(coded, planar=False), coded, image)


def _wavelet(samples: Samples, coded: bytes, image: ImagePixel) -> Decoded:
    # both decoders undo the stream's own colour transform (RCT, ICT)
    transformed = image.photometric_interpretation in ("YBR_RCT", "YBR_ICT")
    precision = get_j2k_parameters(coded).get("precision", image.bits_stored)
    return Decoded(samples, "RGB" if transformed else image.photometric_interpretation, precision)


_CODECS: dict[Codec, Callable[[bytes, ImagePixel, Syntax], Decoded]] = {
    Codec.NATIVE: _native,
    Codec.RLE: _rle,
    Codec.JPEG: _jpeg,
    Codec.JPEG_LOSSLESS: _jpeg_lossless,
    Codec.JPEG_LS: _jpeg_ls,
    Codec.JPEG_2000: _jpeg_2000,
    Codec.HTJ2K: _htj2k,
}
