"""The checks L1 to L10, each from histories to findings; pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from huizhen.cli.ledger_check.acts import Act, unmatched
from huizhen.cli.ledger_check.history import Held, Session, SourceHistory
from huizhen.cli.ledger_check.repeat import Prints, changed, prints_of
from huizhen.schemas.decision import Choice
from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.ranges import Ranges, runs_of, union
from huizhen.schemas.reasons import MissingReason, Outcome, RejectReason

NAMES = {
    "L1": "adds up",
    "L2": "byte-identical",
    "L3": "nothing invented",
    "L4": "no silent loss",
    "L5": "acknowledged means kept",
    "L6": "repeatable",
    "L7": "order",
    "L8": "settles",
    "L9": "watched",
    "L10": "second chance",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    check: str
    session: str
    """tenant/session, and the source where it is one's"""
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker says of everything it read."""

    findings: tuple[Finding, ...]
    not_judged: dict[str, str]
    """By check: why"""
    sessions: int
    captured: int
    stored: int
    rejected: int
    missing: int
    refusals: dict[str, int] = field(default_factory=lambda: {"waiting": 0, "replayed": 0, "discarded": 0})
    """Refused records by what was decided about them; a frame may have several"""
    prints: dict[str, str] = field(default_factory=dict)
    """By session: SHA-256 of what its frames came to, for a later run to compare (L6)"""

    def standing(self, check: str) -> str:
        """Give `ok`, `not judged` or how many findings."""
        count = sum(found.check == check for found in self.findings)
        return f"{count} found" if count else "not judged" if check in self.not_judged else "ok"


@dataclass(frozen=True, slots=True)
class Given:
    """What the checker is given besides what it reads; None: nothing."""

    acts: list[Act] | None = None
    """All that was done and denied since the audit topic began"""
    audit: list[Act] = field(default_factory=list)
    """What the audit topic tells of"""
    before: Prints | None = None
    """What the sessions came to before something was replayed"""


def judge(sessions: Iterable[Session], given: Given = Given()) -> Verdict:
    """Judge sessions by all checks."""
    listed = list(sessions)
    findings = [found for each in listed for check in CHECKS for found in check(each)]
    prints = prints_of(listed)
    findings += [
        Finding("L6", name, "its frames came to something else") for name in changed(given.before or {}, prints)
    ]
    findings += (
        [Finding("L9", "", what) for what in unmatched(given.acts, given.audit)] if given.acts is not None else []
    )
    found = [source for each in listed for source in each.sources.values()]
    stored = sum(len(_stored(source)) for source in found)
    rejected = sum(len(_of(source, Outcome.REJECTED).without(_stored(source))) for source in found)
    captured = sum(source.frames for source in found)
    return Verdict(
        tuple(findings),
        _not_judged(listed, given),
        len(listed),
        captured,
        stored,
        rejected,
        captured - stored - rejected,
        _decided(found),
        prints,
    )


def _decided(sources: list[SourceHistory]) -> dict[str, int]:
    counted = Counter(each.decided for source in sources for each in source.refused)
    return {"waiting": counted[None], "replayed": counted[Choice.REPLAY], "discarded": counted[Choice.DISCARD]}


def _not_judged(sessions: list[Session], given: Given) -> dict[str, str]:
    reasons = {} if given.acts is not None else {"L9": "acts are known only to who did them: give a list with --acts"}
    if not any(each.viewers for each in sessions):
        reasons["L7"] = "no viewer's history was given"
    if not any(source.has_journal for each in sessions for source in each.sources.values()):
        reasons["L3"] = "no journal was given, or none is left: frames are held to the ledger's digests alone"
    if all(each.lag is None for each in sessions):
        reasons["L8"] = "Kafka was not asked for lag"
    return reasons


def _of(source: SourceHistory, outcome: Outcome) -> Ranges:
    return Ranges((entry.first, entry.last) for entry in source.entries if entry.outcome == outcome)


def _stored(source: SourceHistory) -> Ranges:
    return _of(source, Outcome.STORED)


def _said(session: Session, check: str, source: str, what: str) -> Finding:
    return Finding(check, f"{session.tenant}/{session.session}" + (f"/{source}" if source else ""), what)


def _runs(numbers: Ranges | Iterable[int]) -> str:
    pairs = numbers.pairs() if isinstance(numbers, Ranges) else runs_of(sorted(numbers))
    shown = ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in pairs[:5])
    return shown + (f" and {len(pairs) - 5} more runs" if len(pairs) > 5 else "")


def adds_up(session: Session) -> Iterator[Finding]:
    """L1: the numbered frames are stored, rejected or missing, none left over, none beyond; the report counts them."""
    counted = 0
    for name, source in session.sources.items():
        frames = source.frames
        counted += frames
        known = union(*(_of(source, each) for each in (Outcome.STORED, Outcome.REJECTED, Outcome.MISSING)))
        if session.reports and (left := known.gaps(0, frames)):
            yield _said(session, "L1", name, f"frames {_runs(Ranges(left))} are in no entry of the ledger")
        if beyond := known.without(Ranges([(0, frames - 1)] if frames else [])):
            yield _said(session, "L1", name, f"frames {_runs(beyond)} were never captured")
        there = {each.number for each in source.held}
        if gone := [number for number in _stored(source) if number not in there]:
            yield _said(session, "L1", name, f"frames {_runs(gone)} are stored by the ledger and in no object")
        if unsaid := there - set(union(_stored(source), _of(source, Outcome.DERIVED))):
            yield _said(session, "L1", name, f"frames {_runs(unsaid)} lie in objects and in no entry of the ledger")
    for key in session.lacking:
        yield _said(session, "L1", "", f"object {key} is named by the ledger and is not in the bucket")
    if session.reports:
        report = session.reports[-1]
        if report.captured != counted or report.captured != report.stored + report.rejected + report.missing:
            told = f"{report.captured} captured, {report.stored} stored, {report.rejected} rejected, {report.missing}"
            yield _said(session, "L1", "", f"the report says {told} missing; {counted} frames were numbered")


def identical(session: Session) -> Iterator[Finding]:
    """L2: codestream and pixels read back have the journal's digests, where there is none the ledger's."""
    for key in session.unreadable:
        yield _said(session, "L2", "", f"object {key} is not the bytes its key names, or no instance")
    for name, source in session.sources.items():
        said = _ledger_digests(source)
        wrong: dict[str, list[int]] = defaultdict(list)
        for each in source.held:
            told = source.captured.get(each.number)
            if told is not None and told.frame_digest != each.frame_digest:
                wrong["the codestream is not the journal's"].append(each.number)
            if told is not None and told.pixel_digest != each.pixel_digest:
                wrong["the pixels are not the journal's"].append(each.number)
            if (each.key, each.number) in said and said[each.key, each.number] != each.frame_digest:
                wrong["the codestream is not the ledger's"].append(each.number)
        for what, numbers in wrong.items():
            yield _said(session, "L2", name, f"frames {_runs(set(numbers))}: {what}")


def _ledger_digests(source: SourceHistory) -> dict[tuple[str, int], str]:
    return {
        (entry.object_key, number): digest
        for entry in source.entries
        if entry.outcome == Outcome.STORED
        for number, digest in enumerate(entry.frame_digests, entry.first)
    }


def invented(session: Session) -> Iterator[Finding]:
    """L3: what is stored or rejected was captured by this institution in this session."""
    own = (session.tenant, session.session)
    for name, source in session.sources.items():
        for each in source.held:
            if (each.key_tenant, each.key_session) != own or (each.tenant, each.session) != own:
                yield _said(session, "L3", name, f"{_place(each)} says {each.tenant}/{each.session}: of another")
            elif source.has_journal and each.number not in source.captured:
                yield _said(session, "L3", name, f"{_place(each)} was never journalled")
        for refusal in source.refused:
            if refusal.tenant not in (session.tenant, "") and refusal.reason != RejectReason.WRONG_TENANT:
                yield _said(session, "L3", name, f"frame {refusal.number} was rejected for {refusal.tenant}")
            told = source.captured.get(refusal.number)
            if told and not told.readable and refusal.frame_digest not in ("", told.frame_digest):
                yield _said(session, "L3", name, f"frame {refusal.number} on rejected is not the journal's")


def _place(each: Held) -> str:
    return f"frame {each.number} in {each.key}"


def _missing(source: SourceHistory) -> Iterator[LedgerEntry]:
    better = union(_stored(source), _of(source, Outcome.REJECTED))
    for entry in source.entries:
        if entry.outcome == Outcome.MISSING and not better.covers(entry.first, entry.last):
            yield entry


def silent(session: Session) -> Iterator[Finding]:
    """L4: nothing is missing without a reason of the list; the reason `unexplained` is none."""
    for name, source in session.sources.items():
        for entry in _missing(source):
            known = entry.reason in set(MissingReason) and entry.reason != MissingReason.UNEXPLAINED
            if not known:
                why = entry.reason or "no reason"
                yield _said(session, "L4", name, f"frames {entry.first} to {entry.last} are missing: {why}")
        for entry in source.entries:
            if entry.outcome == Outcome.REJECTED and entry.reason and entry.reason not in set(RejectReason):
                yield _said(session, "L4", name, f"frames {entry.first} to {entry.last} are rejected: {entry.reason}")


def kept(session: Session) -> Iterator[Finding]:
    """L5: a frame that stood whole on a topic is never missing once the session is sealed.

    A producer that was superseded may have gone on numbering: what it sent beyond the session's end was refused.
    """
    for name, source in session.sources.items():
        accounted = union(_stored(source), _of(source, Outcome.REJECTED))
        stale = Ranges(
            (refusal.number, refusal.number)
            for refusal in source.refused
            if refusal.reason == RejectReason.STALE_EPOCH and refusal.number >= source.frames
        )
        if session.reports and (lost := source.acknowledged.without(accounted).without(stale)):
            yield _said(session, "L5", name, f"frames {_runs(lost)} stood whole on a topic and are not kept")


def repeatable(session: Session) -> Iterator[Finding]:
    """L6: no frame is stored in two objects, or twice in one."""
    for name, source in session.sources.items():
        counted = Counter(each.number for each in source.held)
        if doubled := [number for number, count in counted.items() if count > 1]:
            yield _said(session, "L6", name, f"frames {_runs(doubled)} are stored more than once")


def ordered(session: Session) -> Iterator[Finding]:
    """L7: each viewer's frame numbers of a source strictly rise."""
    for viewer, pictures in session.viewers.items():
        newest: dict[str, int] = {}
        for source, number in pictures:
            if number <= newest.get(source, -1):
                yield _said(session, "L7", source, f"viewer {viewer} saw frame {number} after {newest[source]}")
            newest[source] = max(number, newest.get(source, -1))


def settled(session: Session) -> Iterator[Finding]:
    """L8: the session is closed by a report, and no record waits."""
    if not session.reports:
        yield _said(session, "L8", "", "it has no report yet: it is not sealed, or its ledger is not closed")
    if session.lag:
        yield _said(session, "L8", "", f"{session.lag} records are not confirmed yet")


def second_chance(session: Session) -> Iterator[Finding]:
    """L10: a refusal that was replayed ended as stored."""
    for name, source in session.sources.items():
        again = {each.number for each in source.refused if each.decided is Choice.REPLAY and each.number >= 0}
        if left := again - set(_stored(source)):
            yield _said(session, "L10", name, f"frames {_runs(left)} were replayed from rejected and are not stored")


CHECKS: tuple[Callable[[Session], Iterator[Finding]], ...] = (
    adds_up, identical, invented, silent, kept, repeatable, ordered, settled, second_chance,
)  # fmt: skip
