"""What a command asks of this station; the station decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from huizhen.producers.journal_state import SourceState
from huizhen.schemas.events import Command, StoredSource
from huizhen.schemas.ids import SourceId, StationId

RESEND_MAX = 100_000  # frames one command may ask for: an hour at 30 a second


class Phase(StrEnum):
    """Where a session stands at the station."""

    OPEN = "open"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Resend:
    """Send frames again, whole, from the journal."""

    session: str
    source: SourceId
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """Make the next frame a key frame, of one source or of all (source empty)."""

    session: str
    source: str


@dataclass(frozen=True, slots=True)
class Behind:
    """The cloud is behind with the session: send fewer frames live."""

    session: str


@dataclass(frozen=True, slots=True)
class Wipe:
    """The archive has the session: its journal may go, where it is the one the archive tells of."""

    session: str
    sources: tuple[StoredSource, ...] = ()

    def disagrees(self, journal: Mapping[str, SourceState]) -> str:
        """Name the source whose journal is not what the archive has; empty where all agree and the journal may go."""
        told = {each.source: (each.frames, each.journal_digest) for each in self.sources}
        for name, state in journal.items():
            if state.next_number and told.get(name) != (state.next_number, state.digest.hex()):
                return name
        return ""


Order = Resend | KeyFrame | Behind | Wipe


def order_of(command: Command, station: StationId, sessions: Mapping[str, Phase], is_history: bool) -> Order | str:
    """Turn a command into what is to be done, or into the reason why nothing is.

    `is_history`: it stood in the topic before this process began to read: only the archive's word still counts then.
    A journal is wiped only where Kafka has its seal, so that a word about an earlier run of the same id cannot take the
    frames of this one.
    """
    if command.station != station:
        return "another station"
    phase = sessions.get(command.session)
    if phase is None:
        return "unknown session"
    match command.kind:
        case "session_stored":
            return Wipe(command.session, tuple(command.sources)) if phase is Phase.SEALED else "not sealed yet"
        case "resend" | "key_frame" | "behind" if is_history:
            return "of an earlier run"
        case "resend":
            return _resend(command)
        case "key_frame":
            return KeyFrame(command.session, command.source)
        case "behind":
            return Behind(command.session)
    return f"kind {command.kind} is not for this station"


def _resend(command: Command) -> Resend | str:
    if not 0 <= command.first <= command.last:
        return "numbers run backwards"
    last = min(command.last, command.first + RESEND_MAX - 1)
    return Resend(command.session, SourceId(command.source), command.first, last)
