"""The account of one session."""

from collections.abc import Mapping

from huizhen.producers.flights import Settled
from huizhen.producers.journal import Entry, Kind
from huizhen.producers.journal_note import Note
from huizhen.producers.journal_state import JournalState, SourceState, fold
from huizhen.producers.session import Session, owed_of
from huizhen.schemas.ranges import Ranges
from tests.unit.producers.streams import PROBE


class Memory:
    """A journal that keeps what it says in memory."""

    def __init__(self, frames: Mapping[str, int]) -> None:
        self.notes: list[Note] = []
        self.state = fold(
            JournalState("exam-1"),
            [(Entry(Kind.FRAME, name, number), b"") for name, count in frames.items() for number in range(count)],
        )

    def note(self, note: Note) -> bool:
        self.notes.append(note)
        self.state.add_note(note)
        return True

    def read(self, source: str, number: int) -> tuple[Entry, bytes] | None:
        return None

    def snapshot(self) -> dict[str, SourceState]:
        return {name: source.copy() for name, source in self.state.sources.items()}


def settled(delivered: tuple[int, int] | None = None, late: tuple[int, int] | None = None) -> Settled:
    return Settled(Ranges([delivered] if delivered else []), Ranges([late] if late else []))


def test_what_live_delivered_is_written_once() -> None:
    journal = Memory({"probe": 10})
    session = Session(journal, {})
    session.settle({PROBE: settled((0, 4))})
    session.settle({PROBE: settled((5, 6))})
    session.flush()
    session.flush()
    assert journal.notes == [Note(acked={"probe": Ranges([(0, 6)])})]
    assert journal.state.source("probe").owed() == Ranges([(7, 9)])


def test_late_frames_go_out_oldest_first_and_count_until_they_arrived() -> None:
    journal = Memory({"probe": 10})
    session = Session(journal, {})
    session.settle({PROBE: settled(late=(3, 4))})
    assert session.behind == {"probe": 2}
    assert session.next_late() == ("probe", 3)
    assert session.next_late() == ("probe", 4)
    assert session.next_late() is None
    assert not session.is_flushed
    session.came("probe", 3, True)
    session.came("probe", 4, False)
    assert session.next_late() == ("probe", 4)
    session.came("probe", 4, True)
    session.flush()
    assert session.is_flushed
    assert journal.state.source("probe").acked == Ranges([(3, 4)])


def test_the_longest_backlog_goes_first() -> None:
    session = Session(Memory({"probe": 9, "screen": 9}), {"probe": Ranges([(8, 8)]), "screen": Ranges([(1, 3)])})
    assert session.next_late() == ("screen", 1)


def test_an_earlier_run_leaves_its_debts() -> None:
    journal = Memory({"probe": 5})
    journal.note(Note(acked={"probe": Ranges([(0, 2)])}))
    session = Session(journal, owed_of(journal.snapshot()))
    assert [session.next_late(), session.next_late(), session.next_late()] == [("probe", 3), ("probe", 4), None]


def test_frames_asked_for_again_go_once_more_but_not_twice_at_a_time() -> None:
    journal = Memory({"probe": 10})
    journal.note(Note(acked={"probe": Ranges([(0, 9)])}, dropped={"spool_full": {"probe": Ranges([(4, 4)])}}))
    session = Session(journal, {})
    assert session.resend("probe", 3, 40) == 6
    assert session.next_late() == ("probe", 3)
    assert session.resend("probe", 3, 5) == 0, "one is on its way, one is dropped, one waits"
    assert session.resend("screen", 0, 9) == 0


def test_a_frame_that_is_on_its_way_late_is_not_put_back_by_live() -> None:
    session = Session(Memory({"probe": 3}), {})
    session.owe("probe", 1)
    assert session.next_late() == ("probe", 1)
    session.settle({PROBE: settled(late=(1, 1))})
    assert session.next_late() is None


def test_frames_without_room_are_dropped() -> None:
    journal = Memory({"probe": 3})
    session = Session(journal, {})
    session.drop("probe", 3)
    session.drop("probe", 4)
    session.flush()
    assert journal.state.source("probe").dropped == {"spool_full": Ranges([(3, 4)])}
    assert journal.state.source("probe").next_number == 5


def test_a_frame_the_journal_cannot_give_back_is_torn_unless_kafka_has_it() -> None:
    journal = Memory({"probe": 3})
    journal.note(Note(acked={"probe": Ranges([(0, 0)])}))
    session = Session(journal, {})
    session.resend("probe", 0, 1)
    session.settle({PROBE: settled((2, 2))})
    for _ in range(2):
        late = session.next_late()
        assert late is not None
        session.tear(*late)
    session.tear("probe", 2)
    session.flush()
    assert journal.state.source("probe").dropped == {"spool_torn": Ranges([(1, 1)])}
    assert session.is_flushed
