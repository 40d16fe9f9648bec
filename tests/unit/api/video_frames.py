"""Frames of known pictures, for tests of the video."""

import numpy as np
from numpy.typing import NDArray

from huizhen.api.live_frame import LiveFrame, live_frame
from huizhen.schemas import htj2k
from huizhen.schemas.events import GeometryDeclared
from tests.services.fake_station import FakeStation

STATION = FakeStation("clinic")


def frame(number: int, revision: int = 0) -> LiveFrame:
    """A frame of the real ultrasound loop."""
    return live_frame(*STATION.frame(number, revision))


def frame_of(pixels: NDArray[np.generic], bits: int = 8, signed: bool = False, number: int = 0) -> LiveFrame:
    """A frame of any picture."""
    meta, _ = STATION.frame(number)
    return live_frame(meta, htj2k.encode(pixels, bits, signed, 128))


def geometry(**more: object) -> GeometryDeclared:
    """How it is read."""
    values: dict[str, object] = {
        "tenant": "clinic", "session": "exam-1", "source": "probe", "geometry": 1, "epoch": 1, "declared_at_ns": 1,
        "columns": 64, "rows": 64, "samples_per_pixel": 1, "bits_stored": 12, "pixel_representation": 0,
        "photometric_interpretation": "MONOCHROME2", "tile": 128, "levels": 5, "coding_digest": "0" * 64,
    }  # fmt: skip
    return GeometryDeclared(**(values | more))  # type: ignore[arg-type]
