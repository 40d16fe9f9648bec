"""In which order an effect is carried out, and that every step may be carried out again."""

from collections.abc import Iterable
from typing import Any, BinaryIO

import pytest

from huizhen.schemas.errors import ChecksumMismatch, HuizhenError, Unavailable
from huizhen.schemas.events import LedgerEntry
from huizhen.sinks.effects import StoreInstance
from huizhen.sinks.store import Lock, MemoryStore
from huizhen.sinks.writer import Writer
from tests.unit.sinks import exam
from tests.unit.sinks.desk import Desk


class Away(MemoryStore):
    """A store that fails for the first calls: it is away, or what it says."""

    def __init__(self, calls: int, error: HuizhenError | None = None) -> None:
        super().__init__()
        self.left = calls
        self.error = error or Unavailable("S3")

    def put(
        self, key: str, body: BinaryIO, size: int, sha256: str, content_type: str, *, lock: Lock | None = None
    ) -> bool:
        if self.left:
            self.left -= 1
            raise self.error
        return super().put(key, body, size, sha256, content_type, lock=lock)


class Mute:
    """A log that takes nothing."""

    def publish(self, events: Iterable[Any]) -> None:
        raise Unavailable("Kafka")


def stores(desk: Desk) -> list[StoreInstance]:
    return [each for each in desk.done if isinstance(each, StoreInstance)]


def test_while_the_store_is_away_nothing_is_ledgered_and_nothing_is_let_go() -> None:
    desk = Desk(Away(2)).open()
    for _ in range(2):
        with pytest.raises(Unavailable):
            desk.frames(0, 1, 2, 3)
        assert (desk.of(LedgerEntry), len(desk.spool.kept)) == ([], 4)
        desk = _again(desk)
    desk.frames(0, 1, 2, 3)
    assert (desk.entries("stored"), desk.spool.kept) == ([(0, 3)], {})


def test_an_upload_that_arrived_changed_is_the_links_fault_and_tried_again() -> None:
    desk = Desk(Away(1, ChecksumMismatch("object", "1" * 64, "BadDigest"))).open()
    with pytest.raises(Unavailable, match="other bytes than were sent"):
        desk.frames(0, 1, 2, 3)
    assert (desk.of(LedgerEntry), len(desk.spool.kept)) == ([], 4)
    desk = _again(desk)
    desk.frames(0, 1, 2, 3)
    assert (desk.entries("stored"), desk.spool.kept) == ([(0, 3)], {})


def test_a_manifest_that_arrived_changed_is_tried_again_too() -> None:
    desk = Desk(Away(0, ChecksumMismatch("object", "1" * 64, "BadDigest"))).open()
    desk.frames(0, 1, 2, 3)
    assert isinstance(desk.store, Away)
    desk.store.left = 1
    desk.seal(4)
    with pytest.raises(Unavailable, match="other bytes than were sent"):
        desk.tick(times=8)


def _again(desk: Desk) -> Desk:
    return Desk(desk.store).open()


def test_an_object_without_its_ledger_entry_is_found_and_ledgered_by_the_next_try() -> None:
    desk = Desk().open()
    mute = Writer(desk.store, Mute(), desk.spool, lambda: 0, lambda _at_ns: None)
    desk.frames(0, 1, 2)
    real, desk.writer = desk.writer, mute
    with pytest.raises(Unavailable):
        desk.frame(3)
    assert (len(desk.store.objects), len(desk.spool.kept)) == (1, 4)
    (effect,) = stores(desk)
    real.perform(effect)
    assert (len(desk.store.objects), desk.entries("stored"), desk.spool.kept) == (1, [(0, 3)], {})


def test_bad_attributes_of_one_session_do_not_stop_it() -> None:
    desk = Desk()
    desk.tell(exam.announced(patient_birth_date="yesterday"))
    desk.tell(exam.geometry())
    desk.frames(0, 1, 2, 3)
    assert desk.entries("stored") == [(0, 3)]
