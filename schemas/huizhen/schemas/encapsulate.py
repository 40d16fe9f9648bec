"""The PixelData element of an instance, written frame by frame (PS3.5 section 8 and A.4).

One fragment a frame, behind a Basic Offset Table, padded to even length. pydicom's own writers want all frames in
memory (`encapsulate`) or all open at once (`EncapsulatedBuffer`); only the frame at hand is held here.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import BinaryIO

PIXEL_DATA = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
ITEM = struct.Struct("<HHI")
DELIMITER = ITEM.pack(0xFFFE, 0xE0DD, 0)
OFFSET_MAX = 0xFFFFFFFF  # of a Basic Offset Table; instances are far below by `archive.instance_max_bytes`


def write_pixel_data(out: BinaryIO, sizes: Sequence[int], frames: Iterable[bytes]) -> None:
    """Write the element of frames of these sizes (bytes, unpadded), in order."""
    out.write(PIXEL_DATA)
    out.write(_offset_table(sizes))
    for size, frame in zip(sizes, frames, strict=True):
        if len(frame) != size:
            raise ValueError(f"a frame of {len(frame)} bytes came where {size} were announced")
        out.write(ITEM.pack(0xFFFE, 0xE000, size + size % 2))
        out.write(frame)
        out.write(b"\0" * (size % 2))
    out.write(DELIMITER)


def write_native_header(out: BinaryIO, size: int, bits_allocated: int) -> None:
    """Write the head of a native PixelData element of `size` bytes (Explicit VR Little Endian); pixels follow."""
    vr = b"OW" if bits_allocated > 8 else b"OB"
    out.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, vr, 0, size + size % 2))


def _offset_table(sizes: Sequence[int]) -> bytes:
    offsets, at = [], 0
    for size in sizes:
        offsets.append(at)
        at += ITEM.size + size + size % 2
    if at > OFFSET_MAX:
        raise ValueError(f"{at} bytes of fragments do not fit a Basic Offset Table")
    return ITEM.pack(0xFFFE, 0xE000, 4 * len(offsets)) + struct.pack(f"<{len(offsets)}I", *offsets)
