"""Reports as text in their structure."""

import io
from collections.abc import Iterator

import pytest
from pydicom import Dataset, Sequence, dcmread

from huizhen.api.file_reader import FileRefused
from huizhen.api.file_report import document, report
from huizhen.api.file_shapes import NODES_MAX, Report, ReportItem
from tests.services import patient_files as files


def read(content: bytes) -> Report:
    return report(io.BytesIO(content), len(content))


def everything(items: list[ReportItem]) -> Iterator[ReportItem]:
    for one in items:
        yield one
        yield from everything(one.items)


def changed(items: list[Dataset]) -> bytes:
    dataset = dcmread(io.BytesIO(files.report()))
    dataset.ContentSequence = Sequence(items)
    return files.written(dataset)


def text(words: str, inside: list[Dataset] | None = None) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", words
    if inside:
        item.ContentSequence = Sequence(inside)
    return item


def test_a_real_text_report_is_read_with_its_headings() -> None:
    found = read(files.report())
    assert (found.kind, found.title, found.completion, found.verification) == (
        "sr", "Document Title", "PARTIAL", "UNVERIFIED",
    )  # fmt: skip
    said = [(one.kind, one.name, one.value) for one in everything(found.items)]
    assert said[4:6] == [("CONTAINER", "Section Heading", ""), ("TEXT", "Report Text", "Enter text")]
    assert not found.cut


def test_a_real_comprehensive_report_is_read_with_its_measures() -> None:
    found = list(everything(read(files.report("test-SR.dcm")).items))
    assert [(one.name, one.value, one.unit) for one in found if one.kind == "NUM"] == [
        ("Diameter", "3", "Length Unit")
    ] * 2
    assert next(one.value for one in found if one.value.startswith("Sample Text")) == "Sample Text\nA\nB\nC\n\n"
    assert {one.value for one in found if one.kind == "IMAGE"} == {"1.2.3.4.5.0", "1.2.3.4.0.1"}


def test_markup_in_a_report_stays_words() -> None:
    hostile = '<img src=x onerror="alert(1)"><svg onload=alert(2)>'
    (one,) = read(changed([text(hostile)])).items
    assert one.value == hostile


def test_a_huge_report_is_cut_and_says_so() -> None:
    found = read(changed([text(f"line {number}") for number in range(NODES_MAX + 10)]))
    assert (len(found.items), found.cut) == (NODES_MAX, True)
    assert read(changed([text("x" * 30_000)])).cut


def test_a_deep_report_is_cut_and_says_so() -> None:
    deep = text("bottom")
    for _ in range(30):
        deep = text("layer", [deep])
    found = read(changed([deep]))
    assert found.cut
    assert "bottom" not in {one.value for one in everything(found.items)}


def test_a_pdf_is_given_as_it_was_put_in() -> None:
    content = files.pdf()
    assert read(content).title == "Echo report"
    assert document(io.BytesIO(content), len(content)) == files.page("Normal left ventricle")


def test_a_document_that_is_no_pdf_is_refused() -> None:
    dataset = dcmread(io.BytesIO(files.pdf()))
    dataset.EncapsulatedDocument = b"MZ\x90\x00 no PDF "
    content = files.written(dataset)
    with pytest.raises(FileRefused, match="no PDF"):
        document(io.BytesIO(content), len(content))
