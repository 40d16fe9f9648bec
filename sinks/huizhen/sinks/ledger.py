"""The ledger: what became of every frame, in entries per run of numbers, folded to sets.

Rules. For a frame, stored beats rejected beats missing; derived stands beside. Folding an entry twice, or entries in
any order, gives the same sets, so that a reader may begin anywhere and a restart may write an entry again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from huizhen.schemas.errors import Refused, shown
from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.ids import StreamId
from huizhen.schemas.ranges import Ranges, Run, runs_of, union
from huizhen.schemas.reasons import Outcome, RejectReason
from huizhen.sinks.plan import DERIVED, Plan


@dataclass(slots=True)
class StreamLedger:
    """The outcomes of one source's frames."""

    stored: Ranges = field(default_factory=Ranges)
    rejected: Ranges = field(default_factory=Ranges)
    missing: Ranges = field(default_factory=Ranges)
    derived: Ranges = field(default_factory=Ranges)
    digests: dict[int, bytes] = field(default_factory=dict)
    """Frame digests of what was stored since the last report: at 32 bytes each, an hour at 30 frames/s is 3 MB"""
    entries: dict[tuple[str, int], LedgerEntry] = field(default_factory=dict)
    """Entries since the last report, by outcome and first number: what the next manifest lists"""

    def fold(self, entry: LedgerEntry, reported_at_ns: int = 0) -> None:
        """Take an entry; a second time it changes nothing. One that a report covers already is only counted.

        Raises Refused where its outcome is not of the list, or its run is empty.
        """
        if entry.outcome not in set(Outcome) or not 0 <= entry.first <= entry.last:
            raise Refused(RejectReason.POLICY, f"a ledger entry of outcome {shown(entry.outcome)} cannot be counted")
        self._set_of(Outcome(entry.outcome)).add(entry.first, entry.last)
        if entry.at_ns > reported_at_ns:
            self._keep(entry)

    def _keep(self, entry: LedgerEntry) -> None:
        self.entries[entry.outcome, entry.first] = entry
        if entry.outcome == Outcome.STORED:
            for number, digest in enumerate(entry.frame_digests, entry.first):
                self.digests[number] = bytes.fromhex(digest)

    def _set_of(self, outcome: Outcome) -> Ranges:
        return {
            Outcome.STORED: self.stored,
            Outcome.REJECTED: self.rejected,
            Outcome.MISSING: self.missing,
            Outcome.DERIVED: self.derived,
        }[outcome]

    def accounted(self) -> Ranges:
        """Give the frames that need nothing more: stored or rejected."""
        return union(self.stored, self.rejected)

    def counts(self, captured: int) -> "Counts":
        """Count the first `captured` frames by outcome; what no entry names yet counts as missing."""
        stored = len(self.stored.within(0, captured - 1))
        rejected = len(self.accounted().within(0, captured - 1)) - stored
        derived = len(union(self.stored, self.derived)) - len(self.stored)
        return Counts(captured, stored, rejected, captured - stored - rejected, derived)

    def close(self, reported_at_ns: int) -> None:
        """Forget the entries that a report and its manifest now cover; the sets stay."""
        left = [entry for entry in self.entries.values() if entry.at_ns > reported_at_ns]
        self.digests, self.entries = {}, {}
        for entry in left:
            self._keep(entry)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many frames ended how; captured = stored + rejected + missing; derived: filled ones that are not stored."""

    captured: int = 0
    stored: int = 0
    rejected: int = 0
    missing: int = 0
    derived: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.captured + other.captured,
            self.stored + other.stored,
            self.rejected + other.rejected,
            self.missing + other.missing,
            self.derived + other.derived,
        )


def entries_of_instance(plan: Plan, object_key: str, object_sha256: str, at_ns: int) -> list[LedgerEntry]:
    """Make the entries of a stored instance: one per run of its frame numbers."""
    outcome = Outcome.DERIVED if plan.kind == DERIVED else Outcome.STORED
    made = []
    index = 0
    for first, last in runs_of(frame.number for frame in plan.frames):
        count = last - first + 1
        made.append(
            LedgerEntry(
                tenant=plan.stream.tenant,
                session=plan.stream.session,
                source=plan.stream.source,
                first=first,
                last=last,
                outcome=outcome,
                at_ns=at_ns,
                sop_instance_uid=plan.sop_instance_uid,
                series_instance_uid=plan.series_instance_uid,
                object_key=object_key,
                object_sha256=object_sha256,
                index=index,
                frame_digests=[frame.stored_digest for frame in plan.frames[index : index + count]],
            )
        )
        index += count
    return made


def entries_without_object(
    stream: StreamId, runs: Iterable[tuple[Run, str]], outcome: Outcome, at_ns: int
) -> list[LedgerEntry]:
    """Make the entries of frames that were rejected or are missing: per run, with its reason."""
    return [
        LedgerEntry(stream.tenant, stream.session, stream.source, first, last, outcome, at_ns, reason=reason)
        for (first, last), reason in runs
    ]
