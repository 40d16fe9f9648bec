"""What stations say of themselves: how much still waits there, and what is wrong. Pure; the api counts it for alerts.

Stations stand in hospitals, where nobody scrapes their metrics; their `Progress` comes every second. A session that is
sealed, or that nothing was heard of for HEARD_S, says nothing any more.
"""

from collections import Counter
from dataclasses import dataclass

from huizhen.schemas.events import Announced, Progress, Sealed

HEARD_S = 60.0  # a station reports every second; after a minute without a word its last one says nothing of now
SOURCES_MAX = 10_000  # sources heard of within a minute; further ones are not counted
ALARMS = ("spool_full", "disk_full", "source_lost", "link_down")
OTHER = "other"

Source = tuple[str, str, str]
"""Tenant, session, source"""


@dataclass(frozen=True, slots=True)
class Standing:
    """All stations together, now."""

    behind_frames: int
    """Frames that wait to go out late"""
    spooled_bytes: int
    """Of the fullest journal"""
    alarms: dict[str, int]
    """Sources per alarm; each alarm is there, with 0 where none has it"""


class Stations:
    """The newest word of each source."""

    def __init__(self) -> None:
        self._said: dict[Source, tuple[float, Progress]] = {}

    def take(self, event: object, stamped_s: float) -> None:
        """Take an event of the sessions topics; `stamped_s`: the broker's time of it, seconds since 1970."""
        match event:
            case Progress():
                key = (event.tenant, event.session, event.source)
                if key in self._said or len(self._said) < SOURCES_MAX:
                    self._said[key] = (stamped_s, event)
            case Sealed() | Announced():  # the end of an epoch, and the beginning of one
                gone = [key for key in self._said if key[:2] == (event.tenant, event.session)]
                for key in gone:
                    del self._said[key]

    def standing(self, now_s: float) -> Standing:
        """Sum up what was said within HEARD_S, and forget the rest."""
        self._said = {key: said for key, said in self._said.items() if now_s - said[0] < HEARD_S}
        newest = [progress for _, progress in self._said.values()]
        named = Counter(one.alarm if one.alarm in ALARMS else OTHER for one in newest if one.alarm)
        return Standing(
            sum(one.behind_frames for one in newest),
            max((one.spooled_bytes for one in newest), default=0),
            {alarm: named[alarm] for alarm in (*ALARMS, OTHER)},
        )
