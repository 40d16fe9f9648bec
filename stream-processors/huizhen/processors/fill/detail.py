"""Fill the missing detail of tiles whose low-pass is exact: the everyday loss of a live stream.

Theory. The received low-pass leaves one choice open: the detail coefficients. Any choice gives a picture with exactly
this low-pass (see `lifting`), so projecting onto that set is free: estimate coefficients, then synthesise, and bring
what left the sample range back into it (`limits`).

1. What the low-pass itself says of the detail: `model` predicts s from the samples around each place, corrected by what
   the present frame's true pixels around the lost tiles teach, where the caller has them.
2. What the last exact frame says: its own detail where the tile was, weighed by expected error (`carry`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import model
from huizhen.processors.fill.bands import Estimate, error_gains, unpack
from huizhen.processors.fill.carry import carry_over
from huizhen.processors.fill.lifting import Plane, analyse, band_shape, synthesise, to_planes, zero_detail
from huizhen.processors.fill.limits import into_range
from huizhen.processors.fill.samples import BadFillInput, Pixels, SampleFormat
from huizhen.processors.fill.surroundings import look
from huizhen.processors.fill.tile import FilledTile, LostDetail, Method, Previous, Provenance

Field = NDArray[np.float32]


class _Study(NamedTuple):
    """What the present frame says: the low-pass around each lost tile's places, by index, and the lesson."""

    around: list[Field]
    lesson: model.Lesson


def fill_details(
    lost: Sequence[LostDetail],
    samples: SampleFormat,
    previous: Previous | None = None,
    frame: Pixels | None = None,
) -> list[FilledTile]:
    """Fill each tile from its exact low-pass and, where given, the last exact frame; order as in `lost`.

    `frame`: the present frame, true outside the lost tiles, if the caller has it decoded; used where there is no
    previous frame. The result's own low-pass equals the received one except where samples were clipped, and
    `Provenance.clipped` counts those. Raises BadFillInput for shapes that contradict each other.
    """
    for tile in lost:
        _check(tile, samples, previous, frame)
    groups: dict[tuple[int, tuple[int, int]], list[int]] = {}
    for index, tile in enumerate(lost):
        groups.setdefault((tile.discard, tile.box.shape), []).append(index)
    filled: dict[int, FilledTile] = {}
    studies: dict[int, _Study | None] = {}
    for (levels, _), indexes in groups.items():
        if frame is not None and previous is None and levels not in studies:
            studies[levels] = _study(frame, lost, levels)
        tiles = _fill_alike(lost, indexes, samples, previous, studies.get(levels))
        filled.update(zip(indexes, tiles, strict=True))
    return [filled[index] for index in range(len(lost))]


def _fill_alike(
    lost: Sequence[LostDetail],
    indexes: list[int],
    samples: SampleFormat,
    previous: Previous | None,
    study: _Study | None,
) -> list[FilledTile]:
    """Fill tiles of one shape that lack the same number of levels."""
    tiles = [lost[index] for index in indexes]
    levels, shape = tiles[0].discard, tiles[0].box.shape
    lows = np.stack([to_planes(tile.low) for tile in tiles])
    if previous is not None:
        estimate = carry_over([tile.box for tile in tiles], lows, levels, previous.frame)
    elif levels in model.MODELS:
        if study:
            seen = np.stack([study.around[index] for index in indexes])
        else:
            seen = model.around_all(model.margined(lows[:, 0]))
        estimate = _predict(seen, levels, lows.shape[1], study.lesson if study else None)
    else:
        estimate = Estimate(np.empty(0, np.intp), np.empty((0, 0, 0, 0), np.float32), _still_squares(lows))
    planes = _synthesise(lows, estimate, shape, levels)
    method, age = (Method.TEMPORAL, previous.age) if previous else (Method.BASE, None)
    filled: list[FilledTile] = []
    for tile, part, low, square in zip(tiles, planes, lows, estimate.squares, strict=True):
        pixels, clipped = into_range(part, low, samples, levels)
        filled.append(FilledTile(pixels, Provenance(tile.box, method, float(np.sqrt(square)), clipped, age)))
    return filled


def _synthesise(lows: Plane, estimate: Estimate, shape: tuple[int, int], levels: int) -> Plane:
    """Synthesise all planes of all tiles; those without estimated coefficients get zero detail."""
    count, planes_each = lows.shape[:2]
    flat = lows.reshape(count * planes_each, *lows.shape[2:])
    planes = np.zeros((len(flat), *shape), np.int32)
    if estimate.planes.size:
        whole = np.rint(estimate.coefficients).astype(np.int32)
        planes[estimate.planes] = synthesise(flat[estimate.planes], unpack(whole, *shape))
    flat_only = np.setdiff1d(np.flatnonzero(flat.any(axis=(1, 2))), estimate.planes)
    if flat_only.size:
        planes[flat_only] = zero_detail(flat[flat_only], *shape, levels)
    return planes.reshape(count, planes_each, *shape)


def _study(frame: Pixels, lost: Sequence[LostDetail], levels: int) -> _Study | None:
    """Learn from the true tiles around all the lost ones; None where there is nothing to learn from."""
    if levels not in model.MODELS:
        return None
    around = look(frame, [tile.box for tile in lost], [_luma_at(tile, levels) for tile in lost], levels)
    if around is None:
        return None
    lesson = model.learn(model.load(levels), around.examples, error_gains(levels))
    return _Study(around.around, lesson)


def _luma_at(tile: LostDetail, levels: int) -> Plane:
    """Give a tile's luma low-pass after `levels` halvings, whatever it was received at."""
    luma = to_planes(tile.low)[:1]
    if tile.discard < levels:
        low, _ = analyse(luma, levels - tile.discard)
    else:
        low = zero_detail(luma, *band_shape(*tile.box.shape, levels), tile.discard - levels)
    only: Plane = low[0]
    return only


def _predict(seen: Field, levels: int, planes_each: int, lesson: model.Lesson | None) -> Estimate:
    """Estimate the luma's detail from the low-pass around its places, (tiles, rows, columns, 25)."""
    operators = model.load(levels)
    places = model.describe(seen)
    predicted = operators.predict(places, lesson.correction if lesson else None)
    squares = operators.expected_square(places).reshape(len(seen), -1).mean(axis=1)
    if lesson:
        squares *= np.float32(lesson.error_scale)
    luma = np.arange(len(seen)) * planes_each
    return Estimate(luma, predicted.reshape(*seen.shape[:3], -1).transpose(0, 3, 1, 2), squares)


def _still_squares(lows: Plane) -> Field:
    """Expect detail as strong as the low-pass's own finest."""
    _, details = analyse(lows[:, 0], 1)
    squares = sum(np.square(band, dtype=np.float32).sum(axis=(1, 2)) for band in details[0])
    return np.asarray(squares / np.float32(max(lows[0, 0].size, 1)), np.float32)


def _check(tile: LostDetail, samples: SampleFormat, previous: Previous | None, frame: Pixels | None) -> None:
    channels = tile.low.shape[2] if tile.low.ndim == 3 else 1
    if channels != samples.channels:
        raise BadFillInput(f"low-pass of {channels} channels: the format says {samples.channels}")
    for name, pixels in (("previous frame", previous.frame if previous else None), ("frame", frame)):
        if pixels is None:
            continue
        if (pixels.shape[2] if pixels.ndim == 3 else 1) != samples.channels:
            raise BadFillInput(f"{name} of shape {pixels.shape}: the format says {samples.channels} channels")
        if tile.box.bottom > pixels.shape[0] or tile.box.right > pixels.shape[1]:
            raise BadFillInput(f"{tile.box} is outside the {name} of shape {pixels.shape}")
