"""Read values of a pydicom data set as plain checked types; what does not convert is `bad_dicom`."""

import math
from collections.abc import Iterable
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason

VALUES_MAX = 100_000  # values of one element: FrameTimeVector has one per frame
TEXT_MAX_CHARS = 324  # PN, the longest of ours: 5 groups of 64 and separators


def bad_dicom(what: str) -> Refused:
    """Make the error of a file that breaks the standard; `what` never holds a value of a text element."""
    return Refused(RejectReason.BAD_DICOM, what)


def element(data: Dataset, keyword: str) -> DataElement | None:
    """Give an element, None where it is absent; every other reader of values goes through here."""
    try:
        return data[keyword] if keyword in data else None  # noqa: SIM401 - get() gives the value, not the element
    except Exception as error:  # noqa: BLE001 - hostile values provoke any error of pydicom: here they enter
        raise bad_dicom(f"{keyword} cannot be read ({type(error).__name__})") from None


def _raw(data: Dataset, keyword: str) -> Any:
    found = element(data, keyword)
    return None if found is None else found.value


def _list(value: Any) -> list[Any]:
    if value is None or (isinstance(value, str | bytes) and not value):
        return []
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return list(value)
    return [value]


def decimals(data: Dataset, keyword: str) -> tuple[float, ...]:
    """Give the finite numbers of an element; empty where it is absent or empty."""
    values = _list(_raw(data, keyword))
    if len(values) > VALUES_MAX:
        raise bad_dicom(f"{keyword} has {len(values):,} values, limit {VALUES_MAX:,} (VALUES_MAX)")
    try:
        numbers = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        raise bad_dicom(f"{keyword} is not numeric") from None
    if not all(math.isfinite(number) for number in numbers):
        raise bad_dicom(f"{keyword} is not finite")
    return numbers


def decimal(data: Dataset, keyword: str, default: float = 0.0) -> float:
    """Give the first number of an element."""
    numbers = decimals(data, keyword)
    return numbers[0] if numbers else default


def integer(data: Dataset, keyword: str, default: int | None = None) -> int:
    """Give the one whole number of an element; without a default it must be there."""
    numbers = decimals(data, keyword)
    if not numbers and default is not None:
        return default
    if len(numbers) != 1 or not numbers[0].is_integer():
        raise bad_dicom(f"{keyword} is not one whole number" if numbers else f"{keyword} is missing")
    return int(numbers[0])


def text(data: Dataset, keyword: str) -> str:
    """Give an element as text, cut to the longest PN; empty where it is absent."""
    value = _raw(data, keyword)
    return "" if value is None else str(value).strip(" \0")[:TEXT_MAX_CHARS]


def texts(data: Dataset, keyword: str) -> tuple[str, ...]:
    """Give the texts of an element that are not empty."""
    return tuple(str(value)[:TEXT_MAX_CHARS] for value in _list(_raw(data, keyword))[:VALUES_MAX] if str(value))


def items(data: Dataset, keyword: str) -> list[Dataset]:
    """Give the items of a sequence; empty where it is absent or not a sequence."""
    return [item for item in _list(_raw(data, keyword)) if isinstance(item, Dataset)]
