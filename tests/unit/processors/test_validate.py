import dataclasses

import pytest

from huizhen.processors.arrival import Arrived
from huizhen.processors.validate import header_digest, is_announced, read_meta, read_packet
from huizhen.schemas.errors import BadInput, Refused
from huizhen.schemas.packet import Section
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.topics import Topic
from tests.exam import Coded, Exam, Sent, arrived, known_sessions, moving

EXAM = Exam()
FRAME = EXAM.frame(0, moving(0))
SESSIONS = known_sessions(EXAM, FRAME)
PACKET = FRAME.packets(1)[0]


def reason_of(record: Arrived) -> RejectReason:
    with pytest.raises(BadInput) as refusal:
        read_packet(record, read_meta(record), SESSIONS)
    return refusal.value.reason


def sent_by(exam: Exam, frame: Coded | None = None) -> Sent:
    return (frame or exam.frame(0, moving(0))).packets(1)[0]


def test_a_packet_as_announced_is_read() -> None:
    packet = read_packet(arrived(PACKET), PACKET.meta, SESSIONS)
    assert packet.number == 0
    assert packet.body is not None
    assert packet.body.header == FRAME.header
    assert not packet.is_backfill
    assert read_packet(arrived(PACKET, topic=Topic.BACKFILL), PACKET.meta, SESSIONS).is_backfill


def test_a_notice_of_what_was_not_sent_is_read() -> None:
    notice = FRAME.not_sent([1, 4], 5)
    packet = read_packet(arrived(notice), notice.meta, SESSIONS)
    assert packet.is_notice
    assert packet.not_sent == (1, 4)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (arrived(PACKET, topic=Topic.PACKETS, headers=()), RejectReason.BAD_ENVELOPE),
        (arrived(PACKET, key=b"another"), RejectReason.BAD_ENVELOPE),
        (dataclasses.replace(arrived(PACKET), topic="huizhen.elsewhere.packets"), RejectReason.WRONG_TENANT),
        (arrived(PACKET, value=PACKET.value + b"\0"), RejectReason.BAD_CHECKSUM),
        (arrived(sent_by(dataclasses.replace(EXAM, session="nobody"))), RejectReason.UNKNOWN_SESSION),
        (arrived(sent_by(dataclasses.replace(EXAM, source="camera"))), RejectReason.UNKNOWN_SESSION),
        (arrived(sent_by(dataclasses.replace(EXAM, geometry=3))), RejectReason.UNKNOWN_GEOMETRY),
        (arrived(sent_by(dataclasses.replace(EXAM, epoch=0))), RejectReason.STALE_EPOCH),
        (arrived(sent_by(EXAM, EXAM.frame(0, moving(0, 64, 160)))), RejectReason.FRAME_SIZE_CHANGED),
        (arrived(sent_by(dataclasses.replace(EXAM, tile=64))), RejectReason.CODING_CHANGED),
        (arrived(FRAME.sent(0, 1, Section.ALL, b"nothing of ours")), RejectReason.BAD_ENVELOPE),
        (arrived(FRAME.sent(0, 1, Section.ALL, PACKET.value[:150])), RejectReason.BAD_CODESTREAM),
        (arrived(FRAME.sent(0, 5, Section.NOT_SENT, b"\0\7")), RejectReason.BAD_ENVELOPE),
    ],
)
def test_what_is_not_as_announced_is_refused_by_name(record: Arrived, reason: RejectReason) -> None:
    assert reason_of(record) is reason


def test_what_an_older_epoch_captured_before_the_newer_began_is_good() -> None:
    sessions = known_sessions(EXAM, FRAME)
    sessions.announce(EXAM.announced(epoch=2, announced_at_ns=EXAM.started_ns + 1))
    assert read_packet(arrived(PACKET), PACKET.meta, sessions).number == 0
    late = EXAM.frame(1, moving(1)).packets(1)[0]
    with pytest.raises(BadInput, match="epoch 1"):
        read_packet(arrived(late), late.meta, sessions)


def test_every_packet_of_a_refused_session_is_of_bad_identity() -> None:
    sessions = known_sessions(EXAM, FRAME)
    sessions.announce(EXAM.announced(), Refused(RejectReason.BAD_IDENTITY, "StudyInstanceUID is no UID"))
    with pytest.raises(BadInput) as refusal:
        read_packet(arrived(PACKET), PACKET.meta, sessions)
    assert refusal.value.reason is RejectReason.BAD_IDENTITY


def test_every_packet_of_a_refused_geometry_is_refused_with_its_reason() -> None:
    sessions = known_sessions(EXAM, FRAME)
    sessions.declare(EXAM.declared(FRAME), Refused(RejectReason.BAD_DICOM, "PhotometricInterpretation"))
    with pytest.raises(BadInput) as refusal:
        read_packet(arrived(PACKET), PACKET.meta, sessions)
    assert refusal.value.reason is RejectReason.BAD_DICOM


def test_a_packet_is_announced_when_its_session_and_geometry_are() -> None:
    assert is_announced(PACKET.meta, SESSIONS)
    assert not is_announced(sent_by(dataclasses.replace(EXAM, geometry=3)).meta, SESSIONS)
    assert not is_announced(sent_by(dataclasses.replace(EXAM, session="nobody")).meta, SESSIONS)
    assert is_announced(dataclasses.replace(EXAM, geometry=3).frame(0, moving(0)).not_sent([0], 1).meta, SESSIONS)


def test_a_header_is_known_by_its_digest() -> None:
    assert header_digest(FRAME.header) == EXAM.declared(FRAME).coding_digest
