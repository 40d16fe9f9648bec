"""What is known of a patient's file: its facts, and the content of a report. Checked where they leave the reader."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

TITLE_MAX_CHARS = 64
TEXT_MAX_CHARS = 20_000  # of one item: ten pages
NODES_MAX = 2_000  # items of a report; a longer one is cut, and says so
DEPTH_MAX = 16  # content in content: real reports have under 8
SIDE_MAX = 16_384  # what graphics cards draw
FRAMES_MAX = 20_000
Uid = Annotated[str, Field(pattern=r"^[0-9.]{0,64}$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileFacts(_Shape):
    """A file as lists show it, and whose it says it is."""

    kind: Literal["images", "sr", "pdf", "text"]
    patient_id: str = Field(default="", max_length=256)
    issuer_of_patient_id: str = Field(default="", max_length=256)
    sop_class_uid: Uid = ""
    study_instance_uid: Uid = ""
    series_instance_uid: Uid = ""
    sop_instance_uid: Uid = ""
    transfer_syntax_uid: Uid = ""
    modality: str = Field(default="", pattern=r"^[A-Z0-9_ ]{0,16}$")
    title: str = Field(default="", max_length=TITLE_MAX_CHARS)
    study_date: str = Field(default="", pattern=r"^([0-9]{8})?$")
    rows: int = Field(default=0, ge=0, le=SIDE_MAX)
    columns: int = Field(default=0, ge=0, le=SIDE_MAX)
    frames: int = Field(default=0, ge=0, le=FRAMES_MAX)


class ReportItem(_Shape):
    """One content item of a structured report (PS3.3 C.17.3): plain text, never markup."""

    relationship: str = ""
    kind: str = ""
    """DICOM ValueType"""
    name: str = ""
    value: str = ""
    unit: str = ""
    items: list["ReportItem"] = []


class Report(_Shape):
    """A report as it is read."""

    kind: Literal["sr", "pdf", "text"]
    title: str = ""
    completion: str = ""
    verification: str = ""
    date: str = ""
    items: list[ReportItem] = []
    text: str = ""
    cut: bool = False
    """Whether there is more than is shown"""
