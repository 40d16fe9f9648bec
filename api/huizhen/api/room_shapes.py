"""What passes in a consultation room: views, pointers, drawings; checked where they come in and where they are read.

Places are pixels of the full-size picture, so that a drawing lies on the same tissue on every screen. A drawing is
anchored to source and frame number, not to a pane: what is drawn on the live picture stands on the same frame when it
is stored.
"""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from huizhen.schemas.ids import SLUG

SAFE = (1 << 53) - 1  # whole numbers that JavaScript holds exactly
SIDE = 65_536.0  # DICOM's Rows and Columns end here
POINTS_MAX = 256  # of one freehand line: four seconds of a 60 Hz pen
TEXT_MAX_CHARS = 200
ZOOM_MAX = 64.0
PANES_MAX = 2  # viewports side by side in the stored pane
ITEM = rf"^(exam:{SLUG.pattern}:{SLUG.pattern}|file:[0-9a-f]{{64}})$"
Slug = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
Frame = Annotated[int, Field(ge=0, le=SAFE)]
Place = Annotated[float, Field(ge=-SIDE, le=SIDE)]
Level = Annotated[float, Field(ge=-1e6, le=1e6)]


class Shape(BaseModel):
    """A value that is what it says, or is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Look(Shape):
    """How a picture is looked at; null: its own window."""

    zoom: float = Field(default=1.0, ge=1.0, le=ZOOM_MAX)
    """Times the size that fits the whole picture into the pane"""
    x: Place = 0.0
    y: Place = 0.0
    """Which point of the picture is in the pane's centre"""
    center: Level | None = None
    width: Annotated[float, Field(gt=0, le=1e6)] | None = None
    inverted: bool = False


class LiveView(Shape):
    """The presenter's live pane."""

    source: Slug
    frozen: Frame | None = None
    """The frame that is held still; null while it runs"""
    look: Look = Field(default_factory=Look)


class StoredView(Shape):
    """The presenter's stored pane."""

    source: Slug
    number: Frame
    playing: bool = False
    rate_hz: float = Field(default=30.0, gt=0, le=120)
    look: Look = Field(default_factory=Look)


class ShownItem(Shape):
    """What stands in one viewport of the patient's studies."""

    item: Annotated[str, Field(pattern=ITEM)]
    """`exam:<session>:<source>`, or `file:<sha256>`"""
    frame: Frame = 0
    """Number of the frame in its source; in a file its place from 0"""
    playing: bool = False
    rate_hz: float = Field(default=15.0, gt=0, le=120)
    look: Look | None = None
    """None: as it comes; its window is in the picture's own values, such as Hounsfield units"""


class StudyView(Shape):
    """The patient's studies in the presenter's stored pane."""

    panes: list[ShownItem] = Field(min_length=1, max_length=PANES_MAX)


class View(Shape):
    """What the presenter sees, and whoever follows."""

    layout: Literal["both", "live", "stored"] = "both"
    live: LiveView | None = None
    stored: StoredView | None = None
    study: StudyView | None = None
    """Stands in place of the running exam's clip"""


class Pointer(Shape):
    """Where somebody points."""

    pane: Literal["live", "stored"]
    source: Slug
    number: Frame
    x: Place
    y: Place


class Drawing(Shape):
    """Something drawn on a frame."""

    id: Slug
    kind: Literal["arrow", "freehand", "ellipse", "text", "length"]
    source: Slug
    number: Frame
    points: list[tuple[Place, Place]] = Field(min_length=1, max_length=POINTS_MAX)
    text: str = Field(default="", max_length=TEXT_MAX_CHARS)


class Stroke(Shape):
    """A change of the drawings: one more, or one less."""

    add: Drawing | None = None
    remove: Slug | None = None


class Turn(Shape):
    """Who presents from now on; `term` counts hand-overs, so that of two at once the first in the log has it."""

    term: Frame
    subject: Slug
    institution: Slug


class Seen(Shape):
    """A view of the presenter: the `n`th of its term."""

    term: Frame
    n: Frame
    view: View


class Entered(Shape):
    """Somebody came in."""

    may_present: bool = False


class Said(Shape):
    """A chat message; its body stands in S3."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    media_type: Literal["text/plain", "image/png", "image/jpeg"]
    size_bytes: Frame


Kind = TypeVar("Kind", bound=Shape)


def read(kind: type[Kind], payload: str) -> Kind | None:
    """Read an event's payload; None where it is not what it should be: it changes nothing then."""
    try:
        return kind.model_validate_json(payload or "{}")
    except ValidationError:
        return None
