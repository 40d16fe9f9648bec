"""The packets of one frame."""

from huizhen.producers.frame import Offset, head_of
from huizhen.producers.references import Plan
from huizhen.producers.sending import Sending, Ticket, begin, notice_of, whole
from huizhen.schemas.codestream import stitch
from huizhen.schemas.packet import Section, read_body, read_not_sent
from tests.unit.producers.streams import PROBE, SENDER, frame

PLAN = Plan(True, tuple(range(9)), ())


def sending(packets: int = 5) -> Sending:
    made = frame(1)
    return begin(made, head_of(made, SENDER, True, Offset()), PLAN, packets)


def test_packets_go_in_order_and_carry_the_frame() -> None:
    cut = sending()
    out = []
    while not cut.is_done:
        size = cut.next_bytes
        out.append(cut.hand_over(7))
        assert out[-1].ticket == Ticket(PROBE, 1, size, 7)
    assert [one.meta.section for one in out] == [Section.BASE] + [Section.DETAIL] * 4
    assert [one.meta.index for one in out] == [0, 1, 2, 3, 4]
    tiles: dict[int, list[bytes]] = {}
    for one in out:
        for part in read_body(one.value).parts:
            tiles.setdefault(part.tile, []).append(part.data)
    assert stitch(frame(1).header, tiles) == stitch(frame(1).header, dict(enumerate(frame(1).tiles)))


def test_what_is_skipped_or_given_up_is_said_and_its_tiles_are_incomplete() -> None:
    cut = sending()
    cut.hand_over(0)
    assert cut.is_detail
    cut.skip()
    cut.hand_over(0)
    cut.give_up()
    assert cut.is_done
    assert cut.not_sent == [1, 3, 4]
    notice = cut.notice()
    assert (notice.meta.section, notice.meta.index, notice.meta.count) == (Section.NOT_SENT, 0, 5)
    assert notice.ticket is None
    assert read_not_sent(notice.value, 5) == (1, 3, 4)
    assert cut.incomplete_tiles() == {0, 2, 6, 8, 3, 5, 4}, "phases 0, 2 and 3 of 3 × 3 tiles"


def test_a_late_frame_goes_whole() -> None:
    made = frame(1)
    (record,) = whole(made, head_of(made, SENDER, True, Offset()), 15 << 20, 0)
    assert (record.meta.section, record.meta.count) == (Section.ALL, 1)
    body = read_body(record.value)
    assert not body.unchanged
    assert len(body.parts) == 9 * 6


def test_a_late_frame_above_the_limit_goes_in_several_packets() -> None:
    made = frame(1)
    records = whole(made, head_of(made, SENDER, True, Offset()), 4000, 0)
    assert len(records) > 2
    assert {record.meta.count for record in records} == {len(records)}
    assert sum(len(read_body(record.value).parts) for record in records) == 9 * 6


def test_a_notice_for_a_whole_frame_speaks_of_one_packet() -> None:
    made = frame(1)
    notice = notice_of(head_of(made, SENDER, False, Offset()), 1, [0])
    assert read_not_sent(notice.value, notice.meta.count) == (0,)
