"""Drawings as presentation states, judged by dciodvfy."""

from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread, dcmwrite

from huizhen.api.presentation import Placed, placed, presentation_state, uid_of
from huizhen.api.room import Drawn
from huizhen.api.room_shapes import Drawing
from huizhen.api.session import Session
from huizhen.api.stored import instances
from huizhen.schemas.geometry import PixelFormat
from tests.services.fake_station import FakeStation
from tests.unit.sinks import exam
from tests.unit.sinks.dicom_tools import errors_of
from tests.unit.sinks.test_instance import plan, write

GREY12 = PixelFormat(80, 96, 1, 12, 0)
STATION = FakeStation("clinic")
UIDS = ("2.25.7", "2.25.8")


def drawn(kind: str, number: int, *points: tuple[float, float], text: str = "", source: str = "probe") -> Drawn:
    named: dict[str, Any] = {"kind": kind, "source": source, "number": number, "points": points, "text": text}
    return Drawn(("hospital", "bob"), 5, Drawing(id=f"d-{kind}-{number}", **named))


DRAWINGS = [
    drawn("arrow", 0, (10, 10), (40, 30)),
    drawn("freehand", 0, (1, 1), (2, 4), (9, 12)),
    drawn("ellipse", 1, (20, 20), (60, 40)),
    drawn("text", 1, (30, 50), text="室间隔 <b>"),
    drawn("length", 2, (10, 10), (40, 50)),
]


@pytest.mark.parametrize(
    ("pixels", "source", "more", "said"),
    [
        (exam.COLOUR, exam.source(), {"modality": "US", "ultrasound_regions": [exam.REGION]}, "25.0 mm"),
        (
            GREY12,
            exam.source("angiography", exam.XA),
            {"modality": "XA", "window_center": [2048.0], "window_width": [4096.0]},
            "50.0 pixels",
        ),
    ],
    ids=["colour", "grey"],
)
def test_a_state_lies_over_the_stored_frames_and_is_valid(
    tmp_path: Path, pixels: PixelFormat, source: Any, more: dict[str, Any], said: str
) -> None:
    image, _ = write(plan(source, pixels, **more), pixels, tmp_path / "image.dcm")
    session = Session("clinic", "exam-1")
    session.take(STATION.entry(0, 2, "stored", "k", "0" * 64))
    (instance,) = instances(session)
    lying = [Placed(one, instance, one.drawing.number + 1) for one in DRAWINGS]
    state = presentation_state(lying, {instance.uid: image}, UIDS, "1")
    file = tmp_path / "state.dcm"
    dcmwrite(file, state, enforce_file_format=True)
    assert errors_of(file) == []
    again = dcmread(file)
    frames = [note.ReferencedImageSequence[0].ReferencedFrameNumber for note in again.GraphicAnnotationSequence]
    assert frames == [1, 2, 3]
    assert [shape.GraphicType for shape in again.GraphicAnnotationSequence[0].GraphicObjectSequence] == ["POLYLINE"] * 2
    assert again.GraphicAnnotationSequence[1].TextObjectSequence[0].UnformattedTextValue == "室间隔 <b>"
    assert again.GraphicAnnotationSequence[2].TextObjectSequence[0].UnformattedTextValue == said
    assert again.PatientID == image.PatientID
    assert again.StudyInstanceUID == image.StudyInstanceUID


def test_a_drawing_goes_where_its_frame_is_stored() -> None:
    session = Session("clinic", "exam-1")
    session.take(STATION.entry(0, 9, "stored", "clinic/exam-1/probe/exact/a", "0" * 64))
    session.take(STATION.entry(10, 19, "stored", "clinic/exam-1/probe/exact/b", "0" * 64))
    session.take(STATION.entry(20, 20, "derived", "clinic/exam-1/probe/derived/c", "0" * 64))
    drawings = [drawn("arrow", number, (0, 0), (1, 1)) for number in (0, 12, 20, 99)]
    found = placed(session, "probe", [*drawings, drawn("arrow", 3, (0, 0), (1, 1), source="camera")])
    assert [(one.drawn.drawing.number, one.instance.uid, one.frame) for one in found] == [
        (0, "1.2.3.0", 1), (12, "1.2.3.10", 3),
    ]  # fmt: skip


def test_the_same_drawings_give_the_same_uid() -> None:
    assert uid_of(["ab" * 32]) == uid_of(["ab" * 32])
    assert uid_of(["ab" * 32]) != uid_of(["cd" * 32])
    assert uid_of(["ab" * 32]).startswith("2.25.")
