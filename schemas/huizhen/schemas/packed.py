"""Headers of a record as bytes, in the layout that Kafka's own record format has for them (message format 2).

Per header: length of the name (zig-zag varint), name in UTF-8, length of the value (-1: null), value. So whatever
headers fit a record fit one header.
"""

from collections.abc import Sequence

from huizhen.schemas.errors import BadEnvelope

RawHeaders = Sequence[tuple[str, bytes | None]]
NULL = -1
VARINT_MAX = 5  # bytes: 32 bits, seven of them each


def pack(headers: RawHeaders) -> bytes:
    """Give the bytes of headers, nothing left out."""
    out = bytearray()
    for name, value in headers:
        encoded = name.encode("utf-8", "surrogateescape")
        out += _varint(len(encoded)) + encoded + _varint(NULL if value is None else len(value)) + (value or b"")
    return bytes(out)


def unpack(data: bytes) -> list[tuple[str, bytes | None]]:
    """Give the headers of bytes; raises BadEnvelope."""
    found: list[tuple[str, bytes | None]] = []
    at = 0
    while at < len(data):
        name, at = _piece(data, at)
        value, at = _piece(data, at)
        if name is None:
            raise BadEnvelope(f"packed header {len(found)} has no name")
        found.append((name.decode("utf-8", "surrogateescape"), value))
    return found


def _varint(number: int) -> bytes:
    left = (number << 1) ^ (number >> 31)
    out = bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def _piece(data: bytes, at: int) -> tuple[bytes | None, int]:
    left = 0
    for place, byte in enumerate(data[at : at + VARINT_MAX]):
        left |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            at += place + 1
            break
    else:
        raise BadEnvelope("a packed header's length does not end")
    size = (left >> 1) ^ -(left & 1)
    if size == NULL:
        return None, at
    if not 0 <= size <= len(data) - at:
        raise BadEnvelope(f"a packed header of {size} bytes does not fit the {len(data) - at} that are left")
    return data[at : at + size], at + size
