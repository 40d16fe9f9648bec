"""An open session: what Kafka must know before its frames go, and when it is sealed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huizhen.producers.events_io import EventSender
from huizhen.producers.journal import Entry, Kind, Stood
from huizhen.producers.orders import Phase
from huizhen.producers.retention import Budget
from huizhen.producers.session_io import OpenSession
from huizhen.producers.spool_io import Spool
from huizhen.schemas.events import Announced, GeometryDeclared, Progress, Sealed
from huizhen.schemas.ids import StationId, TenantId
from huizhen.schemas.routing import read_event
from tests.unit.producers.fakes import FakePublisher
from tests.unit.producers.streams import PROBE, coded

FRAME = coded(tuple(range(9)))
ANNOUNCED = Announced(
    alliance="alliance", tenant="clinic", campus="main", room="room-1", station="station-1", session="exam-1", epoch=0,
    announced_at_ns=5, sources=[], modality="US", access_mode="B", partitions=4, study_instance_uid="1.2.3",
)  # fmt: skip
GEOMETRY = GeometryDeclared(
    tenant="clinic", session="exam-1", source="probe", geometry=0, epoch=0, declared_at_ns=6, columns=96, rows=96,
    samples_per_pixel=1, bits_stored=8, pixel_representation=0, photometric_interpretation="MONOCHROME2", tile=32,
    levels=5, coding_digest="ab",
)  # fmt: skip


class Harness:
    def __init__(self, root: Path) -> None:
        self.publisher = FakePublisher()
        self.spool = Spool(root, Budget(1 << 30, 0, 1e6), 10.0, "boot")
        self.session = self.reopen()

    def reopen(self) -> OpenSession:
        journal = self.spool.open("exam-1")
        self.spool.begin_epoch(journal)
        return OpenSession(self.spool, journal, TenantId("clinic"), StationId("station-1"), EventSender(self.publisher))

    def deliver(self) -> list[Any]:
        """Let everything arrive; give the events."""
        taken = self.publisher.take()
        for handed in taken:
            handed.arrive()
        return [read_event([*handed.headers], handed.value) for handed in taken]

    def journal(self, number: int) -> None:
        entry = Entry(Kind.FRAME, "probe", number, 0, 1, 1, FRAME.frame_digest, FRAME.pixel_digest)
        assert self.session.keep(entry, FRAME.stream) is Stood.WHOLE
        self.session.owe(PROBE, number)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    made = Harness(tmp_path)
    yield made
    made.spool.close()


def test_nothing_may_be_sent_before_kafka_knows_session_and_geometry(harness: Harness) -> None:
    session = harness.session
    session.announce(ANNOUNCED)
    session.declare(GEOMETRY)
    announced, declared = harness.publisher.take()
    declared.arrive()
    assert not session.may_send("probe", 0)
    announced.arrive()
    assert session.is_announced
    assert session.may_send("probe", 0)
    assert session.may_send("probe", -1), "bytes that could not be read need no geometry"
    assert not session.may_send("probe", 1)


def test_a_session_is_sealed_when_kafka_has_every_frame(harness: Harness) -> None:
    session = harness.session
    session.announce(ANNOUNCED)
    harness.journal(0)
    session.seal_when_flushed()
    session.end()
    session.seal_when_flushed()
    assert not any(isinstance(event, Sealed) for event in harness.deliver()), "a frame is still owed"
    assert session.account.next_late() == ("probe", 0)
    session.account.came("probe", 0, True)
    session.seal_when_flushed()
    session.seal_when_flushed()
    events = harness.deliver()
    assert [type(event) for event in events] == [Progress, Sealed]
    assert (events[1].sources[0].frames, events[1].epoch) == (1, 0)
    assert session.phase is Phase.SEALED


def test_a_frame_nobody_speaks_of_is_found_before_the_seal(harness: Harness) -> None:
    session = harness.session
    session.announce(ANNOUNCED)
    harness.journal(0)
    assert session.account.next_late() == ("probe", 0)
    session.account.came("probe", 0, True)
    session.keep(Entry(Kind.FRAME, "probe", 1, 0, 1, 1, FRAME.frame_digest, FRAME.pixel_digest), FRAME.stream)
    session.end()
    session.seal_when_flushed()
    assert session.account.next_late() == ("probe", 1)


def test_progress_says_how_it_stands(harness: Harness) -> None:
    harness.session.announce(ANNOUNCED)
    harness.deliver()
    harness.journal(0)
    harness.session.drop(PROBE, 1)
    harness.session.report("spool_full")
    (event,) = harness.deliver()
    assert (event.captured, event.dropped, event.behind_frames, event.alarm) == (2, [1, 1], 1, "spool_full")
    assert event.spooled_bytes > len(FRAME.stream)


def test_progress_does_not_pile_up_while_kafka_is_away(harness: Harness) -> None:
    harness.session.announce(ANNOUNCED)
    harness.journal(0)
    for _ in range(50):
        harness.session.report("")
    assert len(harness.publisher.handed) < 12


def test_the_next_epoch_announces_and_declares_again(harness: Harness) -> None:
    harness.session.announce(ANNOUNCED)
    harness.session.declare(GEOMETRY)
    harness.journal(0)
    harness.spool.release(harness.session.journal)
    harness.publisher.take()
    again = harness.reopen()
    again.announce()
    events = harness.deliver()
    assert [(type(event), event.epoch) for event in events] == [(Announced, 1), (GeometryDeclared, 1)]
    assert replace(events[0], epoch=0, announced_at_ns=5, first_announced_at_ns=0) == ANNOUNCED
    assert events[0].begun_at_ns == 5
    assert again.may_send("probe", 0)
    assert again.account.next_late() == ("probe", 0), "what the first epoch owed"


def test_a_sealed_session_is_known_without_being_opened_again(harness: Harness) -> None:
    harness.session.announce(ANNOUNCED)
    harness.session.declare(GEOMETRY)
    harness.spool.release(harness.session.journal)
    harness.publisher.take()
    again = harness.reopen()
    again.assume_known()
    assert harness.publisher.take() == []
    assert again.may_send("probe", 0)


def test_without_live_frames_go_late(harness: Harness) -> None:
    harness.session.owe(PROBE, 0)
    assert harness.session.account.behind == {"probe": 1}
