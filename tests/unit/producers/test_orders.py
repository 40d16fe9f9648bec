"""What the station does of what it is told."""

from dataclasses import replace

import pytest

from huizhen.producers.journal_state import SourceState
from huizhen.producers.orders import RESEND_MAX, Behind, KeyFrame, Phase, Resend, Wipe, order_of
from huizhen.schemas.errors import BadId
from huizhen.schemas.events import Command, StoredSource
from huizhen.schemas.ids import SourceId, StationId

STATION = StationId("station-1")
SESSIONS = {"exam-1": Phase.OPEN, "exam-0": Phase.SEALED}
RESEND = Command("clinic", "station-1", "resend", 1, "exam-1", "probe", 3, 9)
TOLD = StoredSource("probe", 7, "ab" * 32)
STORED = Command("clinic", "station-1", "session_stored", 1, "exam-0", sources=[TOLD])
JOURNAL = {"probe": SourceState(7, bytes.fromhex("ab" * 32)), "screen": SourceState()}


def test_frames_are_sent_again() -> None:
    assert order_of(RESEND, STATION, SESSIONS, False) == Resend("exam-1", SourceId("probe"), 3, 9)


def test_a_command_never_asks_for_more_than_the_limit() -> None:
    order = order_of(replace(RESEND, last=1 << 60), STATION, SESSIONS, False)
    assert order == Resend("exam-1", SourceId("probe"), 3, 3 + RESEND_MAX - 1)


@pytest.mark.parametrize(("first", "last"), [(9, 3), (-1, 3)])
def test_numbers_that_make_no_sense_are_passed_over(first: int, last: int) -> None:
    assert order_of(replace(RESEND, first=first, last=last), STATION, SESSIONS, False) == "numbers run backwards"


def test_a_cloud_that_is_behind_is_heard_unless_it_is_history() -> None:
    told = replace(RESEND, kind="behind")
    assert order_of(told, STATION, SESSIONS, False) == Behind("exam-1")
    assert order_of(told, STATION, SESSIONS, True) == "of an earlier run"


def test_a_source_that_is_no_id_is_bad_input() -> None:
    with pytest.raises(BadId):
        order_of(replace(RESEND, source="../etc"), STATION, SESSIONS, False)


def test_a_stored_session_is_wiped_only_after_its_seal() -> None:
    assert order_of(STORED, STATION, SESSIONS, False) == Wipe("exam-0", (TOLD,))
    assert order_of(replace(STORED, session="exam-1"), STATION, SESSIONS, False) == "not sealed yet"


def test_a_journal_goes_only_where_the_archive_tells_of_it() -> None:
    assert Wipe("exam-0", (TOLD,)).disagrees(JOURNAL) == ""
    for other in (replace(TOLD, frames=6), replace(TOLD, journal_digest="cd" * 32), replace(TOLD, source="other")):
        assert Wipe("exam-0", (other,)).disagrees(JOURNAL) == "probe"
    assert Wipe("exam-0").disagrees(JOURNAL) == "probe", "a word that tells of nothing wipes nothing"


def test_of_old_commands_only_the_archives_word_counts() -> None:
    assert order_of(STORED, STATION, SESSIONS, True) == Wipe("exam-0", (TOLD,))
    assert order_of(RESEND, STATION, SESSIONS, True) == "of an earlier run"
    assert order_of(replace(RESEND, kind="key_frame"), STATION, SESSIONS, True) == "of an earlier run"


def test_a_key_frame_is_made_of_one_source_or_all() -> None:
    assert order_of(replace(RESEND, kind="key_frame"), STATION, SESSIONS, False) == KeyFrame("exam-1", "probe")
    assert order_of(replace(RESEND, kind="key_frame", source=""), STATION, SESSIONS, False) == KeyFrame("exam-1", "")


def test_what_is_for_others_or_unknown_is_passed_over() -> None:
    assert order_of(replace(RESEND, station="station-2"), STATION, SESSIONS, False) == "another station"
    assert order_of(replace(RESEND, session="exam-9"), STATION, SESSIONS, False) == "unknown session"
    assert order_of(replace(RESEND, kind="control"), STATION, SESSIONS, False) == "kind control is not for this station"
