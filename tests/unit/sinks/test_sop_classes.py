import pytest
from pydicom import Dataset

from huizhen.schemas.geometry import PixelFormat
from huizhen.sinks.sop_classes import is_multi_frame, sop_class_for
from tests.unit.sinks import exam

GREY8, GREY12, SIGNED16 = PixelFormat(64, 64, 1, 8, 0), PixelFormat(64, 64, 1, 12, 0), PixelFormat(64, 64, 1, 16, 1)
GREY9 = PixelFormat(64, 64, 1, 9, 0)
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"


@pytest.mark.parametrize(
    ("wanted", "pixels", "written"),
    [
        (exam.US_MULTI, exam.COLOUR, exam.US_MULTI),
        (exam.US_MULTI, GREY8, exam.US_MULTI),
        (exam.US_MULTI, GREY12, exam.SC_WORD),
        (exam.XA, GREY12, exam.XA),
        (exam.XA, GREY9, exam.SC_WORD),
        (exam.XA, exam.COLOUR, exam.SC_COLOUR),
        (exam.XA, SIGNED16, exam.SC),
        (exam.SC_BYTE, GREY12, exam.SC_WORD),
        (exam.SC_COLOUR, exam.COLOUR, exam.SC_COLOUR),
        (exam.SC, SIGNED16, exam.SC),
        (exam.CT, SIGNED16, exam.SC),
        (ENHANCED_MR, GREY12, exam.SC_WORD),
        ("nonsense", GREY8, exam.SC_BYTE),
    ],
)
def test_the_class_is_the_sources_where_the_frames_fit_it(wanted: str, pixels: PixelFormat, written: str) -> None:
    assert sop_class_for(wanted, exam.geometry(pixels), Dataset()) == written


def test_inverted_grey_is_never_turned_over_to_fit_a_class() -> None:
    inverted = exam.geometry(GREY8, photometric_interpretation="MONOCHROME1")
    assert sop_class_for(exam.SC_BYTE, inverted, Dataset()) == exam.SC


def test_a_ct_image_is_one_where_its_place_in_the_patient_is_known() -> None:
    known = Dataset()
    known.ImagePositionPatient, known.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    known.FrameOfReferenceUID, known.ImageType = "1.2.3", ["ORIGINAL", "PRIMARY", "AXIAL"]
    assert sop_class_for(exam.CT, exam.geometry(SIGNED16), known) == exam.CT
    assert not is_multi_frame(exam.CT)
    assert is_multi_frame(exam.US_MULTI)
