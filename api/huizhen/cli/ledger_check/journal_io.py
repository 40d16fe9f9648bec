"""The checker's own reading of a station's journal: the heads of its records alone, from their documented layout."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from huizhen.cli.ledger_check.history import Captured, Session
from huizhen.cli.problem import Problem

HEAD = struct.Struct(">4sBBHIQQQII32s32sI")
MAGIC = b"HZJ\x01"
FRAME, FAILED = 2, 3


def read_journals(folder: Path, tenant: str, sessions: dict[tuple[str, str], Session]) -> None:
    """Read the journals below `folder`, one folder a session, into `sessions`; raises Problem, OSError."""
    if not folder.is_dir():
        raise Problem(f"there is no folder {folder}", way_out="--journal wants the folder that holds the journals")
    for path in sorted(folder.glob("*/*.hzj")):
        session = sessions.setdefault((tenant, path.parent.name), Session(tenant, path.parent.name))
        for name, number, captured in frames_of(path.read_bytes()):
            source = session.source(name)
            source.has_journal = True
            source.captured[number] = captured


def frames_of(data: bytes) -> Iterator[tuple[str, int, Captured]]:
    """Give source, number and digests of each frame whose record stands whole; damage is passed over."""
    at = data.find(MAGIC)
    while at >= 0:
        end = at + 1
        if at + HEAD.size <= len(data):
            _, kind, length, _, _, number, _, _, size, crc, frame, pixel, head_crc = HEAD.unpack_from(data, at)
            source = data[at + HEAD.size : at + HEAD.size + length]
            begin = at + HEAD.size + length
            payload = data[begin : begin + size]
            whole = zlib.crc32(source, zlib.crc32(data[at : at + HEAD.size - 4])) == head_crc
            if whole and len(payload) == size and zlib.crc32(payload) == crc:
                end = begin + size
                if kind in (FRAME, FAILED):
                    yield source.decode("ascii", "replace"), number, Captured(frame.hex(), pixel.hex(), kind == FRAME)
        at = data.find(MAGIC, end)
