"""A room's drawings as a DICOM softcopy presentation state (PS3.3 A.33): readers lay them over the stored frames.

The pixels of the archive stay as they are. Grey pictures get a Grayscale, colour ones a Color Softcopy Presentation
State. A drawing goes where its frame is stored; one whose frame is not stored yet is left out and counted. Lengths are
given in mm by the geometry of the instance.
"""

import math
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from highdicom.content import ModalityLUTTransformation
from highdicom.pr import (
    ColorSoftcopyPresentationState,
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
    SoftcopyVOILUTTransformation,
    TextObject,
)
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import UID

from huizhen.api.room import Drawn
from huizhen.api.session import Session
from huizhen.api.stored import Instance, instances
from huizhen.schemas.keys import HEX

SRGB = "_icc_profiles/sRGB_v4_ICC_preference.icc"
HEAD = 0.2  # barbs of an arrow by its length
BARB_MAX = 24.0  # pixels
TEXT_BOX = (240.0, 40.0)  # pixels; readers scale text to it
LAYER = "CONSULTATION"
MAKER, MODEL = "Huizhen", "Huizhen"
SERIES_NUMBER = 9_000  # behind the series of the archive


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawing and the stored frame it lies on."""

    drawn: Drawn
    instance: Instance
    frame: int
    """From 1"""


def placed(session: Session, source: str, drawings: Iterable[Drawn]) -> list[Placed]:
    """Find the stored frames of a source's drawings; those that are not stored, or only as derived, are left out."""
    found = []
    stored = [one for one in instances(session) if one.source == source and one.kind != "derived"]
    for drawn in drawings:
        number = drawn.drawing.number
        for instance in stored:
            run = next((run for run in instance.runs if run.first <= number <= run.last), None)
            if run is not None and drawn.drawing.source == source:
                found.append(Placed(drawn, instance, run.index + number - run.first + 1))
                break
    return found


def presentation_state(
    lying: Sequence[Placed], images: Mapping[str, Dataset], uids: tuple[str, str], software: str
) -> Dataset:
    """Make the state. `images`: the stored instances by SOPInstanceUID; `uids`: of the series and of the state."""
    layer = GraphicLayer(LAYER, order=1, description="Drawn in a consultation")
    notes = [
        GraphicAnnotation(
            referenced_images=[images[uid]],
            graphic_layer=layer,
            referenced_frame_number=frame if int(images[uid].get("NumberOfFrames", 1)) > 1 else None,
            graphic_objects=[shape for one in group for shape in _shapes(one.drawn)],
            text_objects=[text for one in group for text in _texts(one.drawn, images[uid])],
        )
        for (uid, frame), group in _by_frame(lying).items()
    ]
    named = {
        "referenced_images": list(images.values()),
        "series_instance_uid": uids[0],
        "series_number": SERIES_NUMBER,
        "sop_instance_uid": uids[1],
        "instance_number": 1,
        "manufacturer": MAKER,
        "manufacturer_model_name": MODEL,
        "software_versions": software,
        "device_serial_number": MODEL,
        "content_label": LAYER,
        "content_description": "Drawings of a consultation; not for diagnosis",
        "graphic_annotations": notes,
        "graphic_layers": [layer],
    }
    state: Dataset
    if next(iter(images.values())).SamplesPerPixel == 3:
        state = ColorSoftcopyPresentationState(**named, icc_profile=pkgutil.get_data("highdicom", SRGB))
    else:
        state = GrayscaleSoftcopyPresentationState(**named, **_luts(images))
    state.Laterality = ""  # type 2C: wanted where the body part is not said to have no sides
    return state


def _luts(images: Mapping[str, Dataset]) -> dict[str, Any]:
    """Give the values' scale and window as the images have them: highdicom looks for those of enhanced images only."""
    image = next(iter(images.values()))
    scale = ModalityLUTTransformation(
        rescale_slope=float(image.get("RescaleSlope", 1)), rescale_intercept=float(image.get("RescaleIntercept", 0)),
        rescale_type=str(image.get("RescaleType", "US")),
    )  # fmt: skip
    center, width = image.get("WindowCenter"), image.get("WindowWidth")
    if center is None or width is None:
        return {"modality_lut_transformation": scale, "voi_lut_transformations": []}
    window = SoftcopyVOILUTTransformation(window_center=_first(center), window_width=_first(width))
    return {"modality_lut_transformation": scale, "voi_lut_transformations": [window]}


def _first(value: Any) -> float:
    return float(value[0] if isinstance(value, MultiValue) else value)


def uid_of(parts: Iterable[str]) -> UID:
    """Give a UID made of digests: the same drawings give the same state."""
    digits = "".join(parts)
    assert HEX.fullmatch(digits), "a digest is wanted"  # noqa: S101 - a promise of ours
    return UID(f"2.25.{int(digits[:32], 16)}")


def _by_frame(lying: Sequence[Placed]) -> dict[tuple[str, int], list[Placed]]:
    found: dict[tuple[str, int], list[Placed]] = {}
    for one in lying:
        found.setdefault((one.instance.uid, one.frame), []).append(one)
    return found


def _shapes(drawn: Drawn) -> list[GraphicObject]:
    points = np.array(drawn.drawing.points, dtype=np.float64)
    kind = drawn.drawing.kind
    if kind == "text" or len(points) < 2:
        return []
    if kind == "ellipse":
        return [GraphicObject("ELLIPSE", _axes(points[0], points[-1]), units="PIXEL")]
    line = _arrow(points[0], points[-1]) if kind == "arrow" else points
    return [GraphicObject("POLYLINE", line, units="PIXEL")]


def _axes(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the ends of the longer axis, then of the shorter one, of the ellipse in a box."""
    (left, top), (right, bottom) = np.minimum(a, b), np.maximum(a, b)
    x, y = (left + right) / 2, (top + bottom) / 2
    level, upright = [[left, y], [right, y]], [[x, top], [x, bottom]]
    return np.array(level + upright if right - left >= bottom - top else upright + level)


def _arrow(tail: NDArray[np.float64], tip: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give an arrow as one line: shaft, barb, back to the tip, other barb."""
    dx, dy = tip - tail
    length, angle = min(BARB_MAX, HEAD * math.hypot(dx, dy)), math.atan2(dy, dx)
    barbs = [tip - length * np.array([math.cos(angle + turn), math.sin(angle + turn)]) for turn in (0.45, -0.45)]
    return np.array([tail, tip, barbs[0], tip, barbs[1]])


def _texts(drawn: Drawn, image: Dataset) -> list[TextObject]:
    words = drawn.drawing.text
    if drawn.drawing.kind == "length" and len(drawn.drawing.points) > 1:
        words = _length(drawn.drawing.points[0], drawn.drawing.points[-1], image)
    if not words:
        return []
    x, y = drawn.drawing.points[-1]
    right, bottom = min(x + TEXT_BOX[0], float(image.Columns)), min(y + TEXT_BOX[1], float(image.Rows))
    box = (max(0.0, min(x, right - 1)), max(0.0, min(y, bottom - 1)), right, bottom)
    return [TextObject(words, units="PIXEL", bounding_box=box)]


def _length(a: tuple[float, float], b: tuple[float, float], image: Dataset) -> str:
    size = _pixel_mm(a, b, image)
    across, down = size or (1.0, 1.0)
    return f"{math.hypot((b[0] - a[0]) * across, (b[1] - a[1]) * down):.1f} {'mm' if size else 'pixels'}"


def _pixel_mm(a: tuple[float, float], b: tuple[float, float], image: Dataset) -> tuple[float, float] | None:
    """Give the size of a pixel, mm, where both points are calibrated alike."""
    for region in image.get("SequenceOfUltrasoundRegions", []):
        box = (
            region.RegionLocationMinX0,
            region.RegionLocationMinY0,
            region.RegionLocationMaxX1,
            region.RegionLocationMaxY1,
        )
        if all(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in (a, b)):
            if (region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection) != (3, 3):  # centimetres
                return None
            return abs(float(region.PhysicalDeltaX)) * 10, abs(float(region.PhysicalDeltaY)) * 10
    spacing = image.get("PixelSpacing")
    return (float(spacing[1]), float(spacing[0])) if spacing else None
