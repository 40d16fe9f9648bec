"""Late frames leave the journal for Kafka."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, KafkaException

from huizhen.producers.backfill import Failure, write_failed
from huizhen.producers.backfill_io import BackfillSender
from huizhen.producers.events_io import EventSender
from huizhen.producers.journal import Entry, Kind, Stood
from huizhen.producers.retention import Budget
from huizhen.producers.session_io import OpenSession
from huizhen.producers.spool_io import Spool
from huizhen.schemas.ids import StationId, TenantId
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import Kept
from tests.services.waiting import wait_for
from tests.unit.producers.fakes import FakeError, FakePublisher, Handed
from tests.unit.producers.streams import PROBE, coded

FRAME = coded(tuple(range(9)))


class Harness:
    def __init__(self, root: Path) -> None:
        self.spool = Spool(root, Budget(1 << 30, 0, 1e6), 10.0, "boot")
        self.publisher = FakePublisher()
        self.events = EventSender(FakePublisher())
        journal = self.spool.open("exam-1")
        self.session = OpenSession(self.spool, journal, TenantId("clinic"), StationId("station-1"), self.events)
        self.session.assume_known()
        self.session._declared.add(("probe", 0))
        self.rate_hz = 0.0
        self.sender = BackfillSender(
            self.publisher,
            lambda: [self.session],
            self.events,
            None,
            lambda: self.rate_hz,
        ).start()

    def journal(self, count: int) -> None:
        for number in range(count):
            entry = Entry(Kind.FRAME, "probe", number, 0, 1, 1, FRAME.frame_digest, FRAME.pixel_digest)
            assert self.session.keep(entry, FRAME.stream) is Stood.WHOLE

    def wait(self, count: int) -> list[Handed]:
        wait_for(lambda: len(self.publisher.handed) >= count, 60, f"{count} late frames")
        return self.publisher.take()


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    made = Harness(tmp_path)
    yield made
    made.sender.close()
    made.spool.close()


def test_a_late_frame_is_confirmed_by_its_delivery(harness: Harness) -> None:
    harness.journal(2)
    harness.session.owe(PROBE, 1)
    (handed,) = harness.wait(1)
    assert handed.topic == "huizhen.clinic.backfill"
    assert not harness.session.account.is_flushed
    handed.arrive()
    assert harness.session.account.is_flushed
    harness.session.account.flush()
    assert harness.session.journal.state.source("probe").acked == Ranges([(1, 1)])


def test_a_late_frame_that_failed_goes_again(harness: Harness) -> None:
    harness.journal(1)
    harness.session.owe(PROBE, 0)
    harness.wait(1)[0].fail()
    harness.wait(1)[0].arrive()
    assert harness.session.account.is_flushed


def test_frames_that_could_not_be_read_go_to_rejected_without_a_geometry(harness: Harness) -> None:
    payload = write_failed(Failure(RejectReason.BAD_DICOM, "cut off", Kept(5, "0" * 64, "")), b"bytes")
    digest = hashlib.sha256(b"bytes").digest()
    harness.session.keep(Entry(Kind.FAILED, "probe", 0, 9, 1, 1, digest), payload)
    harness.session.owe(PROBE, 0)
    (handed,) = harness.wait(1)
    assert (handed.topic, handed.value) == ("huizhen.clinic.rejected", b"bytes")


def test_a_frame_waits_for_its_geometry(harness: Harness) -> None:
    entry = Entry(Kind.FRAME, "probe", 0, 5, 1, 1, FRAME.frame_digest, FRAME.pixel_digest)
    harness.session.keep(entry, FRAME.stream)
    harness.session.owe(PROBE, 0)
    harness.journal(0)
    assert not harness.session.may_send("probe", 5)
    wait_for(lambda: harness.session.account.behind == {"probe": 1}, 60, "it stays owed")
    assert harness.publisher.take() == []
    harness.session._declared.add(("probe", 5))
    harness.wait(1)[0].arrive()


def test_a_frame_the_journal_lost_is_torn(harness: Harness) -> None:
    harness.journal(1)
    harness.session.owe(PROBE, 4)
    wait_for(lambda: harness.session.account.is_flushed, 60, "it is given up")
    harness.session.account.flush()
    assert harness.session.journal.state.source("probe").dropped == {"spool_torn": Ranges([(4, 4)])}


def test_a_full_client_is_tried_again(harness: Harness) -> None:
    harness.publisher.is_full = True
    harness.journal(1)
    harness.session.owe(PROBE, 0)
    wait_for(lambda: harness.session.account.behind == {"probe": 1}, 60, "it stays owed")
    harness.publisher.is_full = False
    harness.wait(1)[0].arrive()


def test_a_record_that_kafka_refuses_for_good_is_given_up(harness: Harness) -> None:
    harness.publisher.refuses = KafkaException(FakeError(number=KafkaError.MSG_SIZE_TOO_LARGE))
    harness.journal(1)
    harness.session.owe(PROBE, 0)
    wait_for(lambda: harness.session.account.is_flushed, 60, "it is given up")


def test_no_more_are_on_their_way_than_the_link_bears(harness: Harness) -> None:
    harness.journal(5)
    for number in range(5):
        harness.session.owe(PROBE, number)
    (first,) = harness.wait(1)
    assert harness.publisher.handed == []
    first.arrive()
    assert len(harness.wait(2)) == 2
