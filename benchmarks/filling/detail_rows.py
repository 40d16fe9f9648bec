"""Rows on tiles that lost their detail over an exact low-pass: stills, and loops with an earlier exact frame."""

from collections.abc import Callable, Iterable
from typing import Any

import cv2
import numpy as np
from benchmarks.filling.calibration import Calibration
from benchmarks.filling.frames import LOOPS, Frame, loop
from benchmarks.filling.masks import DETAIL_RULE, PHASES, DetailLoss, phase_loss
from benchmarks.filling.measure import Pixels, Row, Score, square_error, ssim, timed_ms
from numpy.typing import NDArray

from huizhen.processors.fill import FilledTile, LostDetail, Previous, SampleFormat, fill_details
from huizhen.processors.fill.lifting import analyse, from_planes, to_planes, zero_detail

VGA = 640 * 480
STILL_RIVALS = ["zero_detail", "bicubic", "lanczos"]
LEVELS_SAID = {1: "half", 2: "quarter"}


def detail_row(
    name: str, frames: Iterable[Frame], levels: int, *, repeats: int, calibration: Calibration, target: str
) -> Row:
    """Still pictures: one phase after the other loses its detail."""
    row = Row(name, f"model and the frame's lesson, from 1/{1 << levels} size", target, DETAIL_RULE)
    row.more["ms_per"] = "512 x 512, one phase lost"
    for frame in frames:
        samples, scale = SampleFormat(frame.bits, frame.signed), frame.scale
        clipped = total = 0
        for phase in range(PHASES):
            loss = phase_loss(frame.pixels, phase, levels, scale * 255)
            if not any(loss.counts):
                continue
            present = _blanked(frame.pixels, loss)

            def ours(loss: DetailLoss = loss, present: Pixels = present) -> list[FilledTile]:
                return fill_details(loss.lost, samples, frame=present)  # noqa: B023 - called at once

            filled = ours()
            calibration.tiles(name, filled, loss.counts, frame.pixels, scale)
            clipped += sum(tile.provenance.clipped for tile in filled)
            total += sum(tile.pixels.size for tile in filled)
            taken = timed_ms(ours, repeats, frame.pixels.size)
            _score(
                row.ours, frame.name, frame.pixels, scale=scale, loss=loss, filled=[t.pixels for t in filled], ms=taken
            )
            for rival, way in _still_rivals(frame.pixels, loss, levels, samples).items():
                taken = timed_ms(way, 1, frame.pixels.size)
                _score(row.rival(rival), frame.name, frame.pixels, scale=scale, loss=loss, filled=way(), ms=taken)
        row.more["clipped_share"] = max(row.more.get("clipped_share", 0.0), clipped / max(total, 1))
    row.more["worst_margin"] = row.worst_margin(STILL_RIVALS)
    return row


def temporal_detail_row(
    name: str, levels: int, gap: int, *, steps: dict[str, int], repeats: int, calibration: Calibration, target: str
) -> Row:
    """Colour ultrasound loops whose last exact frame is `gap` frames old."""
    row = Row(name, f"last exact frame's detail and the model, from 1/{1 << levels} size", target, DETAIL_RULE)
    row.more["ms_per"] = "640 x 480 RGB, one phase lost"
    for source in LOOPS:
        frames = loop(source)
        size = frames[0][..., 0].size
        for number in range(gap, len(frames), steps[source]):
            frame, before = frames[number], frames[number - gap]
            loss = phase_loss(frame, number % PHASES, levels, 255.0)
            if not any(loss.counts):
                continue
            previous, present = Previous(before, gap), _blanked(frame, loss)

            def ours(
                loss: DetailLoss = loss, previous: Previous = previous, present: Pixels = present
            ) -> list[FilledTile]:
                return fill_details(loss.lost, SampleFormat(8, channels=3), previous, present)

            filled = ours()
            calibration.tiles(name, filled, loss.counts, frame, 1.0)
            taken = timed_ms(ours, repeats, size, VGA)
            _score(row.ours, source, frame, scale=1.0, loss=loss, filled=[t.pixels for t in filled], ms=taken)
            for rival, way in _loop_rivals(before, loss).items():
                taken = timed_ms(way, 1, size, VGA)
                _score(row.rival(rival), source, frame, scale=1.0, loss=loss, filled=way(), ms=taken)
    zero, own = row.rivals["zero_detail"].by_frame(), row.ours.by_frame()
    row.more["over_zero_detail_db"] = {source: own[source] - zero[source] for source in own}
    row.more["worst_margin"] = row.worst_margin(["zero_detail"])
    return row


def _blanked(pixels: Pixels, loss: DetailLoss) -> Pixels:
    """Give a frame without what is lost, so that nothing can be read there."""
    present = pixels.copy()
    for tile in loss.lost:
        present[tile.box.slices] = 0
    return present


def _score(
    score: Score, frame: str, truth: Pixels, *, scale: float, loss: DetailLoss, filled: list[Any], ms: list[float]
) -> None:
    whole, lost = truth.copy(), np.zeros(truth.shape[:2], np.bool_)
    for tile, pixels, counts in zip(loss.lost, filled, loss.counts, strict=True):
        whole[tile.box.slices] = pixels
        lost[tile.box.slices] = counts
    square, similar = square_error(whole, truth, lost, scale), ssim(whole, truth, lost, scale)
    score.add(frame, square, similar, ms, int(lost.sum()))


def _still_rivals(
    pixels: NDArray[np.int32], loss: DetailLoss, levels: int, samples: SampleFormat
) -> dict[str, Callable[[], list[Pixels]]]:
    low = _low_of_frame(pixels, levels).astype(np.float32)
    return {
        "zero_detail": lambda: _zero(loss, samples),
        "bicubic": lambda: _enlarged(low, pixels.shape, loss.lost, way=cv2.INTER_CUBIC, samples=samples),
        "lanczos": lambda: _enlarged(low, pixels.shape, loss.lost, way=cv2.INTER_LANCZOS4, samples=samples),
    }


def _loop_rivals(before: Pixels, loss: DetailLoss) -> dict[str, Callable[[], list[Pixels]]]:
    return {
        "zero_detail": lambda: _zero(loss, SampleFormat(8, channels=3)),
        "copy_last": lambda: [before[tile.box.slices] for tile in loss.lost],
    }


def _zero(loss: DetailLoss, samples: SampleFormat) -> list[Pixels]:
    tiles = [zero_detail(to_planes(tile.low), *tile.box.shape, tile.discard) for tile in loss.lost]
    return [samples.clip(from_planes(planes))[0] for planes in tiles]


def _low_of_frame(pixels: NDArray[np.int32], levels: int) -> NDArray[np.int32]:
    """The base of all tiles, which every receiver has: tile by tile as it is coded, put side by side."""
    strips = []
    for top in range(0, pixels.shape[0], 128):
        strip = pixels[top : top + 128]
        parts = [analyse(strip[None, :, left : left + 128], levels)[0][0] for left in range(0, pixels.shape[1], 128)]
        strips.append(np.concatenate(parts, axis=1))
    return np.concatenate(strips)


def _enlarged(
    low: NDArray[np.float32],
    shape: tuple[int, ...],
    lost: list[LostDetail],
    *,
    way: int,
    samples: SampleFormat,
) -> list[Pixels]:
    """Enlarge the whole base with its samples where the 5/3 wavelet has them, at every 2**levels-th pixel."""
    step = 1 / (1 << lost[0].discard)
    place = np.array([[step, 0, 0], [0, step, 0]], np.float32)
    flags, size = way | cv2.WARP_INVERSE_MAP, (shape[1], shape[0])
    whole = cv2.warpAffine(low, place, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    pixels = samples.clip(np.rint(whole).astype(np.int32))[0]
    return [pixels[tile.box.slices] for tile in lost]
