"""Closing a session's ledger: what is missing and why, the manifest, and the report that adds up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from huizhen.schemas.events import LedgerEntry, SealReport
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.keys import manifest_key
from huizhen.schemas.ranges import Ranges, Run, runs_of
from huizhen.schemas.reasons import MissingReason, Outcome, RejectReason, Withheld
from huizhen.sinks.effects import WriteSeal
from huizhen.sinks.ledger import Counts, entries_without_object
from huizhen.sinks.manifest import journal_matches, manifest, sha256_of
from huizhen.sinks.seal import Extent, explain
from huizhen.sinks.stream import StreamArchive

Sources = Mapping[str, tuple[Extent, StreamArchive]]


@dataclass(slots=True)
class Closing:
    """The closing of one session's ledger; `before` is the report that it amends."""

    tenant: TenantId
    session: SessionId
    recording: bool
    by: str
    before: SealReport | None = None
    unexplained: int = field(default=0, init=False)
    """Frames missing for no known reason"""

    def effect(self, at_ns: int, sources: Sources) -> WriteSeal:
        """Account for every frame of every source, folding what is missing into their ledgers."""
        entries: list[LedgerEntry] = []
        for extent, stream in sources.values():
            made = self._leftovers(extent, stream, at_ns)
            for entry in made:
                stream.ledger.fold(entry)
            entries += made
        previous = self.before.manifest_sha256 if self.before else ""
        ids = {"tenant": self.tenant, "session": self.session}
        written = manifest(ids, self.by, {name: (e, s.ledger) for name, (e, s) in sources.items()}, previous)
        report = replace(self._report(at_ns, sources, sha256_of(written)), withheld=self._withheld(sources))
        return WriteSeal(tuple(entries), written, report)

    def _withheld(self, sources: Sources) -> str:
        """Say why the station must keep its journal, the gravest reason; empty where it need not.

        An amendment has only the newer digests, so a mismatch that was reported once stays.
        """
        if not self.recording:
            return ""
        before = self.before.withheld if self.before else ""
        matches = [journal_matches(extent, stream.ledger) for extent, stream in sources.values()]
        if False in matches or before == Withheld.JOURNAL_MISMATCH:
            return Withheld.JOURNAL_MISMATCH
        refused = any(stream.lacks_refused for _, stream in sources.values())
        rejected = any(stream.lacks_rejected for _, stream in sources.values())
        if refused or (before == Withheld.REFUSED and rejected):
            return Withheld.REFUSED
        return Withheld.UNEXPLAINED if self.unexplained else ""

    def _leftovers(self, extent: Extent, stream: StreamArchive, at_ns: int) -> list[LedgerEntry]:
        gaps = stream.ledger.accounted().gaps(0, extent.frames)
        rejected, missing = self._split(gaps, extent, stream.refused)
        self.unexplained += sum(last - first + 1 for (first, last), why in missing if why == MissingReason.UNEXPLAINED)
        known = [(run, why) for (first, last), why in missing for run in stream.ledger.missing.gaps(first, last + 1)]
        return entries_without_object(stream.stream, rejected, Outcome.REJECTED, at_ns) + entries_without_object(
            stream.stream, known, Outcome.MISSING, at_ns
        )

    def _split(
        self, gaps: list[Run], extent: Extent, refused: Mapping[int, RejectReason]
    ) -> tuple[list[tuple[Run, str]], list[tuple[Run, str]]]:
        if not self.recording:
            return [(run, RejectReason.POLICY) for run in gaps], []
        absent = Ranges(gaps)
        rejected: list[tuple[Run, str]] = []
        for reason in sorted(set(refused.values())):
            runs = runs_of(sorted(n for n, why in refused.items() if why == reason and n in absent))
            rejected += [(run, reason) for run in runs]
        taken = Ranges(run for run, _ in rejected)
        left = [run for first, last in gaps for run in taken.gaps(first, last + 1)]
        return rejected, explain(left, extent)

    def _report(self, at_ns: int, sources: Sources, manifest_sha256: str) -> SealReport:
        counts = sum((stream.ledger.counts(extent.frames) for extent, stream in sources.values()), Counts())
        return SealReport(
            tenant=self.tenant,
            session=self.session,
            at_ns=at_ns,
            by=self.by,
            captured=counts.captured,
            stored=counts.stored,
            rejected=counts.rejected,
            missing=counts.missing,
            derived=counts.derived,
            manifest_key=manifest_key(self.tenant, self.session, manifest_sha256),
            manifest_sha256=manifest_sha256,
        )
