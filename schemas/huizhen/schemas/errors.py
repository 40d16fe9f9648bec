"""The error tree.

HuizhenError
├── BadInput      the peer's fault: the original bytes go to `rejected` with `reason`
│   ├── BadId
│   ├── BadEnvelope
│   ├── BadCodestream
│   ├── ChecksumMismatch
│   ├── TooLarge
│   ├── BadProfile
│   └── Refused       any other reason of `RejectReason`
├── Unavailable   the world's fault: wait `retry_after_s` and try again
└── Bug           ours: crash loudly
    └── Stuck         a part that the broker answers and that moves nothing: a restart mends it

Leaves carry data; the message is made from it and names the thing, the limit and the way out.
"""

from dataclasses import dataclass

from huizhen.schemas.reasons import RejectReason

TEXT_SHOWN = 60  # characters of a peer's text that may enter a message


def shown(text: str) -> str:
    """Shorten and escape a peer's text for a message, so that it cannot forge log lines."""
    cut = text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN] + "…"
    return ascii(cut)


class HuizhenError(Exception):
    """Base of all errors of this project; never raised itself."""


class BadInput(HuizhenError):
    """The bytes or values somebody gave us are wrong."""

    reason: RejectReason


@dataclass(eq=False)
class BadId(BadInput):
    """An id that breaks its rule."""

    kind: str
    text: str
    rule: str
    reason = RejectReason.BAD_ENVELOPE

    def __str__(self) -> str:
        return f"{shown(self.text)} is no {self.kind}: it must be {self.rule}"


@dataclass(eq=False)
class BadEnvelope(BadInput):
    """A record whose headers or framing are not ours."""

    what: str
    reason = RejectReason.BAD_ENVELOPE

    def __str__(self) -> str:
        return f"bad envelope: {self.what}"


@dataclass(eq=False)
class BadCodestream(BadInput):
    """Bytes that are no JPEG 2000 codestream of the kind we accept."""

    what: str
    offset: int = 0
    reason = RejectReason.BAD_CODESTREAM

    def __str__(self) -> str:
        return f"bad codestream at byte {self.offset}: {self.what}"


@dataclass(eq=False)
class ChecksumMismatch(BadInput):
    """Bytes that are not the ones their digest names."""

    thing: str
    expected: str
    actual: str
    reason = RejectReason.BAD_CHECKSUM

    def __str__(self) -> str:
        return f"{self.thing}: SHA-256 is {self.actual[:16]}…, its sender says {self.expected[:16]}…"


@dataclass(eq=False)
class TooLarge(BadInput):
    """Something above a named limit."""

    thing: str
    size: int
    limit: int
    limit_name: str
    reason = RejectReason.TOO_LARGE

    def __str__(self) -> str:
        return f"{self.thing} is {self.size:,}, limit {self.limit:,} ({self.limit_name})"


@dataclass(eq=False)
class BadProfile(BadInput):
    """A profile that is wrong in itself, or does not fit the frames it is used for."""

    profile: str
    field: str
    value: str
    rule: str
    reason = RejectReason.POLICY

    def __str__(self) -> str:
        return f"profile {shown(self.profile)}: {self.field} is {shown(self.value)}, it must be {self.rule}"


@dataclass(eq=False)
class Refused(BadInput):
    """Well-formed input that a rule refuses."""

    reason: RejectReason
    what: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.what}"


@dataclass(eq=False)
class Unavailable(HuizhenError):
    """A server, disk or link does not serve now."""

    thing: str
    retry_after_s: float = 1.0

    def __str__(self) -> str:
        return f"{self.thing} is not available; trying again in {self.retry_after_s:g} s"


class Bug(HuizhenError):
    """A promise of our own code is broken."""


class Stuck(Bug):
    """The broker answers, records wait, and nothing moves: the part leaves, and is started again."""
