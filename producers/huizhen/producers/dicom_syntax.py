"""The DICOM transfer syntaxes we replay (PS3.5 section 8 and annex A): how each is read, and what it lost."""

from dataclasses import dataclass
from enum import StrEnum

from huizhen.schemas.errors import Refused, shown
from huizhen.schemas.reasons import RejectReason


class Codec(StrEnum):
    """How the pixels of a frame are coded."""

    NATIVE = "native"
    RLE = "rle"
    JPEG = "jpeg"
    JPEG_LOSSLESS = "jpeg-lossless"
    JPEG_LS = "jpeg-ls"
    JPEG_2000 = "jpeg-2000"
    HTJ2K = "htj2k"


@dataclass(frozen=True, slots=True)
class Syntax:
    """One transfer syntax."""

    uid: str
    codec: Codec
    is_implicit: bool = False
    is_little_endian: bool = True
    is_deflated: bool = False
    lossy_method: str = ""
    """LossyImageCompressionMethod (PS3.3 C.7.6.1.1.5.1) of its pixels; empty where nothing is lost"""

    @property
    def is_encapsulated(self) -> bool:
        """Say whether frames lie in fragments."""
        return self.codec is not Codec.NATIVE


UID_MAX = 64  # PS3.5 9.1
_ROOT = "1.2.840.10008.1.2"
_ALL = (
    Syntax(_ROOT, Codec.NATIVE, is_implicit=True),
    Syntax(_ROOT + ".1", Codec.NATIVE),
    Syntax(_ROOT + ".1.99", Codec.NATIVE, is_deflated=True),
    Syntax(_ROOT + ".2", Codec.NATIVE, is_little_endian=False),
    Syntax(_ROOT + ".5", Codec.RLE),
    Syntax(_ROOT + ".4.50", Codec.JPEG, lossy_method="ISO_10918_1"),
    Syntax(_ROOT + ".4.51", Codec.JPEG, lossy_method="ISO_10918_1"),
    Syntax(_ROOT + ".4.57", Codec.JPEG_LOSSLESS),
    Syntax(_ROOT + ".4.70", Codec.JPEG_LOSSLESS),
    Syntax(_ROOT + ".4.80", Codec.JPEG_LS),
    Syntax(_ROOT + ".4.81", Codec.JPEG_LS, lossy_method="ISO_14495_1"),
    Syntax(_ROOT + ".4.90", Codec.JPEG_2000),
    # .91 and .203 may hold either; without a word of the data set the careful reading is: lossy
    Syntax(_ROOT + ".4.91", Codec.JPEG_2000, lossy_method="ISO_15444_1"),
    Syntax(_ROOT + ".4.201", Codec.HTJ2K),
    Syntax(_ROOT + ".4.202", Codec.HTJ2K),
    Syntax(_ROOT + ".4.203", Codec.HTJ2K, lossy_method="ISO_15444_15"),
)
_BY_UID = {syntax.uid: syntax for syntax in _ALL}


def _named(uid: str) -> str:
    """Name a transfer syntax in a message, which leaves the station: a damaged file may hold any text in its place."""
    is_uid = len(uid) <= UID_MAX and set(uid) <= set("0123456789.")
    return shown(uid) if is_uid else "that is no UID"


def syntax_of(uid: str, allow_deflated: bool) -> Syntax:
    """Look up a transfer syntax; Refused(policy) for one we do not replay."""
    syntax = _BY_UID.get(uid)
    if syntax is None:
        raise Refused(RejectReason.POLICY, f"transfer syntax {_named(uid)} is not replayed")
    if syntax.is_deflated and not allow_deflated:
        raise Refused(
            RejectReason.POLICY, "the data set is deflated: allow it with allow_deflated if you trust the file"
        )
    return syntax
