import dataclasses
from collections.abc import Iterable

import pytest

from huizhen.processors import assemble
from huizhen.processors.arrival import Packet
from huizhen.processors.assemble import Window
from huizhen.processors.closed import Closed
from huizhen.processors.validate import read_packet
from huizhen.schemas.errors import BadInput, Refused
from huizhen.schemas.ids import FrameNumber
from huizhen.schemas.reasons import RejectReason, TileState, Verdict
from huizhen.schemas.topics import Topic
from tests.exam import Coded, Exam, Sent, arrived, exam_frames, known_sessions, moving

EXAM = Exam()
FRAMES = exam_frames(EXAM, 12)
SESSIONS = known_sessions(EXAM, FRAMES[0])


def packet(sent: Sent, topic: Topic = Topic.PACKETS) -> Packet:
    return read_packet(arrived(sent, topic=topic), sent.meta, SESSIONS)


def take(window: Window, *sent: Sent) -> list[Closed]:
    return [closed for one in sent for closed in window.take(packet(one))[1]]


def backfill(window: Window, frame: Coded) -> list[Closed]:
    return window.take(packet(frame.whole(), Topic.BACKFILL))[1]


def said(closed: Iterable[Closed]) -> list[tuple[int, Verdict, int]]:
    return [(int(one.head.frame.number), one.verdict, one.revision) for one in closed]


def at(frame: Coded, number: int) -> Coded:
    """The same picture under another number."""
    head = frame.head
    moved = dataclasses.replace(head, frame=dataclasses.replace(head.frame, number=FrameNumber(number)))
    return dataclasses.replace(frame, head=moved)


def test_a_frame_closes_with_its_last_packet() -> None:
    window = Window()
    *first, last = FRAMES[0].packets(5)
    assert take(window, *first) == []
    (closed,) = take(window, last)
    assert said([closed]) == [(0, Verdict.PASS, 0)]
    assert closed.stream == FRAMES[0].stream


def test_a_packet_of_a_later_frame_closes_the_earlier_one() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[:3])
    assert said(take(window, FRAMES[1].packets(5)[0])) == [(0, Verdict.REPAIRED, 0)]


def test_a_notice_of_what_was_not_sent_closes_at_once() -> None:
    window = Window()
    sent = FRAMES[0].packets(5)
    take(window, sent[0], sent[1], sent[3])
    (closed,) = take(window, FRAMES[0].not_sent([2, 4], 5))
    assert said([closed]) == [(0, Verdict.REPAIRED, 0)]
    assert closed.packets_missing == (2, 4)


def test_a_silent_link_closes_what_is_open() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[:2])
    assert said(window.close_open()) == [(0, Verdict.REPAIRED, 0)]
    assert window.close_open() == []


def test_without_its_base_a_frame_is_incomplete_and_shown_when_the_base_comes() -> None:
    window = Window()
    base, *detail = FRAMES[0].packets(5)
    take(window, *detail)
    assert said(take(window, FRAMES[1].packets(1)[0])) == [(0, Verdict.INCOMPLETE, 0), (1, Verdict.INCOMPLETE, 0)]
    assert said(take(window, base)) == [(0, Verdict.PASS, 1), (1, Verdict.PASS, 1)]


def test_a_frame_that_was_not_sent_at_all_is_counted_and_comes_by_backfill() -> None:
    window = Window()
    (closed,) = take(window, FRAMES[0].not_sent(range(5), 5))
    assert said([closed]) == [(0, Verdict.INCOMPLETE, 0)]
    assert closed.header is None
    assert said(backfill(window, FRAMES[0])) == [(0, Verdict.PASS, 1)]


def test_late_tiles_re_emit_with_a_higher_revision_until_exact() -> None:
    window = Window()
    sent = FRAMES[0].packets(5)
    take(window, sent[0], FRAMES[1].packets(5)[0])
    late = [take(window, one) for one in sent[1:]]
    assert [said(one) for one in late] == [
        [(0, Verdict.REPAIRED, 1)],
        [(0, Verdict.REPAIRED, 2)],
        [(0, Verdict.REPAIRED, 3)],
        [(0, Verdict.PASS, 4)],
    ]


def test_doubled_packets_change_nothing() -> None:
    window = Window()
    sent = FRAMES[0].packets(5)
    take(window, *sent, *FRAMES[1].packets(5))
    assert take(window, *sent, *sent) == []


def test_unchanged_tiles_are_put_back_from_the_interval_by_digest() -> None:
    window = Window()
    closed = take(window, *(one for frame in FRAMES[:3] for one in frame.packets(1)))
    assert [one.stream for one in closed] == [frame.stream for frame in FRAMES[:3]]
    ages = {tile.age for tile in closed[2].tiles.values() if tile.state is TileState.UNCHANGED}
    assert ages == {2}


def test_an_unchanged_tile_with_another_digest_is_not_put_back() -> None:
    window = Window()
    wrong = tuple(dataclasses.replace(one, digest=bytes(8)) for one in FRAMES[1].unchanged)
    lie = dataclasses.replace(FRAMES[1], unchanged=wrong)
    closed = take(window, *FRAMES[0].packets(1), *lie.packets(1))
    assert said(closed) == [(0, Verdict.PASS, 0), (1, Verdict.INCOMPLETE, 0)]


def test_a_wrong_frame_digest_is_rejected_with_the_records_as_they_came() -> None:
    lie = dataclasses.replace(FRAMES[0], head=dataclasses.replace(FRAMES[0].head, frame_digest="0" * 64))
    window = Window()
    sent = lie.packets(5)
    (closed,) = take(window, *sent)
    assert said([closed]) == [(0, Verdict.REJECTED, 0)]
    assert closed.refusal is not None
    assert closed.refusal.reason is RejectReason.BAD_CHECKSUM
    assert [record.value for record in closed.records] == [one.value for one in sent]
    assert take(window, *sent) == []


def test_a_backfilled_frame_with_a_wrong_digest_is_rejected() -> None:
    lie = dataclasses.replace(FRAMES[0], head=dataclasses.replace(FRAMES[0].head, frame_digest="0" * 64))
    (closed,) = backfill(Window(), lie)
    assert (closed.verdict, closed.revision, len(closed.records)) == (Verdict.REJECTED, 1, 1)


def test_a_backfilled_frame_outside_the_window_has_revision_one() -> None:
    (closed,) = backfill(Window(), FRAMES[3])
    assert said([closed]) == [(3, Verdict.PASS, 1)]
    assert closed.is_backfilled


def test_a_backfilled_frame_makes_a_damaged_one_exact_and_the_next_ones_too() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[1:], *FRAMES[1].packets(5), *FRAMES[2].packets(5)[:1])
    assert said(backfill(window, FRAMES[0])) == [(0, Verdict.PASS, 1), (1, Verdict.PASS, 1)]
    assert backfill(window, FRAMES[0]) == []


def test_backfill_does_not_close_what_is_open() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[:2])
    backfill(window, FRAMES[2])
    assert window.open == {0}


def test_backfill_of_an_open_frame_closes_it() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[:2])
    assert said(backfill(window, FRAMES[0])) == [(0, Verdict.PASS, 0)]
    assert window.open == set()
    assert take(window, *FRAMES[0].packets(5)) == []


@pytest.mark.parametrize(
    "sent",
    [
        FRAMES[1].packets(1)[0],
        FRAMES[0].packets(5)[0],
        FRAMES[0].not_sent([0], 1),
    ],
)
def test_backfill_that_does_not_stand_alone_is_refused(sent: Sent) -> None:
    with pytest.raises(BadInput):
        Window().take(packet(sent, Topic.BACKFILL))


def test_a_frame_with_other_digests_under_a_known_number_is_refused() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[:1])
    for sent, topic in ((at(FRAMES[5], 0).packets(5)[1], Topic.PACKETS), (at(FRAMES[5], 0).whole(), Topic.BACKFILL)):
        with pytest.raises(Refused) as refusal:
            window.take(packet(sent, topic))
        assert refusal.value.reason is RejectReason.CONFLICTING_DUPLICATE


def test_other_bytes_in_a_known_place_are_refused() -> None:
    window = Window()
    first, second, *_ = FRAMES[0].packets(5)
    take(window, first)
    forged = FRAMES[0].sent(0, 5, second.meta.section, second.value)
    with pytest.raises(Refused, match="packet 0 of 5"):
        window.take(packet(forged))
    other = at(FRAMES[5], 0).packets(5)[0]
    same_head = dataclasses.replace(FRAMES[0]).sent(4, 5, other.meta.section, other.value)
    with pytest.raises(Refused, match="tile 0 came before"):
        window.take(packet(same_head))


def test_a_lower_epoch_is_stale_once_a_higher_one_sends() -> None:
    newer = Exam(epoch=2)
    window = Window()
    take(window, *FRAMES[0].packets(5)[:2])
    frame = newer.frame(1, moving(1))
    assert said(take(window, *frame.packets(1))) == [(0, Verdict.REPAIRED, 0), (1, Verdict.PASS, 0)]
    with pytest.raises(Refused) as refusal:
        window.take(packet(FRAMES[2].packets(1)[0]))
    assert refusal.value.reason is RejectReason.STALE_EPOCH


def test_frames_far_behind_are_refused_by_name() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[:2], *at(FRAMES[5], 200).packets(1), *at(FRAMES[10], 201).packets(1))
    for late in (FRAMES[0].packets(5)[3], at(FRAMES[5], 100).packets(1)[0]):
        with pytest.raises(Refused) as refusal:
            window.take(packet(late))
        assert refusal.value.reason is RejectReason.LATE_BEYOND_WINDOW


def test_before_its_first_key_frame_a_fresh_window_passes_over_what_is_not_exact() -> None:
    window = Window()
    closed = take(window, *FRAMES[2].packets(1), *FRAMES[3].packets(1), *FRAMES[5].packets(1), *FRAMES[6].packets(1))
    assert said(closed) == [(5, Verdict.PASS, 0), (6, Verdict.PASS, 0)]


def test_an_interval_is_held_until_the_next_key_frame_and_paid() -> None:
    window = Window()
    hold, closed = window.take(packet(FRAMES[0].packets(1)[0]))
    assert (hold.kept, hold.owed, closed[0].hold) == (True, 1, hold)
    hold.pay()
    assert not hold.is_free
    assert window.take(packet(FRAMES[1].packets(1)[0]))[0] is hold
    hold.pay()
    other, _ = window.take(packet(FRAMES[5].packets(1)[0]))
    assert hold.is_free
    assert other is not hold


def test_a_released_window_holds_nothing_but_debts() -> None:
    window = Window()
    hold, _ = window.take(packet(FRAMES[0].packets(1)[0]))
    window.release()
    assert not hold.is_free
    hold.pay()
    assert hold.is_free


def test_a_refused_packet_changes_nothing() -> None:
    window = Window()
    take(window, *FRAMES[0].packets(5)[:2])
    before = dataclasses.replace(window, frames=dict(window.frames), open=set(window.open))
    with pytest.raises(BadInput):
        window.take(packet(at(FRAMES[5], 0).packets(5)[1]))
    assert window == before


def test_without_key_frames_an_interval_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "INTERVAL_FRAMES_MAX", 4)
    window = Window()
    holds = [window.take(packet(frame.packets(1)[0]))[0] for frame in exam_frames(EXAM, 10, key_every=100)]
    assert len({id(hold) for hold in holds}) == 3
    assert not holds[0].kept
    assert not holds[-1].kept


def test_memory_is_bounded_in_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "REMEMBERED_FRAMES", 20)
    window = Window()
    for number in range(0, 400, 2):
        take(window, *at(FRAMES[0], number).packets(1))
    assert len(window.frames) <= 21
    assert sum(not frame.is_stripped for frame in window.frames.values()) <= 2
    with pytest.raises(Refused):
        window.take(packet(at(FRAMES[0], 10).packets(1)[0]))


def test_large_intervals_do_not_lend_tiles_to_late_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "LENT_BYTES_MAX", 10)
    window = Window()
    take(window, *FRAMES[0].packets(1), *FRAMES[5].packets(1))
    assert window.frames[0].is_stripped
