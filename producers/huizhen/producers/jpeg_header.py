"""Read what a JPEG stream says about its colour: JFIF mark and component ids (ISO 10918-1 B.2.2, ISO 10918-5)."""

import struct
from dataclasses import dataclass

FRAME_MARKERS = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
APP0 = 0xE0
RGB_IDS = (b"RGB", b"rgb")


@dataclass(frozen=True, slots=True)
class JpegColour:
    """Colour marks of a stream."""

    is_jfif: bool
    component_ids: bytes

    def is_rgb(self, photometric_interpretation: str) -> bool:
        """Say whether the three components are red, green and blue as they stand.

        Component ids R, G, B decide; a JFIF mark means YCbCr whatever the data set says; else the data set decides.
        """
        if self.component_ids in RGB_IDS:
            return True
        return photometric_interpretation == "RGB" and not self.is_jfif


def read_jpeg_colour(stream: bytes) -> JpegColour:
    """Read the segments up to the frame header; what is not JPEG gives no marks, and the decoder will complain."""
    is_jfif, at = False, 2
    while at + 4 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        length: int = struct.unpack_from(">H", stream, at + 2)[0]
        body = stream[at + 4 : at + 2 + length]
        if marker in FRAME_MARKERS:
            return JpegColour(is_jfif, body[6::3])
        is_jfif = is_jfif or (marker == APP0 and body.startswith(b"JFIF"))
        at += 2 + length
    return JpegColour(is_jfif, b"")
