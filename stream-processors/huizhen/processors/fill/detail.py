"""Fill the missing detail of tiles whose low-pass is exact: the everyday loss of a live stream.

Theory. The received low-pass leaves one choice open: the detail bands. Any choice gives a picture with exactly this
low-pass (see `lifting`), so no projection back is needed. Without other evidence the best single guess is zero detail.
The last exact frame knows more: its own detail `p` at the same place is, band by band, the wanted detail plus an error
that grows with the change of the scene, and the change can be seen: it is the difference of the two low-passes. The
estimate of least expected error is `w p` with

    w = v / (v + c e),    v: local energy of p,    e: local energy of the low-passes' difference,

which keeps the detail where the scene stood still and fades to zero detail where it moved. c was measured on two
ultrasound loops; gains are flat between 2 and 4.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.lifting import Detail, Plane, analyse, from_planes, synthesise, to_planes, zero_detail
from huizhen.processors.fill.samples import BadFillInput, Pixels, SampleFormat
from huizhen.processors.fill.tile import FilledTile, LostDetail, Method, Previous, Provenance

Field = NDArray[np.float32]

WINDOW = 7  # coefficients a side over which energies are averaged
CHANGE_COST = 3.0  # the c above
LEVEL_GAIN = 0.25  # a change of the low-pass is expected to be this much weaker, in energy, one level finer
FLOOR = 0.05  # energy that decides between the two when nothing moves and nothing is there: zero detail


def fill_details(
    lost: Sequence[LostDetail],
    samples: SampleFormat,
    previous: Previous | None = None,
    frame: Pixels | None = None,
) -> list[FilledTile]:
    """Fill each tile from its exact low-pass and, where given, the last exact frame; order as in `lost`.

    `frame`: the present frame, true outside the lost tiles, if the caller has it decoded. Its neighbourhood improves
    tiles that have no previous frame. The result's own low-pass equals the received one except where samples were
    clipped, and `Provenance.clipped` counts those. Raises BadFillInput for shapes that contradict each other.
    """
    for tile in lost:
        _check(tile, samples, previous, frame)
    return [_fill(tile, samples, previous) for tile in lost]


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


def _fill(tile: LostDetail, samples: SampleFormat, previous: Previous | None) -> FilledTile:
    low = to_planes(tile.low)
    if previous is None:
        planes = zero_detail(low, *tile.box.shape, tile.discard)
        method, error, age = Method.BASE, _still_error(low), None
    else:
        then, details = analyse(to_planes(previous.frame[tile.box.slices]), tile.discard)
        weighted, error = _weigh(low, then, details)
        planes = synthesise(low, weighted)
        method, age = Method.TEMPORAL, previous.age
    pixels, clipped = samples.clip(from_planes(planes))
    return FilledTile(pixels, Provenance(tile.box, method, error, clipped, age))


def _weigh(low: Plane, then: Plane, details: list[Detail]) -> tuple[list[Detail], float]:
    """Weigh the previous frame's detail; return it and the root mean square error expected of the tile."""
    change = _local_energy(low - then)
    weighted: list[Detail] = []
    expected = 0.0
    for level, detail in enumerate(details):
        gain = CHANGE_COST * LEVEL_GAIN ** (len(details) - 1 - level)
        bands: list[Plane] = []
        for band in detail:
            if band.size == 0:
                bands.append(band)
                continue
            energy = _local_energy(band)
            cost = gain * cv2.resize(change, (band.shape[2], band.shape[1]), interpolation=cv2.INTER_LINEAR) + FLOOR
            weight = energy / (energy + cost)
            expected += float((weight * cost).sum())
            bands.append(np.rint(band * weight).astype(np.int32))
        weighted.append(Detail(*bands))
    filled = sum(band[0].size for detail in details for band in detail)
    return weighted, float(np.sqrt(expected / max(filled, 1)))


def _local_energy(planes: Plane) -> Field:
    """Average the squares of all planes over a window around each place: (rows, columns)."""
    squares = np.square(planes[0], dtype=np.float32)
    return np.asarray(cv2.blur(squares, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT), np.float32)


def _still_error(low: Plane) -> float:
    """Expect detail as strong as the low-pass's own finest detail."""
    _, details = analyse(low[:1], 1)
    energy = sum(float(np.square(band, dtype=np.float64).sum()) for band in details[0])
    return float(np.sqrt(energy / max(low[0].size, 1)))
