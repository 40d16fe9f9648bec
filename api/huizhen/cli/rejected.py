"""Refused records for people: which there are, which are meant, and how one goes back where it came from. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huizhen.schemas.decision import REPLAYED, Choice, Decision
from huizhen.schemas.errors import BadInput, Refused, shown
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import FrameHead, read_frame_headers, read_packet_headers
from huizhen.schemas.rejected import Origin, Rejection
from huizhen.schemas.topics import Topic, kind_of, tenant_of

REPLAYABLE = frozenset({Topic.PACKETS, Topic.BACKFILL, Topic.FRAMES})
RawHeader = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record on `rejected` and what was decided about it."""

    place: Origin
    rejection: Rejection
    key: bytes
    """The original's own"""
    size: int
    at_ms: int
    session: str
    head: FrameHead | None
    decision: Decision | None = None

    @property
    def name(self) -> str:
        """Name it as the commands take it: topic/partition/offset."""
        return name_of_place(self.place)

    @property
    def tenant(self) -> str:
        """Whose it is: its topic's institution, where that is shared the frame's; empty where nothing says."""
        own = tenant_of(self.place.topic) or tenant_of(self.rejection.origin.topic)
        return own or (self.head.frame.stream.tenant if self.head else "")

    @property
    def state(self) -> str:
        """Say what became of it."""
        if self.decision is None:
            return "waits"
        return {Choice.REPLAY: "replayed", Choice.DISCARD: "discarded"}[self.decision.choice]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are meant; empty fields mean any."""

    places: frozenset[str] = frozenset()
    session: str = ""
    reason: str = ""
    tenant: str = ""
    undecided: bool = False

    def takes(self, each: Waiting) -> bool:
        """Say whether a record is meant."""
        return (
            (not self.places or each.name in self.places)
            and self.session in ("", each.session)
            and self.reason in ("", each.rejection.reason)
            and self.tenant in ("", each.tenant)
            and not (self.undecided and each.decision is not None)
        )

    @property
    def is_narrow(self) -> bool:
        """Say whether somebody chose: by place, session or reason."""
        return bool(self.places or self.session or self.reason)


def name_of_place(place: Origin) -> str:
    """Name a place."""
    return f"{place.topic}/{place.partition}/{place.offset}"


def waiting(
    at: tuple[Origin, int], rejection: Rejection, key: bytes, size: int, decisions: Mapping[Origin, Decision]
) -> Waiting:
    """Put together what is known of a record; `at`: place and stamp (ms), `size`: of the original (bytes)."""
    place, at_ms = at
    head = _head_of(rejection)
    session = head.frame.stream.session if head else key.decode("ascii", "replace")
    own = rejection.key or key
    return Waiting(place, rejection, own, size, at_ms, session, head, decisions.get(place))


def _head_of(rejection: Rejection) -> FrameHead | None:
    for read in (read_packet_headers, read_frame_headers):
        try:
            return read(rejection.original).head
        except BadInput:
            continue
    return None


def replay_headers(each: Waiting) -> list[RawHeader]:
    """Give the headers of a record that goes back: its own, and where it was taken from.

    Raises Refused where it cannot go back. What says where it came from may have been written by a station, which may
    write to its own institution alone: so a record never goes to another's topic, nor into another's session.
    """
    origin = each.rejection.origin
    if each.rejection.is_whole_frame:
        raise Refused(each.rejection.reason, f"{each.name} was refused at its station: mend the source and send again")
    if kind_of(origin.topic) not in REPLAYABLE:
        raise Refused(RejectReason.POLICY, f"{each.name} came from {shown(origin.topic)}: only frames go back")
    tenant = tenant_of(each.place.topic)
    strangers = {tenant, tenant_of(origin.topic), each.head.frame.stream.tenant if each.head else None} - {None}
    if len(strangers) > 1 or (tenant_of(origin.topic) is None and each.head is None):
        raise Refused(RejectReason.WRONG_TENANT, f"{each.name} does not belong on {shown(origin.topic)}")
    return [*(own for own in each.rejection.original if own[0] != REPLAYED), (REPLAYED, each.name.encode())]


def table(listed: Sequence[Waiting]) -> str:
    """Write records, one a line."""
    lines = [
        f"{each.name:<40} {each.rejection.reason:<22} {_frame(each):<40} {each.size:>10,} bytes  {each.state}"
        for each in listed
    ]
    left = sum(each.decision is None for each in listed)
    return "\n".join([*lines, f"{len(listed)} refused records, {left} wait for a decision"])


def _frame(each: Waiting) -> str:
    if each.head is None:
        return each.session
    return f"{each.session}/{each.head.frame.stream.source}/{each.head.frame.number}"


def as_json(each: Waiting) -> dict[str, object]:
    """Give a record as plain values, without its bytes."""
    decision, head = each.decision, each.head
    return {
        "place": each.name,
        "reason": each.rejection.reason,
        "message": each.rejection.message,
        "tenant": each.tenant,
        "session": each.session,
        "source": head.frame.stream.source if head else "",
        "number": int(head.frame.number) if head else None,
        "origin": name_of_place(each.rejection.origin) if not each.rejection.is_whole_frame else "station",
        "bytes": each.size,
        "at_ms": each.at_ms,
        "state": each.state,
        "decided_by": decision.by if decision else "",
        "decided_at_ns": decision.at_ns if decision else None,
        "why": decision.why if decision else "",
    }
