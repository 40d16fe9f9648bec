"""Turn decoded samples into what we stream: grey of the stored depth, or RGB.

YBR and palette are converted by pydicom, so that pixels agree with everybody else's.
"""

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, convert_color_space

from huizhen.producers.dicom_codecs import Decoded
from huizhen.producers.dicom_image import ImagePixel
from huizhen.producers.dicom_values import bad_dicom


def stored_values(decoded: Decoded, image: ImagePixel, is_native: bool) -> NDArray[np.generic]:
    """Give the stored values with their sign, in the container of the stored depth.

    Native pixels may carry foreign bits (old overlays) beside the stored ones: they are cut off. A codec's values must
    fit; signed ones that the codec took for unsigned get their sign back at the codec's precision. One copy is made at
    most: the largest frames fill half of what the process may have.
    """
    samples = decoded.samples.view(f"u{decoded.samples.dtype.itemsize}")
    precision = image.bits_stored if is_native else decoded.precision
    if not 2 <= precision <= 16:
        raise bad_dicom(f"the coded frame has {precision} bits, 2 to 16 are accepted")
    if samples.dtype == np.uint8 and precision == 8 and not image.is_signed:
        return samples if image.bits_stored == 8 else samples.astype(np.uint16)
    above = 16 - precision - (image.high_bit + 1 - image.bits_stored if is_native else 0)
    values = samples.astype(np.uint16)
    values <<= np.uint16(above)  # the sign to the highest bit, and foreign bits out
    if image.is_signed:
        signed = values.view(np.int16)
        signed >>= np.int16(16 - precision)
        return _checked(signed, image)
    values >>= np.uint16(16 - precision)
    return _checked(values, image)


def _checked(values: NDArray[np.int16] | NDArray[np.uint16], image: ImagePixel) -> NDArray[np.generic]:
    bits, signed = image.bits_stored, image.is_signed
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    least, most = int(values.min()), int(values.max())
    if least < low or most > high:
        raise bad_dicom(f"samples from {least} to {most} do not fit BitsStored {bits}")
    return values.astype(np.uint8) if bits == 8 and not signed else values


def shown_pixels(decoded: Decoded, image: ImagePixel, is_native: bool, data: Dataset) -> NDArray[np.generic]:
    """Give (rows, columns) of stored values, or (rows, columns, 3) RGB; `data` holds the palette where there is one."""
    values = stored_values(decoded, image, is_native)
    if image.is_palette:
        return _looked_up(values, data)
    if decoded.photometric_interpretation.startswith("YBR_FULL"):
        values = convert_color_space(values, "YBR_FULL", "RGB")
    return np.ascontiguousarray(values)


def _looked_up(indexes: NDArray[np.generic], data: Dataset) -> NDArray[np.uint8]:
    colours: NDArray[np.generic] = apply_color_lut(indexes, data)[..., :3]
    if colours.dtype.itemsize == 1:
        return np.ascontiguousarray(colours, np.uint8)
    return np.ascontiguousarray(colours.astype(np.uint16) >> 8, np.uint8)
