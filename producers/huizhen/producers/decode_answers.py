"""Check what the decoding child wrote; the child has met hostile bytes and is not trusted."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from huizhen.producers.decode_wire import Refusal, Summary, nonsense
from huizhen.producers.source import Geometry
from huizhen.schemas.errors import BadInput

_SUMMARY = TypeAdapter(Summary)
_GEOMETRY = TypeAdapter(Geometry)
_REFUSAL = TypeAdapter(Refusal)
T = TypeVar("T")


def load_summary(text: bytes) -> Summary:
    """Read a summary; Refused where it is none."""
    return _checked(_SUMMARY.validate_json, text)


def load_geometry(text: bytes) -> Geometry:
    """Read a geometry; Refused where it is none."""
    return _checked(_GEOMETRY.validate_json, text)


def load_refusal(text: bytes) -> Refusal:
    """Read a refusal; Refused where it is none."""
    return _checked(_REFUSAL.validate_json, text)


def load_pixels(geometry: Geometry, payload: NDArray[np.uint8]) -> NDArray[np.generic]:
    """Shape the payload as the geometry says; Refused where it has another size."""
    wanted = geometry.pixels
    if payload.nbytes != wanted.frame_bytes:
        raise nonsense()
    shape = (wanted.rows, wanted.columns) + ((3,) if wanted.samples_per_pixel == 3 else ())
    return payload.view(wanted.dtype).reshape(shape)


def _checked(validate: Callable[[bytes], T], text: bytes) -> T:
    try:
        return validate(text)
    except (ValidationError, BadInput):
        raise nonsense() from None
