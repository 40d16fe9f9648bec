"""Fill a damaged frame from whatever is known: the front door of this package.

Evidence in falling order, per lost pixel: the tile's low-pass with the last exact frame's detail, the low-pass with
what the frame itself teaches of detail, the last exact frame's pixels moved and corrected at the hole's rim, the known
pixels around. Nothing that is known changes.
"""

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from huizhen.processors.fill.deep import membrane
from huizhen.processors.fill.detail import fill_details
from huizhen.processors.fill.evidence import Evidence
from huizhen.processors.fill.holes import fill_holes
from huizhen.processors.fill.iterative import relax_tile
from huizhen.processors.fill.lifting import from_planes, to_planes
from huizhen.processors.fill.plane import Mask, Plane
from huizhen.processors.fill.recall import Earlier
from huizhen.processors.fill.samples import BadFillInput, Pixels, SampleFormat
from huizhen.processors.fill.tile import Box, FilledTile, LostDetail, Method, Previous, Provenance

How = Literal["closed", "iterative"]


def fill(
    frame: Pixels, known: Mask, evidence: Evidence | None = None, method: How = "closed"
) -> tuple[Pixels, list[Provenance]]:
    """Fill the pixels of `frame` that are not `known`; return the whole frame and where each filled place comes from.

    `frame`: (rows, columns) or (rows, columns, 3) of whole numbers or floats, in any memory order and byte order; it is
    not changed, and values of unknown pixels do not matter. `known`: (rows, columns) of bool. `method` "iterative"
    gives the plain alternating projections that the closed forms are the limit of: slow, for reference. Raises
    BadFillInput where the arguments contradict each other or nothing at all is known.
    """
    evidence = evidence or Evidence()
    _check(frame, known, evidence)
    samples = evidence.format_of(frame)
    result = np.array(frame, frame.dtype.newbyteorder("="), order="C")
    missing = ~known
    if not missing.any():
        return result, []
    relax = method == "iterative"
    provenance: list[Provenance] = []
    if evidence.lost and samples:
        provenance += _fill_detail(result, missing, evidence, samples, relax)
    if missing.any():
        provenance += _fill_rest(result, ~missing, evidence, samples, relax)
    return result, sorted(provenance, key=lambda place: (place.box.top, place.box.left))


def _check(frame: Pixels, known: Mask, evidence: Evidence) -> None:
    if frame.ndim not in (2, 3) or (frame.ndim == 3 and frame.shape[2] != 3) or frame.size == 0:
        raise BadFillInput(f"a frame of shape {frame.shape}: (rows, columns) or (rows, columns, 3) is handled")
    if frame.dtype.kind not in "iuf":
        raise BadFillInput(f"a frame of {frame.dtype}: whole numbers and floats are handled")
    if known.dtype != np.bool_ or known.shape != frame.shape[:2]:
        raise BadFillInput(f"known is {known.dtype} of shape {known.shape}: it must be bool of {frame.shape[:2]}")
    previous = evidence.previous
    if previous and previous.frame.shape != frame.shape:
        raise BadFillInput(f"a previous frame of shape {previous.frame.shape}: the frame has {frame.shape}")
    if frame.dtype.kind == "f" and not np.isfinite(frame[known]).all():
        raise BadFillInput("known pixels that are not finite: mark them as unknown")
    if not known.any() and not evidence.lost and not previous:
        raise BadFillInput(
            "nothing of the frame is known, and there is no evidence: give a previous frame or low-passes"
        )


def _fill_detail(
    result: Pixels, missing: Mask, evidence: Evidence, samples: SampleFormat, relax: bool
) -> list[Provenance]:
    """Fill the missing pixels of tiles whose low-pass is known, in place."""
    lost = [tile for tile in evidence.lost if missing[tile.box.slices].any()]
    elsewhere = missing.copy()
    for tile in lost:
        elsewhere[tile.box.slices] = False
    tiles = fill_details(lost, samples, evidence.previous, None if elsewhere.any() else result)
    if relax:
        tiles = [_relaxed(tile, filled, samples, evidence.previous) for tile, filled in zip(lost, tiles, strict=True)]
    for filled in tiles:
        at = filled.provenance.box.slices
        here = missing[at]
        result[at][here] = filled.pixels[here]
        here[...] = False
    return [tile.provenance for tile in tiles]


def _relaxed(tile: LostDetail, closed: FilledTile, samples: SampleFormat, previous: Previous | None) -> FilledTile:
    pixels, clipped = relax_tile(tile, samples, previous.frame if previous else None)
    return FilledTile(pixels, replace(closed.provenance, method=Method.ITERATIVE, clipped=clipped))


def _fill_rest(
    result: Pixels, known: Mask, evidence: Evidence, samples: SampleFormat | None, relax: bool
) -> list[Provenance]:
    """Fill what no low-pass tells of from the known pixels and the previous frame, in place."""
    previous = evidence.previous
    if previous and not known.any():
        result[...] = previous.frame
        return [Provenance(Box(0, 0, *known.shape), Method.TEMPORAL, float(result.std()), 0, previous.age)]
    planes = [result] if result.ndim == 2 else _planes(result, samples)
    before = _planes(previous.frame, samples) if previous and not relax else [None] * len(planes)
    limits = (samples.low, samples.high) if samples and len(planes) == 1 else (-np.inf, np.inf)
    age = previous.age if previous else None
    places: list[Provenance] = []
    for index, (values, old) in enumerate(zip(planes, before, strict=True)):
        whole = values if evidence.padding is None else _without_padding(values, known, result, evidence.padding)
        scale = _scale(whole, known)
        plane = Plane(whole, known.copy(), scale, None if old is None else Earlier.of(old, scale), limits, age)
        found = fill_holes(plane, relax)
        places = found if index == 0 else places
        planes[index] = plane.values
    if planes[0] is not result:
        where = ~known if result.ndim == 2 else ~known[..., None]
        np.copyto(result, _join(planes, samples), casting="unsafe", where=where)
    return [replace(place, method=Method.ITERATIVE) for place in places] if relax else places


def _planes(frame: Pixels, samples: SampleFormat | None) -> list[Pixels]:
    """Take a frame apart into planes: itself, or luma and colour; channels, if it is of floats."""
    if frame.ndim == 2:
        return [np.ascontiguousarray(frame, frame.dtype.newbyteorder("="))]
    if samples is None:
        return [np.array(frame[..., channel], frame.dtype.newbyteorder("="), order="C") for channel in range(3)]
    return list(to_planes(frame))


def _join(planes: list[Pixels], samples: SampleFormat | None) -> Pixels:
    if len(planes) == 1:
        return planes[0]
    if samples is None:
        return np.stack(planes, axis=-1)
    return samples.clip(from_planes(np.stack(planes).astype(np.int32)))[0]


def _without_padding(values: Pixels, known: Mask, frame: Pixels, padding: int) -> Pixels:
    """Continue the samples over known padding, so that it tells nothing; the frame itself keeps it."""
    is_sample = known & ((frame if frame.ndim == 2 else frame[..., 0]) != padding)
    if not is_sample.any():
        return values
    spread = membrane(values.astype(np.float32), is_sample)
    return np.where(is_sample | ~known, values, spread.astype(values.dtype))


def _scale(values: Pixels, known: Mask) -> float:
    """Give the range of the known values per 255, from every eighth row and column if these show any."""
    for step in (8, 1):
        seen = np.ascontiguousarray(values[::step, ::step], np.float32)
        low, high, *_ = cv2.minMaxLoc(seen, np.ascontiguousarray(known[::step, ::step]).view(np.uint8))
        if high > low:
            return (high - low) / 255
    return 1.0
