"""What goes out late."""

import hashlib

from huizhen.producers.backfill import Failure, late_record, read_failed, write_failed
from huizhen.producers.frame import Offset
from huizhen.producers.journal import Entry, Kind
from huizhen.schemas.codestream import stitch
from huizhen.schemas.packet import Section, read_body
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import read_packet_headers
from huizhen.schemas.rejected import ORIGINAL_MAX, Kept, read_rejected
from tests.unit.producers.streams import SENDER, coded

FRAME = coded(tuple(range(9)))
ENTRY = Entry(Kind.FRAME, "probe", 7, 2, 10**18, 99, FRAME.frame_digest, FRAME.pixel_digest)


def test_a_late_frame_stands_alone_on_backfill() -> None:
    record = late_record(ENTRY, FRAME.stream, SENDER, Offset(4, 5), 0)
    assert (record.topic, record.key) == ("huizhen.clinic.backfill", "exam-1")
    meta = read_packet_headers([*record.headers])
    assert (meta.section, meta.index, meta.count, meta.head.key) == (Section.ALL, 0, 1, True)
    assert str(meta.head.frame) == "clinic/exam-1/probe/7"
    assert (meta.head.geometry, meta.head.clock.offset_ns) == (2, 4)
    assert record.value is not None
    body = read_body(record.value)
    tiles: dict[int, list[bytes]] = {}
    for part in body.parts:
        tiles.setdefault(part.tile, []).append(part.data)
    assert stitch(body.header, tiles) == FRAME.stream
    assert meta.head.frame_digest == hashlib.sha256(FRAME.stream).hexdigest()
    assert meta.payload_digest == hashlib.sha256(record.value).hexdigest()


KEPT = Kept(17, hashlib.sha256(b"no picture at all").hexdigest(), "exam-1/probe-7")
FAILED = Entry(Kind.FAILED, "probe", 7, 0, 10**18, 99, bytes.fromhex(KEPT.digest))


def test_of_a_frame_that_could_not_be_read_a_notice_goes_to_rejected() -> None:
    payload = write_failed(Failure(RejectReason.BAD_DICOM, "fragment 7 is cut off", KEPT), b"masked\npixels")
    record = late_record(FAILED, payload, SENDER, Offset(), 10**18)
    assert (record.topic, record.key, record.value) == ("huizhen.clinic.rejected", "exam-1", b"masked\npixels")
    said = read_rejected([*record.headers])
    assert said.is_whole_frame
    assert said.reason is RejectReason.BAD_DICOM
    assert "fragment 7 is cut off" in said.message
    meta = read_packet_headers([*said.original])
    assert str(meta.head.frame) == "clinic/exam-1/probe/7"
    assert meta.head.frame_digest == KEPT.digest
    assert meta.payload_digest == hashlib.sha256(b"masked\npixels").hexdigest()
    assert said.kept == KEPT


def test_masked_pixels_above_the_record_limit_stay_here() -> None:
    found = read_failed(write_failed(Failure(RejectReason.POLICY, "x", KEPT), bytes(ORIGINAL_MAX + 9)))
    assert found == (Failure(RejectReason.POLICY, "x", KEPT), b"")


def test_an_original_that_an_earlier_version_journalled_stays_here() -> None:
    payload = b'{"reason": "bad_dicom", "message": "cut off"}\n' + b"DICM Doe^Jane"
    record = late_record(FAILED, payload, SENDER, Offset(), 10**18)
    assert record.value == b""
    assert not any(b"Doe" in value for _, value in record.headers)
    kept = read_rejected([*record.headers]).kept
    assert kept == Kept(13, hashlib.sha256(b"DICM Doe^Jane").hexdigest(), "journal")
