"""Choose the SOP class the archive writes for a source (PS3.4 annex B), from what its pixels are.

A class is kept only where the pixels fit what its IOD allows; everything else becomes the Secondary Capture class made
for such pixels. Multi-frame Secondary Capture knows neither MONOCHROME1 nor signed samples: those stay single images.
"""

from huizhen.schemas.geometry import PixelFormat

_STORAGE = "1.2.840.10008.5.1.4.1.1."
CR_IMAGE = _STORAGE + "1"
CT_IMAGE = _STORAGE + "2"
US_MULTI_FRAME = _STORAGE + "3.1"
MR_IMAGE = _STORAGE + "4"
US_IMAGE = _STORAGE + "6.1"
SECONDARY_CAPTURE = _STORAGE + "7"
MULTI_FRAME_GREY_BYTE = _STORAGE + "7.2"
MULTI_FRAME_GREY_WORD = _STORAGE + "7.3"
MULTI_FRAME_TRUE_COLOUR = _STORAGE + "7.4"
XA_IMAGE = _STORAGE + "12.1"


def secondary_capture_class(pixels: PixelFormat, photometric_interpretation: str) -> str:
    """Give the Secondary Capture class for pixels of any origin (PS3.3 A.8)."""
    if pixels.is_signed or photometric_interpretation == "MONOCHROME1":
        return SECONDARY_CAPTURE
    if pixels.samples_per_pixel == 3:
        return MULTI_FRAME_TRUE_COLOUR if pixels.bits_stored == 8 else SECONDARY_CAPTURE
    return MULTI_FRAME_GREY_BYTE if pixels.bits_stored == 8 else MULTI_FRAME_GREY_WORD


def archive_sop_class(own: str, pixels: PixelFormat, photometric_interpretation: str) -> str:
    """Give the class for a source whose own data set is of class `own` (empty where there is none)."""
    grey = pixels.samples_per_pixel == 1
    wide = grey and pixels.bits_allocated == 16
    plain = photometric_interpretation in ("MONOCHROME2", "RGB") and not pixels.is_signed
    kept = {
        US_IMAGE: (plain and pixels.bits_stored == 8, US_MULTI_FRAME),
        US_MULTI_FRAME: (plain and pixels.bits_stored == 8, US_MULTI_FRAME),
        XA_IMAGE: (plain and grey and pixels.bits_stored in (8, 10, 12, 16), XA_IMAGE),
        CT_IMAGE: (wide and pixels.bits_stored >= 12, CT_IMAGE),
        MR_IMAGE: (wide, MR_IMAGE),
        CR_IMAGE: (grey and not pixels.is_signed, CR_IMAGE),
    }
    fits, chosen = kept.get(own, (False, ""))
    return chosen if fits else secondary_capture_class(pixels, photometric_interpretation)
