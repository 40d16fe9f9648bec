import json

import pytest
from pydicom import DataElement, Dataset, dcmread
from pydicom.data import get_testdata_file

from huizhen.sinks.carried import carried, drop_unwritable, is_writable


def real(name: str) -> str:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    return str(dcmread(path, stop_before_pixels=True).to_json())


def test_what_the_device_said_is_carried() -> None:
    dataset, refused = carried(real("CT_small.dcm"))
    assert refused == []
    assert (dataset.Manufacturer, dataset.KVP, dataset.SliceThickness) == ("GE MEDICAL SYSTEMS", 120, 5)
    assert dataset.ImagePositionPatient == [-158.135803, -179.035797, -75.699997]


def test_identity_pixels_timing_and_private_attributes_are_not_carried() -> None:
    dataset, _ = carried(real("examples_ybr_color.dcm"))
    for keyword in (
        "PatientName",
        "PatientID",
        "OtherPatientIDs",
        "StudyInstanceUID",
        "FrameTime",
        "Rows",
        "StudyDate",
    ):
        assert keyword not in dataset, keyword
    assert not any(element.tag.is_private for element in dataset)


@pytest.mark.parametrize(
    ("tag", "element"),
    [
        ("00180060", {"vr": "DS", "Value": ["not a number"]}),
        ("00180060", {"vr": "XX", "Value": ["1"]}),
        ("00180060", "text"),
        ("00181310", {"vr": "US", "Value": [70000]}),
        ("00080008", {"vr": "CS", "Value": ["lower case and far too long for a code string"]}),
        ("00082218", {"vr": "SQ", "Value": ["no item"]}),
        ("00180060", {"vr": "DS", "BulkDataURI": "http://example.org/"}),
    ],
)
def test_an_attribute_that_cannot_be_read_or_written_is_named_and_the_rest_stays(tag: str, element: object) -> None:
    text = json.dumps({tag: element, "00080070": {"vr": "LO", "Value": ["Maker"]}})
    dataset, refused = carried(text)
    assert refused == [tag]
    assert [each.keyword for each in dataset] == ["Manufacturer"]


@pytest.mark.parametrize(
    "text", ["", "[]", "no json", "[" * 5000, "{" + '"a":' * 3 + "}", json.dumps({"0008007": {}, "zzzzzzzz": {}})]
)
def test_what_is_no_dicom_json_carries_nothing(text: str) -> None:
    dataset, refused = carried(text)
    assert (len(dataset), refused) == (0, [])


def test_deep_nesting_is_refused_not_followed() -> None:
    inner = '{"00080070": {"vr": "LO", "Value": ["x"]}}'
    for _ in range(300):
        inner = '{"00082218": {"vr": "SQ", "Value": [' + inner + "]}}"
    dataset, _ = carried(inner)
    assert len(dataset) == 0


def test_text_of_any_language_is_carried_and_broken_text_is_refused() -> None:
    text = json.dumps({"0008103E": {"vr": "LO", "Value": ["心脏超声"]}, "00181030": {"vr": "LO", "Value": ["\ud800"]}})
    dataset, refused = carried(text)
    assert (dataset.SeriesDescription, refused) == ("心脏超声", ["00181030"])


def test_attributes_that_cannot_be_written_are_taken_out_and_named() -> None:
    dataset = Dataset()
    dataset.Manufacturer = "Maker"
    dataset.add(DataElement(0x00081030, "LO", "\ud800"))
    assert not is_writable(dataset)
    assert drop_unwritable(dataset) == ["00081030"]
    assert is_writable(dataset)
    assert dataset.Manufacturer == "Maker"
