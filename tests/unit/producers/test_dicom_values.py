"""Values come out of a data set as plain types, or as bad_dicom."""

import pytest
from pydicom.dataset import Dataset

from huizhen.producers.dicom_values import TEXT_MAX_CHARS, decimal, decimals, integer, items, text
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason


def data_of(**attributes: object) -> Dataset:
    data = Dataset()
    for keyword, value in attributes.items():
        setattr(data, keyword, value)
    return data


def test_one_number_and_many_are_read() -> None:
    data = data_of(Rows=7, PixelSpacing=[0.5, 0.25], FrameTime="33.3")
    assert integer(data, "Rows") == 7
    assert decimals(data, "PixelSpacing") == (0.5, 0.25)
    assert decimal(data, "FrameTime") == 33.3


def test_what_is_absent_or_empty_gives_the_default() -> None:
    data = data_of(FrameTime=None)
    assert decimals(data, "FrameTime") == ()
    assert decimal(data, "FrameTime", 4.0) == 4.0
    assert integer(data, "NumberOfFrames", 1) == 1
    assert text(data, "PatientID") == ""
    assert items(data, "SequenceOfUltrasoundRegions") == []


@pytest.mark.parametrize(
    ("attributes", "keyword", "message"),
    [
        ({}, "Rows", "Rows is missing"),
        ({"PixelSpacing": [1, 2]}, "PixelSpacing", "PixelSpacing is not one whole number"),
        ({"FrameTime": 1.5}, "FrameTime", "FrameTime is not one whole number"),
        ({"PatientID": "secret"}, "PatientID", "PatientID is not numeric"),
        ({"RealWorldValueSlope": float("nan")}, "RealWorldValueSlope", "RealWorldValueSlope is not finite"),
    ],
)
def test_what_is_not_a_whole_number_is_bad_dicom(attributes: dict[str, object], keyword: str, message: str) -> None:
    with pytest.raises(Refused) as caught:
        integer(data_of(**attributes), keyword)
    assert caught.value.reason is RejectReason.BAD_DICOM
    assert caught.value.what == message


def test_text_is_trimmed_and_cut() -> None:
    assert text(data_of(PatientID=" P1 "), "PatientID") == "P1"
    assert len(text(data_of(ImageComments="x" * 5000), "ImageComments")) == TEXT_MAX_CHARS


def test_items_of_a_sequence_are_data_sets() -> None:
    item = data_of(Rows=1)
    assert items(data_of(AnatomicRegionSequence=[item]), "AnatomicRegionSequence") == [item]
