"""What is carried into the archive is a closed list without identity."""

import json

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from huizhen.producers.dicom_carry import CARRIED_MAX_BYTES, EQUIPMENT, IMAGE, INSIDE, carried_json
from tests.unit.producers.dicom_files import dataset, ramp

# PS3.15 table E.1-1: attributes the basic profile removes or replaces, as far as devices write them
IDENTIFYING = [
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "OtherPatientIDs", "PatientAddress", "PatientAge",
    "InstitutionName", "InstitutionAddress", "StationName", "DeviceSerialNumber", "ReferringPhysicianName",
    "PerformingPhysicianName", "OperatorsName", "AccessionNumber", "StudyDescription", "SeriesDescription",
    "ProtocolName", "ImageComments", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "StudyDate",
    "StudyTime", "AcquisitionDateTime", "ContentDate", "RequestAttributesSequence",
    "DerivationDescription", "ContrastBolusAgent",
]  # fmt: skip


def test_listed_attributes_are_carried_as_dicom_json() -> None:
    data = dataset(ramp(), Manufacturer="Maker", TransducerData=["P21", "", "x"], SliceThickness="1.5")
    assert json.loads(carried_json(data, EQUIPMENT)) == {
        "00080070": {"vr": "LO", "Value": ["Maker"]},
        "00185010": {"vr": "LO", "Value": ["P21", "", "x"]},
    }
    assert json.loads(carried_json(data, IMAGE)) == {"00180050": {"vr": "DS", "Value": [1.5]}}


def test_nothing_that_identifies_is_on_the_lists() -> None:
    assert set(IDENTIFYING).isdisjoint({*EQUIPMENT, *IMAGE, *INSIDE})


def test_of_sequences_only_codes_and_tables_are_carried() -> None:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "T-32000", "SRT", "Heart"
    item.PatientName = "Doe^Jane"
    data = dataset(ramp(), AnatomicRegionSequence=[item])
    (carried,) = json.loads(carried_json(data, EQUIPMENT))["00082218"]["Value"]
    assert {key: value["Value"] for key, value in carried.items()} == {
        "00080100": ["T-32000"],
        "00080102": ["SRT"],
        "00080104": ["Heart"],
    }


def test_what_grows_beyond_the_limit_is_left_out() -> None:
    table = Dataset()
    table.LUTDescriptor = [65535, 0, 16]
    table.LUTData = bytes(2 * 65535)
    data = dataset(ramp(), SliceThickness="2", ModalityLUTSequence=[table])
    carried = carried_json(data, IMAGE)
    assert len(carried) < CARRIED_MAX_BYTES
    assert list(json.loads(carried)) == ["00180050"]


def test_a_value_that_does_not_convert_is_left_out() -> None:
    data = dataset(ramp(), SliceThickness="2")
    data.add_new(0x00201041, "DS", "1")
    data["SliceLocation"]._value = "rubbish"
    raw = RawDataElement(BaseTag(0x00181314), "DV", 4, b"12\0\0", 0, False, True)  # no such VR; found by fuzzing
    data._dict[raw.tag] = raw
    assert json.loads(carried_json(data, EQUIPMENT)) == {}
    assert list(json.loads(carried_json(data, IMAGE))) == ["00180050"]
