"""A DICOM data set under construction, kept valid value by value.

Attributes come from stations and devices. One bad value shall not keep an exam out of the archive: it is left out, or
left empty where the standard wants the attribute (type 2), and its keyword is noted for the log; the value never is.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pydicom import Dataset
from pydicom.config import RAISE
from pydicom.datadict import dictionary_VR
from pydicom.valuerep import validate_value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4])([0-5][0-9])")


class Attributes:
    """Sets attributes of `dataset` by keyword; `problems` lists the keywords whose values were refused."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.problems: list[str] = []

    def put(self, keyword: str, value: Any) -> bool:
        """Set an attribute (type 1 or 3); say whether it stands. An empty or bad value is left out."""
        if value is None or value in ("", []):
            return False
        if not self._is_valid(keyword, value):
            self.problems.append(keyword)
            return False
        setattr(self.dataset, keyword, value)
        return True

    def put_or_empty(self, keyword: str, value: Any = None) -> None:
        """Set an attribute of type 2: empty where its value is unknown or bad."""
        if not self.put(keyword, value):
            setattr(self.dataset, keyword, None)

    def default(self, keyword: str, value: Any) -> None:
        """Set an attribute unless it stands with a value."""
        if not self.has(keyword):
            self.put(keyword, value)

    def default_empty(self, *keywords: str) -> None:
        """Make attributes of type 2 stand, empty where nothing is known."""
        for keyword in keywords:
            if keyword not in self.dataset:
                setattr(self.dataset, keyword, None)

    def has(self, keyword: str) -> bool:
        """Say whether an attribute stands with a value."""
        return bool(keyword in self.dataset and not self.dataset[keyword].is_empty)

    def drop(self, *keywords: str) -> None:
        """Take attributes away."""
        for keyword in keywords:
            if keyword in self.dataset:
                del self.dataset[keyword]

    @staticmethod
    def _is_valid(keyword: str, value: Any) -> bool:
        vr = dictionary_VR(keyword)
        try:
            for item in value if isinstance(value, list) else [value]:
                validate_value(vr, str(item) if vr in ("DS", "IS") else item, RAISE)
        except ValueError:
            return False
        return True


def decimal(value: float) -> str:
    """Write a number as DICOM DS: at most 16 characters."""
    for digits in range(15, 0, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    raise ValueError(f"{value} does not fit a DS")


def milliseconds(duration_ns: int) -> str:
    """Write a duration in ms as DS, exact to the nanosecond where 16 characters allow."""
    text = f"{duration_ns // 1_000_000}.{duration_ns % 1_000_000:06d}".rstrip("0").rstrip(".")
    return text[:16]


def zone(text: str) -> str:
    """Give a TimezoneOffsetFromUTC that DICOM allows; an unreadable one counts as UTC."""
    return text if OFFSET.fullmatch(text) else "+0000"


def local_time(time_ns: int, offset: str) -> datetime:
    """Give UTC nanoseconds since 1970 as the station's local time, to the microsecond."""
    match = OFFSET.fullmatch(zone(offset))
    sign, hours, minutes = match.groups() if match else ("+", "00", "00")
    away = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    return (EPOCH + timedelta(microseconds=time_ns // 1000)).astimezone(timezone(away))


def date(time_ns: int, offset: str) -> str:
    """Write a DA."""
    return local_time(time_ns, offset).strftime("%Y%m%d")


def time(time_ns: int, offset: str) -> str:
    """Write a TM with microseconds."""
    return local_time(time_ns, offset).strftime("%H%M%S.%f")


def date_time(time_ns: int, offset: str) -> str:
    """Write a DT with microseconds and the zone."""
    return local_time(time_ns, offset).strftime("%Y%m%d%H%M%S.%f%z")
