import dataclasses

import pytest

from huizhen.processors.acks import Hold
from huizhen.processors.arrival import Packet
from huizhen.processors.frame import Frame, KnownTile, checked_stitch, complete_tiles, has_base
from huizhen.processors.validate import read_packet
from huizhen.schemas.errors import ChecksumMismatch, Refused
from huizhen.schemas.reasons import TileState
from tests.exam import Exam, Sent, arrived, exam_frames, known_sessions

EXAM = Exam()
FRAMES = exam_frames(EXAM, 3)
SESSIONS = known_sessions(EXAM, FRAMES[0])
SENT = FRAMES[0].packets(5)


def packet(sent: Sent) -> Packet:
    return read_packet(arrived(sent), sent.meta, SESSIONS)


def frame_of(*sent: Sent) -> Frame:
    frame = Frame(FRAMES[0].head, Hold())
    for one in sent:
        frame.add(packet(one))
    return frame


def test_tile_parts_come_together_from_packets() -> None:
    frame = frame_of(*SENT)
    assert frame.header == FRAMES[0].header
    assert frame.has_all(5)
    assert frame.missing() == ()
    tiles = frame.tiles()
    assert complete_tiles(FRAMES[0].header, tiles) == FRAMES[0].header.tiles
    assert checked_stitch(frame.head, FRAMES[0].header, tiles) == FRAMES[0].stream


def test_the_base_alone_is_known_up_to_a_quarter() -> None:
    header = FRAMES[0].header
    tiles = frame_of(SENT[0]).tiles()
    assert {len(tile.parts) for tile in tiles.values()} == {header.base_parts()}
    assert has_base(header, tiles)
    assert complete_tiles(header, tiles) == 0
    assert not has_base(header, frame_of(SENT[2]).tiles())
    assert not has_base(header, {0: KnownTile(TileState.TRUE, tiles[0].parts)})


def test_what_is_missing_is_named_with_and_without_a_notice() -> None:
    frame = frame_of(SENT[0], SENT[3])
    assert frame.missing() == (1, 2, 4)
    frame.add(packet(FRAMES[0].not_sent([1, 2, 4], 5)))
    assert frame.has_all(5)
    assert frame.missing() == (1, 2, 4)
    assert frame_of(FRAMES[0].not_sent([0], 1)).missing() == (0,)


def test_a_packet_is_known_when_it_came_before() -> None:
    frame = frame_of(SENT[0])
    assert frame.knows(packet(SENT[0]))
    assert not frame.knows(packet(SENT[1]))
    notice = packet(FRAMES[0].not_sent([1], 5))
    assert not frame.knows(notice)
    frame.add(notice)
    assert frame.knows(notice)


def test_unchanged_tiles_are_borrowed_once_their_frame_is_there() -> None:
    now = Frame(FRAMES[1].head, Hold())
    now.add(packet(FRAMES[1].packets(1)[0]))
    assert now.lacks_from(0)
    assert not now.lacks_from(5)
    now.borrow(lambda number: None)
    assert len(now.lacks()) == len(FRAMES[1].unchanged)
    now.borrow({0: frame_of(*SENT)}.get)
    assert now.lacks() == []
    assert {tile.state for tile in now.tiles().values()} == {TileState.TRUE, TileState.UNCHANGED}
    assert checked_stitch(now.head, FRAMES[1].header, now.tiles()) == FRAMES[1].stream


def test_a_stripped_frame_lends_nothing_and_remembers_what_was_said() -> None:
    frame = frame_of(*SENT)
    frame.revision, frame.is_exact = 3, True
    frame.strip()
    assert frame.sent_tile(0) is None
    assert frame.digest_of(0) is None
    assert (frame.revision, frame.is_exact, frame.records) == (3, True, [])


def test_refused_content_goes_and_its_packets_change_nothing_again() -> None:
    frame = frame_of(*SENT)
    frame.refuse()
    assert frame.tiles() == {}
    assert all(frame.knows(packet(one)) for one in SENT)


def test_a_whole_frame_replaces_a_damaged_one() -> None:
    damaged, whole = frame_of(SENT[0]), frame_of(*SENT)
    damaged.adopt(whole)
    assert damaged.is_exact
    assert damaged.is_backfilled
    assert damaged.sent_tile(3) == whole.sent_tile(3)


def test_other_bytes_are_refused_and_change_nothing() -> None:
    frame = frame_of(SENT[0])
    other = FRAMES[2].packets(1)[0]
    forged = FRAMES[0].sent(1, 5, other.meta.section, other.value)
    before = frame.tiles()
    with pytest.raises(Refused):
        frame.add(packet(forged))
    assert frame.tiles() == before


def test_a_stitched_frame_is_held_against_its_digest() -> None:
    head = dataclasses.replace(FRAMES[0].head, frame_digest="0" * 64)
    with pytest.raises(ChecksumMismatch):
        checked_stitch(head, FRAMES[0].header, frame_of(*SENT).tiles())
