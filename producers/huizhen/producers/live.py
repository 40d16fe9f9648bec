"""What of the newest frames goes out live, and what is given up: no clock, no Kafka, only decisions.

Theory of operation. Frames are offered as they are coded. They wait in order; the first one is begun (its packets are
cut, by then knowing what the link bears and which tiles the other end has) as soon as the link has room, and its
packets are handed over one by one. A source's next frame begins when the one before is finished.

A frame leaves live, and belongs to backfill, when its time is over before it was begun: after `deadline_ns`, or half of
it where newer ones wait, or when more bytes wait than may. The details of a frame that was begun are given up when its
time is over or two newer frames wait: frame rate is guarded before resolution. What is not sent is said in a notice.

A frame is *delivered* when Kafka confirmed all of its packets, none was given up, and the same is true of the frames
that carried its unchanged tiles. Every other frame is *late*. Nothing of a source is sent before `confirm` said that
its geometry stands on `sessions`.

What was handed to Kafka is waited for: a frame is not sent a second time because its confirmation is slow. Where no
confirmation comes for `deadline_ns`, no further frame is begun, so that a cut link does not gather old pictures.
"""

from dataclasses import dataclass, field

from huizhen.producers import ease, pace
from huizhen.producers.flights import Flights, Settled
from huizhen.producers.frame import Frame, Offset, Sender, frame_id, head_of
from huizhen.producers.references import References
from huizhen.producers.sending import Outgoing, Sending, Ticket, begin, notice_of
from huizhen.producers.withhold import is_withheld
from huizhen.schemas.ids import SourceId

NEWER_MAX = 2  # waiting newer frames that end a frame's details: one may be the jitter of a moment


@dataclass(frozen=True, slots=True)
class Rules:
    """How live is to behave."""

    deadline_ns: int
    packets_per_frame: int = 0
    withhold_percent: float = 0.0
    waiting_max_bytes: int = 16 << 20


@dataclass(slots=True)
class _Stream:
    references: References
    flights: Flights = field(default_factory=Flights)
    confirmed: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Waiting:
    frame: Frame
    size: int
    sending: Sending | None = None


class Live:
    """Decides for all sources of a session; times are monotonic nanoseconds."""

    def __init__(self, sender: Sender, rules: Rules, link: pace.Link) -> None:
        self._sender = sender
        self._rules = rules
        self._streams: dict[SourceId, _Stream] = {}
        self._waiting: list[_Waiting] = []
        self.link = link
        self.ease = ease.Ease()
        self.offset = Offset()

    def add(self, source: SourceId, key_interval_ns: int) -> None:
        """Take a source in, before its first frame."""
        self._streams[source] = _Stream(References(key_interval_ns))

    def confirm(self, source: SourceId, geometry: int) -> None:
        """Let frames of a geometry go: Kafka has its declaration."""
        self._streams[source].confirmed.add(geometry)

    def ask_key(self, source: SourceId) -> None:
        """Make the source's next frame a key frame."""
        self._streams[source].references.ask_key()

    @property
    def packets_setting(self) -> int:
        """1 or 5 packets a frame as set; 0 where the link decides."""
        return self._rules.packets_per_frame

    @property
    def waiting(self) -> int:
        """Frames that are not finished."""
        return len(self._waiting)

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the frames that are not finished."""
        return sum(waiting.size for waiting in self._waiting)

    @property
    def unsettled(self) -> int:
        """Frames begun of which it is not known whether they arrived."""
        return sum(len(stream.flights) for stream in self._streams.values())

    def behind(self, now_ns: int) -> None:
        """Learn that the cloud is behind: fewer frames go live, whole, and backfill rests."""
        self.ease = ease.behind(self.ease, now_ns)
        self.link = pace.overloaded(self.link, now_ns)

    def offer(self, frame: Frame, now_ns: int) -> None:
        """Take in a newly coded frame; one larger than all that may wait leaves at once."""
        self.ease, goes = ease.offered(self.ease, now_ns)
        if self.ease.share < 1.0:
            self.link = pace.overloaded(self.link, now_ns)  # late frames rest until all live ones go again
        if not goes:
            self._streams[frame.source].flights.leave(frame.number)  # without a notice: that would be work for it, too
            return
        confirmed = self._streams[frame.source].confirmed
        if any(w.frame.source == frame.source and w.frame.geometry in confirmed for w in self._waiting):
            self.link = pace.crowded(self.link, now_ns)
        self._waiting.append(_Waiting(frame, frame.size_bytes))

    def take(self, now_ns: int) -> list[Outgoing]:
        """Give what is to be handed to Kafka now, in order."""
        out: list[Outgoing] = []
        self._give_up(now_ns, out)
        while (waiting := self._first()) is not None:
            if waiting.sending is None:
                if not self.link.has_room or self.link.is_silent(now_ns, self._rules.deadline_ns):
                    break
                waiting.sending = self._begin(waiting.frame, now_ns)
            self._hand_over(waiting.sending, now_ns, out)
            if not waiting.sending.is_done:
                break
            self._finish(waiting, waiting.sending, out)
        return out

    def report(self, ticket: Ticket, arrived: bool, now_ns: int) -> None:
        """Take in a delivery report."""
        stream = self._streams[ticket.source]
        stream.flights.report(ticket.number, arrived)
        if arrived:
            self.link = pace.delivered(self.link, ticket.size, now_ns - ticket.handed_at_ns, now_ns)
        else:
            self.link = pace.failed(self.link, ticket.size, now_ns)
            stream.references.ask_key()

    def settled(self) -> dict[SourceId, Settled]:
        """Give, once, the frames of which it is now known whether they arrived."""
        return {source: found for source, stream in self._streams.items() if (found := stream.flights.settled())}

    def _first(self) -> _Waiting | None:
        held: set[SourceId] = set()
        for waiting in self._waiting:
            source = waiting.frame.source
            if source not in held and waiting.frame.geometry in self._streams[source].confirmed:
                return waiting
            held.add(source)
        return None

    def _begin(self, frame: Frame, now_ns: int) -> Sending:
        stream = self._streams[frame.source]
        plan = stream.references.plan(frame)
        packets = pace.packets_per_frame(self.link, self._rules.packets_per_frame, now_ns)
        stream.flights.begin(frame.number, plan.key, plan.depends_on(frame.number))
        return begin(frame, head_of(frame, self._sender, plan.key, self.offset), plan, packets)

    def _hand_over(self, sending: Sending, now_ns: int, out: list[Outgoing]) -> None:
        frame = sending.frame
        while not sending.is_done:
            if sending.is_detail and self._is_withheld(frame, sending.next):
                sending.skip()
                continue
            size = sending.next_bytes
            if sending.next and not self.link.fits(size):
                return
            out.append(sending.hand_over(now_ns))
            self.link = pace.handed(self.link, size, now_ns)
            self._streams[frame.source].flights.handed(frame.number)

    def _give_up(self, now_ns: int, out: list[Outgoing]) -> None:
        newer: dict[SourceId, int] = {}
        for waiting in reversed(self._waiting.copy()):
            waits = newer.get(waiting.frame.source, 0)
            newer[waiting.frame.source] = waits + 1
            age_ns = now_ns - waiting.frame.monotonic_ns
            if waiting.sending is None:
                if age_ns > self._rules.deadline_ns // (2 if waits else 1):
                    self._leave(waiting, out)
            elif age_ns > self._rules.deadline_ns or waits >= NEWER_MAX:
                waiting.sending.give_up()
                self._finish(waiting, waiting.sending, out)
        for waiting in [w for w in self._waiting if w.sending is None]:
            if self.waiting_bytes > self._rules.waiting_max_bytes:
                self._leave(waiting, out)

    def _leave(self, waiting: _Waiting, out: list[Outgoing]) -> None:
        frame = waiting.frame
        self._waiting.remove(waiting)
        self._streams[frame.source].flights.leave(frame.number)
        if frame.geometry in self._streams[frame.source].confirmed:
            out.append(notice_of(head_of(frame, self._sender, False, self.offset), 1, [0]))

    def _finish(self, waiting: _Waiting, sending: Sending, out: list[Outgoing]) -> None:
        self._waiting.remove(waiting)
        frame, stream = waiting.frame, self._streams[waiting.frame.source]
        stream.references.settle(frame, sending.plan, sending.incomplete_tiles())
        stream.flights.finish(frame.number, whole=not sending.not_sent)
        if sending.not_sent:
            out.append(sending.notice())

    def _is_withheld(self, frame: Frame, index: int) -> bool:
        return is_withheld(frame_id(self._sender, frame.source, frame.number), index, self._rules.withhold_percent)
