"""Read a report out of a patient's file: the content of a structured report as text, or the PDF in it.

Everything becomes plain text here and is drawn as text by the page: whatever markup a report holds stays words.
"""

from dataclasses import dataclass, field
from typing import Any, BinaryIO

from pydicom import Dataset

from huizhen.api.file_reader import FileRefused, read, words
from huizhen.api.file_shapes import DEPTH_MAX, NODES_MAX, TEXT_MAX_CHARS, Report, ReportItem

VALUES = {
    "TEXT": "TextValue", "DATE": "Date", "TIME": "Time", "DATETIME": "DateTime", "UIDREF": "UID", "PNAME": "PersonName",
    "SCOORD": "GraphicType", "SCOORD3D": "GraphicType", "TCOORD": "TemporalRangeType",
}  # fmt: skip
REFERENCES = frozenset({"COMPOSITE", "IMAGE", "WAVEFORM"})
PDF_MARK = b"%PDF-"
MARK_WITHIN = 1024  # readers of PDF look for the mark so far


@dataclass(slots=True)
class _Budget:
    """How much of a report may still be read."""

    nodes: int = NODES_MAX
    cut: bool = field(default=False)


def report(stream: BinaryIO, size: int) -> Report:
    """Give the content of a structured report, or the title of a PDF; raises FileRefused."""
    data = read(stream, size).data
    try:
        return _report(data)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - pydicom converts values when they are asked for
        raise FileRefused(422, f"the report does not parse ({type(error).__name__})") from None


def document(stream: BinaryIO, size: int) -> bytes:
    """Give the PDF of an encapsulated document; raises FileRefused."""
    data = read(stream, size).data
    content = bytes(data.get("EncapsulatedDocument") or b"")
    if PDF_MARK not in content[:MARK_WITHIN]:
        raise FileRefused(422, "there is no PDF in the file")
    length = data.get("EncapsulatedDocumentLength")
    return content[: int(length)] if length else content


def _report(data: Dataset) -> Report:
    if "EncapsulatedDocument" in data:
        return Report(kind="pdf", title=words(data, "DocumentTitle"), date=words(data, "ContentDate"))
    budget = _Budget()
    items = _items(data, budget, 0)
    return Report(
        kind="sr",
        title=_meaning(data, "ConceptNameCodeSequence"),
        completion=words(data, "CompletionFlag"),
        verification=words(data, "VerificationFlag"),
        date=words(data, "ContentDate"),
        items=items,
        cut=budget.cut,
    )


def _items(data: Dataset, budget: _Budget, depth: int) -> list[ReportItem]:
    found: list[ReportItem] = []
    for one in data.get("ContentSequence") or ():
        if budget.nodes <= 0 or depth >= DEPTH_MAX:
            budget.cut = True
            break
        budget.nodes -= 1
        kind = words(one, "ValueType")
        value, unit = _value(one, kind, budget)
        found.append(
            ReportItem(
                relationship=words(one, "RelationshipType"), kind=kind, name=_meaning(one, "ConceptNameCodeSequence"),
                value=value, unit=unit, items=_items(one, budget, depth + 1),
            )
        )  # fmt: skip
    return found


def _value(item: Dataset, kind: str, budget: _Budget) -> tuple[str, str]:
    """Give the value of a content item and its unit."""
    if kind == "CODE":
        return _meaning(item, "ConceptCodeSequence"), ""
    if kind == "NUM":
        measured = _first(item, "MeasuredValueSequence")
        return words(measured, "NumericValue"), _unit(_first(measured, "MeasurementUnitsCodeSequence"))
    if kind in REFERENCES:
        return words(_first(item, "ReferencedSOPSequence"), "ReferencedSOPInstanceUID"), ""
    text = str(item.get(VALUES.get(kind, ""), "") or "").replace("\r\n", "\n").replace("\r", "\n")
    budget.cut = budget.cut or len(text) > TEXT_MAX_CHARS
    return text[:TEXT_MAX_CHARS], ""


def _unit(code: Dataset) -> str:
    short = words(code, "CodingSchemeDesignator") == "UCUM"
    unit = words(code, "CodeValue") if short else words(code, "CodeMeaning")
    return "" if unit in {"1", "{no unit}"} else unit


def _meaning(data: Dataset, keyword: str) -> str:
    return words(_first(data, keyword), "CodeMeaning")


def _first(data: Dataset, keyword: str) -> Any:
    found = data.get(keyword)
    return found[0] if found else Dataset()
