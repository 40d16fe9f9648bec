"""What stations say of themselves."""

from dataclasses import replace

from huizhen.api.stations import HEARD_S, Stations
from huizhen.schemas.events import Progress, Sealed

SAID = Progress("clinic", "exam-1", "probe", 1, 0, 9, "", spooled_bytes=50, behind_frames=3, alarm="source_lost")


def heard(*said: object, at_s: float = 100.0) -> Stations:
    stations = Stations()
    for one in said:
        stations.take(one, at_s)
    return stations


def test_each_source_counts_with_its_newest_word() -> None:
    other = replace(SAID, source="screen", behind_frames=4, spooled_bytes=70, alarm="disk_full")
    standing = heard(SAID, other, replace(SAID, behind_frames=1)).standing(101)
    assert (standing.behind_frames, standing.spooled_bytes) == (5, 70)
    assert standing.alarms == {"spool_full": 0, "disk_full": 1, "source_lost": 1, "link_down": 0, "other": 0}


def test_an_alarm_ends_with_its_word_its_session_or_its_time() -> None:
    assert heard(SAID, replace(SAID, alarm="")).standing(101).alarms["source_lost"] == 0
    assert heard(SAID, Sealed("clinic", "exam-1", 1, 0, [])).standing(101).alarms["source_lost"] == 0
    assert heard(SAID, Sealed("elsewhere", "exam-1", 1, 0, [])).standing(101).alarms["source_lost"] == 1
    assert heard(SAID).standing(100 + HEARD_S).behind_frames == 0


def test_an_alarm_we_do_not_know_makes_no_label_of_its_own() -> None:
    assert heard(replace(SAID, alarm="made_up")).standing(101).alarms["other"] == 1
