"""In which order an effect is carried out, and that every step may be carried out again."""

from collections.abc import Iterable
from typing import Any, BinaryIO

import pytest

from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import LedgerEntry
from huizhen.sinks.effects import StoreInstance
from huizhen.sinks.store import MemoryStore
from huizhen.sinks.writer import Writer
from tests.unit.sinks import exam
from tests.unit.sinks.desk import Desk


class Away(MemoryStore):
    """A store that is away for the first calls."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.left = calls

    def put(self, key: str, body: BinaryIO, size: int, sha256: str, content_type: str) -> bool:
        if self.left:
            self.left -= 1
            raise Unavailable("S3")
        return super().put(key, body, size, sha256, content_type)


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
