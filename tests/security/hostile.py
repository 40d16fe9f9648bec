"""Hostile DICOM files, made when wanted: what attackers of other archives sent, each with what must become of it.

S1 bombs (deflate, RLE, JPEG, JPEG-LS, JPEG 2000), S2 lying lengths and sizes, S3 nesting, long sequences, private tags,
character sets, S4 paths in UIDs and AE titles, S5 executable preambles.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np

from huizhen.schemas.reasons import RejectReason
from tests.unit.producers import dicom_files as files

ROWS, COLUMNS = 40, 56
PREAMBLE = 128
META_AT = PREAMBLE + 12  # value of FileMetaInformationGroupLength
PATH = "../../../etc/passwd"
UNDEFINED, NOTHING = b"\xff" * 4, bytes(4)
SEQUENCE = b"\x08\x00\x18\x22SQ\0\0" + UNDEFINED  # AnatomicRegionSequence
ITEM, ITEM_END = b"\xfe\xff\x00\xe0" + UNDEFINED, b"\xfe\xff\x0d\xe0" + NOTHING
SEQUENCE_END = b"\xfe\xff\xdd\xe0" + NOTHING
HARMLESS = "harmless"
BAD, LARGE, POLICY = (each.value for each in (RejectReason.BAD_DICOM, RejectReason.TOO_LARGE, RejectReason.POLICY))


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file, and what may become of it: the reasons of a refusal, HARMLESS where it is read as what it is."""

    name: str
    content: bytes
    outcomes: frozenset[str]
    allow_deflated: bool = False


def corpus(folder: Path) -> Iterator[Hostile]:
    """Give all hostile files; `folder` is for scratch."""
    for made in (_bombs, _lies, _structures, _names):
        for name, content, reasons, *deflated in made(folder / "made.dcm"):
            yield Hostile(name, content, frozenset(reasons), bool(deflated))


Made = Iterator[tuple[str, bytes, set[str]] | tuple[str, bytes, set[str], bool]]


def _plain(path: Path, **attributes: object) -> bytes:
    return files.write(path, files.dataset(files.ramp(ROWS, COLUMNS), **attributes)).read_bytes()


def _coded(path: Path, syntax: str, frame: bytes, **attributes: object) -> bytes:
    data = files.dataset(files.ramp(ROWS, COLUMNS), **attributes)
    return files.write(path, data, syntax, [frame]).read_bytes()


def _bombs(path: Path) -> Made:
    meta = _meta(files.write(path, files.dataset(files.ramp()), files.DEFLATED).read_bytes())
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = meta + b"".join(deflater.compress(bytes(1 << 20)) for _ in range(100)) + deflater.flush()
    yield "deflate bomb of 100 MB", bomb, {LARGE}, True
    yield "deflate bomb where deflated files are not allowed", bomb, {POLICY}
    run = b"\x81\x00"  # one byte, 128 times
    header = struct.pack("<16L", 1, 64, *[0] * 14)
    yield "RLE bomb of 128 MB", _coded(path, files.RLE, header + run * (1 << 20)), {BAD, LARGE}
    yield "RLE of 15 segments", _coded(path, files.RLE, struct.pack("<16L", 15, *[64] * 15) + run * 20), {BAD}
    tall = np.zeros((16, 16), np.uint8)
    for name, syntax, frame, marker in (
        ("JPEG", files.JPEG_BASELINE, imagecodecs.jpeg8_encode(tall), b"\xff\xc0"),
        ("JPEG-LS", files.JPEG_LS, imagecodecs.jpegls_encode(tall), b"\xff\xf7"),
        ("lossless JPEG", files.JPEG_LOSSLESS, imagecodecs.ljpeg_encode(tall), b"\xff\xc3"),
    ):
        at = bytes(frame).index(marker) + 5
        yield (
            f"{name} bomb of 65,500 x 65,500",
            _coded(path, syntax, _patched(frame, at, ">HH", 65_500, 65_500)),
            {BAD, LARGE},
        )
    frame = imagecodecs.jpeg2k_encode(tall, codecformat="j2k", level=0, reversible=True)
    at = bytes(frame).index(b"\xff\x51") + 6
    yield (
        "JPEG 2000 bomb of 65,500 x 65,500",
        _coded(path, files.JPEG_2000, _patched(frame, at, ">LL", 65_500, 65_500)),
        {BAD, LARGE},
    )


def _lies(path: Path) -> Made:
    whole = _plain(path)
    size = (ROWS * COLUMNS).to_bytes(4, "little")
    at = whole.rindex(size)
    yield "4 GB of pixels declared, 10 bytes there", whole[:at] + b"\xfe\xff\xff\xff" + whole[at + 4 : at + 14], {BAD}
    yield "pixels of undefined length in a native file", whole[:at] + b"\xff" * 4 + whole[at + 4 :], {BAD}
    yield "half of the pixels", whole[: -ROWS * COLUMNS // 2], {BAD}
    name = whole.index(b"PN\x08\x00Doe^Jane") + 2
    yield "a name longer than the file", whole[:name] + b"\xff\xff" + whole[name + 2 :], {BAD}
    yield (
        "a wrong length of the file meta, which nobody uses",
        _patched(whole, PREAMBLE + 12, "<L", 0xFFFFFF00),
        {HARMLESS},
    )
    yield "65,535 x 65,535 pixels", _plain(path, Rows=65_535, Columns=65_535), {LARGE, BAD}
    yield "no rows", _plain(path, Rows=0), {BAD}
    yield "two thousand million frames", _plain(path, NumberOfFrames="2000000000"), {LARGE, BAD}
    yield "minus one frame", _plain(path, NumberOfFrames="-1"), {BAD}
    yield "samples of 32 bits", _plain(path, BitsAllocated=32, BitsStored=32, HighBit=31), {POLICY, BAD}
    yield "12 bits in 8", _plain(path, BitsStored=12, HighBit=11), {BAD}
    coded = _coded(path, files.JPEG_LS, bytes(imagecodecs.jpegls_encode(files.ramp(ROWS, COLUMNS)[0])))
    item = coded.rindex(b"\xfe\xff\x00\xe0") + 4
    yield "a fragment of 4 GB", _patched(coded, item, "<L", 0xFFFFFFF0), {BAD}
    yield (
        "an offset table of 4 GB",
        _patched(coded, coded.index(b"\xfe\xff\x00\xe0") + 4, "<L", 0xFFFFFFF0),
        {BAD, LARGE},
    )


def _structures(path: Path) -> Made:
    whole = _plain(path)
    at = whole.index(b"\x10\x00\x10\x00PN")
    for depth in (17, 300, 3_000):
        nest = (SEQUENCE + ITEM) * depth + (ITEM_END + SEQUENCE_END) * depth
        yield f"sequences {depth} deep", whole[:at] + nest + whole[at:], {LARGE, BAD}
    yield "sequences without an end", whole[:at] + (SEQUENCE + ITEM) * 200 + whole[at:], {LARGE, BAD}
    # either is well: pydicom reads it, or takes more processor time than a file is given
    items = SEQUENCE + (ITEM + ITEM_END) * 20_000 + SEQUENCE_END
    yield "a sequence of 20,000 items", whole[:at] + items + whole[at:], {BAD, HARMLESS}
    data = files.dataset(files.ramp(ROWS, COLUMNS))
    for group in range(0x0011, 0x00F1, 2):
        data.add_new((group, 0x1001), "UN", bytes(range(256)) * 40)
    yield "private tags without a creator, and large", files.write(path, data).read_bytes(), {HARMLESS}
    for charset in (b"ISO_IR 999", b"\\\\NONSENSE", b"\x1b\xff\x00ISO_IR"):
        content = _plain(path, SpecificCharacterSet="ISO_IR 100").replace(b"ISO_IR 100", charset)
        yield f"character set {charset!r}", content.replace(b"Doe^Jane", b"\x1b$B\xff\xfe^\x1b("), {BAD, HARMLESS}


def _names(path: Path) -> Made:
    data = files.dataset(files.ramp(ROWS, COLUMNS), StationName=PATH[:16], AccessionNumber=PATH[:16])
    yield "paths in names", files.write(path, data).read_bytes(), {HARMLESS}
    whole = _plain(path)
    for keyword, uid in (("Study", b"1.2.3\0"), ("Series", b"1.2.3.4\0"), ("SOP", b"1.2.3.4.5\0")):
        hostile = (b"../" * len(uid))[: len(uid)]
        at = whole.rindex(b"UI" + struct.pack("<H", len(uid)) + uid) + 4
        yield f"a path as {keyword}InstanceUID", whole[:at] + hostile + whole[at + len(uid) :], {HARMLESS}
    for kind, start in (("Windows", b"MZ\x90\x00"), ("Linux", b"\x7fELF\x02\x01")):
        yield f"a preamble that is a {kind} program", start + whole[len(start) :], {HARMLESS}


def _meta(content: bytes) -> bytes:
    """Give preamble and file meta information."""
    return content[: PREAMBLE + 4 + 12 + int.from_bytes(content[PREAMBLE + 12 : PREAMBLE + 16], "little")]


def _patched(content: bytes | bytearray, at: int, layout: str, *values: int) -> bytes:
    out = bytearray(content)
    struct.pack_into(layout, out, at, *values)
    return bytes(out)
