"""Notes read back as written, and leave alone what they do not say."""

from huizhen.producers.journal_note import Note, read_note, write_note
from huizhen.schemas.ranges import Ranges


def test_a_note_reads_back_as_written() -> None:
    said = Note(
        epoch=3,
        boot="boot",
        rates={"probe": 30.0},
        acked={"probe": Ranges([(0, 4), (9, 9)])},
        dropped={"spool_full": {"probe": Ranges([(5, 8)])}},
        ended=False,
        sealed=True,
    )
    assert read_note(write_note(said)) == said


def test_an_empty_note_says_nothing() -> None:
    assert write_note(Note()) == b"{}"
    assert read_note(b"{}") == Note()


def test_fields_of_a_later_version_are_passed_over() -> None:
    assert read_note(b'{"epoch": 1, "colour": "blue"}') == Note(epoch=1)
