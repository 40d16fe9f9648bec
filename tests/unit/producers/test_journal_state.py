"""What the journal says besides pixels survives rotation, restart and damage."""

import hashlib

from huizhen.producers.journal import Entry, Kind, roll
from huizhen.producers.journal_note import Note, write_note
from huizhen.producers.journal_state import JournalState, fold, read_state, write_state
from huizhen.schemas.events import Announced, GeometryDeclared
from huizhen.schemas.ranges import Ranges

ANNOUNCED = Announced(
    alliance="alliance", tenant="clinic", campus="main", room="room-1", station="station-1", session="exam-1", epoch=2,
    announced_at_ns=5, sources=[], modality="US", access_mode="B", partitions=4, study_instance_uid="1.2.3",
    patient_name="Ärztin^Anna",
)  # fmt: skip
GEOMETRY = GeometryDeclared(
    tenant="clinic", session="exam-1", source="probe", geometry=1, epoch=2, declared_at_ns=6, columns=64, rows=48,
    samples_per_pixel=3, bits_stored=8, pixel_representation=0, photometric_interpretation="RGB", tile=128, levels=5,
    coding_digest="ab",
)  # fmt: skip
NOTE = Note(
    epoch=2,
    boot="boot-1",
    announced=ANNOUNCED,
    geometries=(GEOMETRY,),
    rates={"probe": 30.0},
    acked={"probe": Ranges([(0, 1)])},
    dropped={"spool_full": {"probe": Ranges([(3, 3)])}},
    ended=True,
    sealed=False,
)


def frame(number: int, source: str = "probe") -> tuple[Entry, bytes]:
    digest = hashlib.sha256(f"{source}{number}".encode()).digest()
    return Entry(Kind.FRAME, source, number, frame_digest=digest), b""


def note(said: Note) -> tuple[Entry, bytes]:
    return Entry(Kind.NOTE), write_note(said)


def test_a_state_reads_back_as_written() -> None:
    state = fold(JournalState("exam-1"), [frame(0), frame(1), frame(2), note(NOTE), frame(4), frame(0, "screen")])
    again = read_state(write_state(state))
    assert again == state
    assert again.announced == ANNOUNCED
    assert again.geometries == {("probe", 1): GEOMETRY}
    assert (again.epoch, again.boot, again.ended, again.sealed) == (2, "boot-1", True, False)


def test_the_fold_counts_what_kafka_still_lacks() -> None:
    state = fold(JournalState("exam-1"), [frame(0), frame(1), frame(2), note(NOTE), frame(4)])
    assert state.source("probe").owed() == Ranges([(2, 2), (4, 4)])
    assert state.owes == 2
    assert state.source("probe").next_number == 5


def test_dropped_frames_are_not_in_the_rolling_digest() -> None:
    state = fold(JournalState("exam-1"), [frame(0), note(Note(dropped=NOTE.dropped)), frame(4)])
    expected = roll(roll(bytes(32), 0, frame(0)[0].frame_digest), 4, frame(4)[0].frame_digest)
    assert state.source("probe").digest == expected


def test_numbers_that_damage_took_are_torn() -> None:
    state = fold(JournalState("exam-1"), [frame(0), frame(3)])
    assert state.source("probe").dropped == {"spool_torn": Ranges([(1, 2)])}
    assert state.source("probe").drop_reason == "spool_torn"


def test_a_reason_said_after_the_next_frame_still_holds() -> None:
    full = Note(dropped={"spool_full": {"probe": Ranges([(1, 2)])}})
    state = fold(JournalState("exam-1"), [frame(0), frame(3), note(full)])
    assert state.source("probe").dropped == {"spool_torn": Ranges(), "spool_full": Ranges([(1, 2)])}
    assert state.source("probe").drop_reason == "spool_full"
    assert state.source("probe").next_number == 4


def test_a_state_record_replaces_what_was_folded_before() -> None:
    later = fold(JournalState("exam-1"), [frame(n) for n in range(9)])
    state = fold(JournalState("exam-1"), [frame(0), (Entry(Kind.STATE), write_state(later)), frame(9)])
    assert state.source("probe").next_number == 10


def test_after_a_power_cut_numbers_are_not_used_twice() -> None:
    state = fold(JournalState("exam-1"), [frame(0), frame(1), frame(0, "screen"), note(Note(rates={"probe": 30.0}))])
    skipped = state.skip_lost(0.1)
    assert skipped == {"probe": Ranges([(2, 8)]), "screen": Ranges([(1, 16)])}
    assert state.source("probe").next_number == 9
    assert state.source("probe").drop_reason == "spool_torn"
    assert state.owes == 3


def test_a_source_that_never_came_has_nothing() -> None:
    assert JournalState("exam-1").source("probe").drop_reason == ""
    assert not JournalState("exam-1").source("probe").owed()
