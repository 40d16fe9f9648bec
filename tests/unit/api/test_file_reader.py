"""What a patient's file is, and what is refused."""

import io
import struct
from typing import Any

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from huizhen.api.file_reader import FileRefused, describe
from huizhen.api.file_shapes import FileFacts
from tests.services import patient_files as files


def facts(content: bytes) -> FileFacts:
    return describe(io.BytesIO(content), len(content))


def refusal(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as error:
        facts(content)
    assert "CANARY" not in str(error.value)
    return error.value


def test_an_image_is_told_with_its_size_and_whose_it_says_it_is() -> None:
    found = facts(files.ct(issuer="A"))
    assert (found.kind, found.modality, found.rows, found.columns, found.frames) == ("images", "CT", 128, 128, 1)
    assert (found.patient_id, found.issuer_of_patient_id, found.title) == (files.PATIENT, "A", "Thorax")
    assert found.study_date == "20040119"


def test_a_report_and_a_pdf_are_told_by_their_class() -> None:
    assert facts(files.report()).kind == "sr"
    assert (facts(files.pdf()).kind, facts(files.pdf()).title) == ("pdf", "Echo report")


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm", "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_jp2klossless.dcm", "SC_rgb_jpeg_gdcm.dcm", "JPGExtended.dcm", "examples_ybr_color.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    ],
)  # fmt: skip
def test_every_transfer_syntax_that_the_page_decodes_is_taken(name: str) -> None:
    assert facts(files.sample(name)).kind == "images"


@pytest.mark.parametrize("content", [b"", b"no DICOM", bytes(200), b"%PDF-1.4 " + bytes(300)])
def test_what_is_no_dicom_file_is_refused_as_such(content: bytes) -> None:
    assert refusal(content).status == 415


def test_a_file_that_is_no_picture_and_no_report_is_refused() -> None:
    assert refusal(files.sample("rtplan.dcm")).status == 415


def test_a_file_that_is_cut_short_is_refused() -> None:
    whole = files.ct()
    assert "fewer pixels" in str(refusal(whole[:-500]))
    assert refusal(whole[:700]).status in {415, 422}


def test_a_deflated_file_is_refused_before_it_is_inflated() -> None:
    content = files.sample("image_dfl.dcm")
    assert DeflatedExplicitVRLittleEndian.encode() in content
    assert "deflated" in str(refusal(content))


def test_samples_of_other_depths_are_refused() -> None:
    assert "bits a pixel" in str(refusal(files.sample("SC_rgb_rle_32bit.dcm")))


@pytest.mark.parametrize("attributes", [{"Rows": 0}, {"Columns": 65_000}, {"NumberOfFrames": 2_000_000}])
def test_sizes_that_nobody_can_show_are_refused(attributes: dict[str, Any]) -> None:
    assert refusal(files.given_to("CT_small.dcm", **attributes)).status == 422


def test_a_length_beyond_the_file_is_refused() -> None:
    whole = files.ct()
    at = whole.index(b"\x08\x00\x3e\x10LO") + 6
    assert refusal(whole[:at] + struct.pack("<H", 0xFFF0) + whole[at + 2 :]).status == 422


def test_a_title_is_one_line_of_plain_text() -> None:
    content = files.given_to("CT_small.dcm", SeriesDescription="<b>NOT-a-title</b>", SpecificCharacterSet="ISO_IR 192")
    found = facts(content.replace(b"<b>NOT-", b"<b>A\r\n\x1f"))
    assert found.title == "<b>A a-title</b>"
