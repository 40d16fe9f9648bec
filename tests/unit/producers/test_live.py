"""What goes out live on links of every kind, seen by a receiver that has only the packets."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from huizhen.producers.frame import Frame
from huizhen.producers.live import Live, Rules
from huizhen.producers.pace import Link
from huizhen.producers.sending import Outgoing
from huizhen.schemas.ids import SourceId
from huizhen.schemas.packet import Section, read_body, read_not_sent, tile_digest
from huizhen.schemas.ranges import Ranges
from tests.unit.producers.streams import MS, PROBE, SCREEN, SENDER, TILES, frame


@dataclass
class Receiver:
    """Puts frames together from packets alone, as a processor does."""

    parts: dict[tuple[SourceId, int, int], list[bytes]] = field(default_factory=dict)
    exact: dict[SourceId, set[int]] = field(default_factory=dict)

    def take(self, out: Outgoing) -> None:
        if out.meta.section is Section.NOT_SENT:
            read_not_sent(out.value, out.meta.count)
            return
        source, number = out.meta.head.frame.stream.source, int(out.meta.head.frame.number)
        body = read_body(out.value)
        for part in body.parts:
            self.parts.setdefault((source, number, part.tile), []).append(part.data)
        for tile in body.unchanged:
            earlier = self.parts.get((source, number - tile.age, tile.tile), [])
            if tile_digest(earlier) == tile.digest:
                self.parts[source, number, tile.tile] = earlier

    def has(self, made: Frame) -> bool:
        tiles = [tuple(self.parts.get((made.source, made.number, tile), ())) for tile in range(TILES)]
        return tiles == list(made.tiles)


@dataclass
class Wire:
    """A link of `rate` bytes/s and `trip_ms` there and back; packets whose turn is in `lost` never arrive."""

    live: Live
    rate: float = 1e9
    trip_ms: float = 4
    timeout_ms: float = 500
    lost: frozenset[int] = frozenset()
    down: bool = False
    receiver: Receiver = field(default_factory=Receiver)
    sent: list[Outgoing] = field(default_factory=list)
    arrived_ms: dict[int, float] = field(default_factory=dict)
    _free_ms: float = 0
    _due: list[tuple[float, Outgoing, bool]] = field(default_factory=list)

    def step(self, now_ms: float) -> None:
        for due in sorted([due for due in self._due if due[0] <= now_ms], key=lambda one: one[0]):
            self._due.remove(due)
            at_ms, out, arrived = due
            if arrived:
                self.receiver.take(out)
                self.arrived_ms[int(out.meta.head.frame.number)] = at_ms
            if out.ticket is not None:
                self.live.report(out.ticket, arrived, int(at_ms * MS))
        for out in self.live.take(int(now_ms * MS)):
            self.sent.append(out)
            lost = self.down or len(self.sent) - 1 in self.lost
            self._free_ms = max(self._free_ms, now_ms) + len(out.value) / self.rate * 1000
            at_ms = self._free_ms + self.trip_ms
            in_time = not lost and at_ms - now_ms <= self.timeout_ms
            self._due.append((at_ms if in_time else now_ms + self.timeout_ms, out, in_time))

    def run(self, first_ms: float, last_ms: float) -> None:
        now_ms = first_ms
        while now_ms < last_ms:
            self.step(now_ms)
            now_ms += 1

    def of(self, number: int) -> list[Section]:
        return [out.meta.section for out in self.sent if int(out.meta.head.frame.number) == number]


def make(packets: int = 0, withhold: float = 0.0, deadline_ms: int = 500, waiting_max: int = 16 << 20) -> Live:
    rules = Rules(deadline_ms * MS, packets, withhold, waiting_max)
    live = Live(SENDER, rules, Link(window_max=4 << 20))
    for source in (PROBE, SCREEN):
        live.add(source, 1000 * MS)
        live.confirm(source, 0)
    return live


def play(wire: Wire, frames: list[Frame], until_ms: float = 2000) -> tuple[Ranges, Ranges]:
    """Offer each frame at its capture time; give what was delivered and what is late of the probe."""
    delivered, late = Ranges(), Ranges()
    waiting, now_ms = list(frames), 0.0
    while now_ms < until_ms or wire.live.waiting or wire.live.unsettled:
        while waiting and waiting[0].monotonic_ns <= now_ms * MS:
            wire.live.offer(waiting.pop(0), int(now_ms * MS))
        wire.step(now_ms)
        found = wire.live.settled().get(PROBE)
        if found:
            delivered.update(found.delivered)
            late.update(found.late)
        now_ms += 1
    return delivered, late


def test_on_a_good_link_every_frame_is_one_record_and_arrives() -> None:
    wire = Wire(make())
    frames = [frame(number) for number in range(30)]
    delivered, late = play(wire, frames)
    assert (delivered, late) == (Ranges([(0, 29)]), Ranges())
    assert [out.meta.section for out in wire.sent] == [Section.ALL] * 30
    assert all(wire.receiver.has(made) for made in frames)


def test_unchanged_tiles_cost_a_few_bytes() -> None:
    wire = Wire(make())
    frames = [frame(number, (4,) if number else ()) for number in range(20)]
    play(wire, frames)
    assert all(wire.receiver.has(made) for made in frames)
    assert [out.meta.head.key for out in wire.sent] == [True] + [False] * 19
    assert max(len(out.value) for out in wire.sent[1:]) < len(wire.sent[0].value) / 5


def test_nothing_goes_before_its_geometry_is_confirmed() -> None:
    live = make()
    live.offer(frame(0, geometry=1), 0)
    live.offer(frame(0, source=SCREEN), 0)
    assert [out.meta.head.frame.stream.source for out in live.take(0)] == [SCREEN]
    live.confirm(PROBE, 1)
    assert [out.meta.head.frame.stream.source for out in live.take(0)] == [PROBE]


def test_a_frame_that_outwaits_its_geometry_is_late_without_a_word() -> None:
    live = make()
    live.offer(frame(0, geometry=1), 0)
    assert live.take(501 * MS) == []
    assert live.settled()[PROBE].late == Ranges([(0, 0)])


def test_a_thin_link_gets_bases_first_and_keeps_the_frame_rate() -> None:
    wire = Wire(make(), rate=150_000, trip_ms=20)
    frames = [frame(number) for number in range(90)]
    assert frames[0].size_bytes * 30 > 2 * wire.rate
    delivered, late = play(wire, frames, until_ms=4000)
    shown = {int(out.meta.head.frame.number) for out in wire.sent if out.meta.section in (Section.BASE, Section.ALL)}
    assert len(shown) >= 85, "bases of nearly all frames go, although whole frames would not fit"
    assert late
    assert sorted([*delivered, *late]) == list(range(90))
    assert wire.arrived_ms[89] - 89 * 33 < 500


def test_on_a_link_too_thin_for_bases_the_picture_stays_young() -> None:
    wire = Wire(make(), rate=40_000, trip_ms=20)
    frames = [frame(number) for number in range(120)]
    play(wire, frames, until_ms=6000)
    ages = [at_ms - number * 33 for number, at_ms in wire.arrived_ms.items() if number > 30]
    assert len(ages) > 15
    assert max(ages) < 1000


def test_given_up_details_are_said_in_a_notice_after_the_packets() -> None:
    wire = Wire(make(packets=5), rate=120_000)
    frames = [frame(number) for number in range(60)]
    play(wire, frames, until_ms=3000)
    spoken = [n for n in range(60) if wire.of(n)[:1] == [Section.BASE] and wire.of(n)[-1] is Section.NOT_SENT]
    assert spoken
    for number in spoken:
        (notice,) = [out for out in wire.sent if int(out.meta.head.frame.number) == number and out.ticket is None]
        sent = {out.meta.index for out in wire.sent if int(out.meta.head.frame.number) == number and out.ticket}
        said = set(read_not_sent(notice.value, notice.meta.count))
        assert sent | said == set(range(notice.meta.count))
        assert not sent & said


def test_the_mode_goes_back_to_one_packet_when_the_link_recovers() -> None:
    wire = Wire(make(), rate=120_000)
    play(wire, [frame(number) for number in range(30)], until_ms=1500)
    wire.rate = 1e9
    play(wire, [frame(number, at_ms=33 * number) for number in range(180, 280)], until_ms=9500)
    assert wire.of(180)[:1] == [Section.ALL]
    assert wire.of(279) == [Section.ALL]


def test_withheld_details_are_said_and_the_frame_follows_late() -> None:
    wire = Wire(make(packets=5, withhold=20.0))
    frames = [frame(number, (number % TILES,)) for number in range(60)]
    delivered, late = play(wire, frames, until_ms=2500)
    assert late
    assert len(delivered) + len(late) == 60
    assert all(wire.receiver.has(frames[number]) for number in delivered)
    assert not any(wire.receiver.has(frames[number]) for number in late)
    assert all(Section.NOT_SENT in wire.of(number) for number in late)


def test_a_tile_without_its_detail_is_sent_again_with_the_next_frame() -> None:
    wire = Wire(make(packets=5, withhold=100.0))
    frames = [frame(number, ()) for number in range(3)]
    play(wire, frames)
    bodies = [read_body(out.value) for out in wire.sent if out.meta.section is Section.BASE]
    assert [len(body.unchanged) for body in bodies] == [0, 0, 0]


def test_after_an_outage_live_resumes_at_now_with_a_key_frame() -> None:
    wire = Wire(make())
    wire.down = True
    live = wire.live
    frames = [frame(number, ()) for number in range(61)]
    for made in frames[:60]:
        live.offer(made, made.monotonic_ns)
        wire.step(made.monotonic_ns / MS)
    wire.down = False
    wire.run(60 * 33, 60 * 33 + 700)
    live.settled()
    before = len(wire.sent)
    again = frame(90, ())
    live.offer(again, again.monotonic_ns)
    wire.run(90 * 33, 90 * 33 + 40)
    heads = {out.meta.head for out in wire.sent[before:] if out.ticket is not None}
    assert [(int(head.frame.number), head.key) for head in heads] == [(90, True)]
    assert wire.receiver.has(again)


def test_what_kafka_confirms_late_is_not_sent_again() -> None:
    wire = Wire(make(), trip_ms=1500, timeout_ms=5000)
    frames = [frame(number, ()) for number in range(10)]
    delivered, late = play(wire, frames, until_ms=3000)
    begun = {int(out.meta.head.frame.number) for out in wire.sent if out.ticket is not None}
    assert begun
    assert begun == set(delivered), "a busy broker took its time"
    assert begun.isdisjoint(late)


def test_a_link_that_says_nothing_gathers_no_more_than_the_deadline_of_old_pictures() -> None:
    wire = Wire(make(), timeout_ms=5000)
    wire.live.link = Link(window_max=4 << 20, window=4 << 20)
    frames = [frame(number) for number in range(150)]
    play(wire, frames[:30], until_ms=990)
    wire.down = True
    before = len(wire.sent)
    for made in frames[30:]:
        wire.live.offer(made, made.monotonic_ns)
        wire.step(made.monotonic_ns / MS)
    begun = [int(out.meta.head.frame.number) for out in wire.sent[before:] if out.ticket is not None]
    assert begun == list(range(30, 30 + len(begun)))
    assert 14 <= len(begun) <= 17, "half a second of 30 a second"


def test_a_cloud_that_is_behind_gets_fewer_frames_whole_and_the_rest_late() -> None:
    wire = Wire(make())
    frames = [frame(number) for number in range(60)]
    wire.live.behind(0)
    delivered, late = play(wire, frames)
    assert sorted([*delivered, *late]) == list(range(60))
    assert 40 <= len(delivered) <= 43, "seven of ten"
    assert [out.meta.section for out in wire.sent] == [Section.ALL] * len(delivered), "and no notices"
    assert all(wire.receiver.has(frames[number]) for number in delivered)


def test_bytes_that_wait_are_bounded_and_the_oldest_leave() -> None:
    size = frame(0).size_bytes
    live = make(waiting_max=3 * size)
    for number in range(6):
        live.offer(frame(number, geometry=1, at_ms=0), 0)
    live.take(0)
    assert live.waiting <= 3
    assert live.waiting_bytes <= 3 * size
    assert live.settled()[PROBE].late.pairs()[0][0] == 0


def test_a_frame_larger_than_all_that_may_wait_leaves_at_once() -> None:
    live = make(waiting_max=1000)
    live.offer(frame(0, at_ms=0), 0)
    assert [out.meta.section for out in live.take(0)] == [Section.NOT_SENT]
    assert live.settled()[PROBE].late == Ranges([(0, 0)])


def test_a_frame_without_change_is_one_small_packet() -> None:
    wire = Wire(make(packets=5))
    play(wire, [frame(0, ()), frame(1, ())])
    assert wire.of(1) == [Section.BASE]
    assert len(wire.sent[-1].value) < 400


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.frozensets(st.integers(0, TILES - 1)), min_size=1, max_size=25),
    st.sampled_from([0, 1, 5]),
    st.sampled_from([0.0, 15.0]),
    st.sampled_from([20_000, 100_000, 1_000_000]),
    st.frozensets(st.integers(0, 40), max_size=6),
)
def test_every_frame_ends_as_delivered_or_late_and_delivered_means_exact(
    changes: list[frozenset[int]], packets: int, withhold: float, rate: int, lost: frozenset[int]
) -> None:
    wire = Wire(make(packets, withhold, deadline_ms=120), rate=rate, lost=lost, timeout_ms=120)
    frames = [frame(number, changed) for number, changed in enumerate(changes)]
    delivered, late = play(wire, frames, until_ms=900)
    assert sorted([*delivered, *late]) == list(range(len(frames)))
    assert all(wire.receiver.has(frames[number]) for number in delivered)
    assert wire.live.link.inflight == 0
