"""What the decoding child and its parent say to each other over two pipes.

A request is a length and JSON. A reply is a kind, a header of JSON and a payload, with their lengths. Both requests
name the file, and `frame` the frame too, so that a new child can go on where a killed one stopped:

    describe path          -> DESCRIBED summary | REFUSED
    frame    path, index   -> [ORIGINAL coded bytes] then FRAME geometry, pixels | REFUSED

ORIGINAL comes before decoding is tried, so that the bytes of a frame that kills its decoder are not lost.
The parent trusts no length it reads.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum

from huizhen.producers.source import Description, Geometry
from huizhen.schemas.errors import BadInput, Refused, TooLarge
from huizhen.schemas.htj2k import PIXELS_MAX
from huizhen.schemas.reasons import RejectReason

HEADER_MAX = 4 << 20  # a vector of 100,000 frame times is 2 MB of JSON
PAYLOAD_MAX = 2 * PIXELS_MAX
REQUEST = struct.Struct("<I")
REPLY = struct.Struct("<BIQ")


class Kind(IntEnum):
    """What a reply is."""

    DESCRIBED = 1
    ORIGINAL = 2
    FRAME = 3
    REFUSED = 4


@dataclass(frozen=True, slots=True)
class Request:
    """Describe a file, or give one of its frames."""

    path: str
    index: int = -1
    """Frame wanted, from 0; -1 describes the file"""
    allow_deflated: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What the parent needs of a file to replay it."""

    description: Description
    series_instance_uid: str
    instance_number: int
    frames: int
    offsets_ns: tuple[int, ...]
    """The file's own pace; empty where it says nothing"""
    pass_ns: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file or frame is not replayed."""

    reason: RejectReason
    message: str


def refusal_for(error: BadInput) -> Refusal:
    """Put an error of ours into words for the wire."""
    return Refusal(error.reason, error.what if isinstance(error, Refused) else str(error))


def dump(value: Summary | Geometry | Refusal | Request) -> bytes:
    """Write a value as JSON."""
    return json.dumps(asdict(value)).encode()


def load_request(text: bytes) -> Request:
    """Read a request; the parent is trusted."""
    return Request(**json.loads(text))


def reply_sizes(head: bytes) -> tuple[Kind, int, int]:
    """Read the head of a reply: kind, header and payload bytes; BadInput above the limits."""
    kind, header, payload = REPLY.unpack(head)
    if header > HEADER_MAX:
        raise TooLarge("header of a decoded frame", header, HEADER_MAX, "HEADER_MAX")
    if payload > PAYLOAD_MAX:
        raise TooLarge("payload of a decoded frame", payload, PAYLOAD_MAX, "PAYLOAD_MAX")
    try:
        return Kind(kind), header, payload
    except ValueError:
        raise nonsense() from None


def nonsense() -> Refused:
    """Make the error for a child that says what no healthy one says."""
    return Refused(RejectReason.BAD_DICOM, "the decoding process answered nonsense")
