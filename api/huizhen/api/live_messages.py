"""What passes over a live socket besides frames: text messages, checked when they come in."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from huizhen.api.resolution import Resolution

SUBPROTOCOL = "huizhen.live.v1"
MESSAGE_MAX_BYTES = 64 << 10
NOT_SIGNED_IN, REFUSED, UNKNOWN, TOO_MANY = 4401, 4403, 4404, 4429
TRY_AGAIN, BAD_MESSAGE, TOO_SLOW, FAILED = 1013, 1007, 1008, 1011
"""Close codes: RFC 6455 section 7.4, and our own from 4000 on, named after the HTTP status they mean"""


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Join(_Message):
    """The first message: who, which source, how large."""

    type: Literal["join"]
    ticket: str = Field(max_length=200)
    source: str = Field("", max_length=64)
    """Empty: the session's first"""
    resolution: Resolution = Resolution.AUTO


class SetResolution(_Message):
    """From now on this resolution."""

    type: Literal["resolution"]
    value: Resolution


class Painted(_Message):
    """This frame, and all sent before it, is on the screen."""

    type: Literal["painted"]
    number: int
    revision: int


class AskFrame(_Message):
    """This frame once more and in full, though newer ones came: it is held still."""

    type: Literal["frame"]
    number: int


Said = Join | SetResolution | Painted | AskFrame
ADAPTER: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="type")])


class SocketProblem(Exception):
    """Ends a socket: close code, a title and a detail for its reader."""

    def __init__(self, code: int, title: str, detail: str = "") -> None:
        super().__init__(title)
        self.code = code
        self.title = title
        self.detail = detail


def read_message(text: str) -> Said:
    """Read a client's message; raises SocketProblem."""
    try:
        return ADAPTER.validate_json(text)
    except ValidationError as error:
        raise SocketProblem(BAD_MESSAGE, "A message is not understood", "join, resolution, painted or frame") from error


class Pace:
    """Counts messages per second."""

    def __init__(self, per_second: int) -> None:
        self._limit = per_second
        self._second = 0
        self._count = 0

    def exceeded(self, now_s: float) -> bool:
        """Count a message; say whether it is one too many."""
        if int(now_s) != self._second:
            self._second, self._count = int(now_s), 0
        self._count += 1
        return self._count > self._limit
