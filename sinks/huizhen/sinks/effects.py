"""What the archive's deciding code wants done; the shell does it in order, each once it succeeded."""

from dataclasses import dataclass

from huizhen.schemas.events import Command, LedgerEntry, SealReport
from huizhen.sinks.frames import Ref
from huizhen.sinks.plan import Plan


@dataclass(frozen=True, slots=True)
class StoreInstance:
    """Write an instance and its ledger entries, then forget the frames' bytes on this machine."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class WriteLedger:
    """Write entries of frames without an object."""

    entries: tuple[LedgerEntry, ...]


@dataclass(frozen=True, slots=True)
class WriteSeal:
    """Close a session's ledger: entries of what is missing, the manifest, the word to the station, then the report.

    The report comes last: where it stands, everything before it was done.
    """

    entries: tuple[LedgerEntry, ...]
    manifest: bytes
    report: SealReport
    command: Command | None = None
    """`session_stored`, where the station may wipe its journal"""


@dataclass(frozen=True, slots=True)
class Send:
    """Tell a station something."""

    command: Command


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete a frame's bytes on this machine: it is stored already, or a better revision came."""

    ref: Ref


Effect = StoreInstance | WriteLedger | WriteSeal | Send | Forget
