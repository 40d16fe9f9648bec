"""Rows on holes without any base: still pictures, the literature's pattern, and loops with an earlier exact frame."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from benchmarks.filling.calibration import Calibration
from benchmarks.filling.frames import LOOPS, Frame, loop, luma
from benchmarks.filling.masks import HOLE_RULE, Mask, holes, periodic
from benchmarks.filling.measure import TIMED_MIN, UNIT, Pixels, Row, psnr, square_error, ssim, timed_ms
from benchmarks.filling.rivals import Rivals
from numpy.typing import NDArray

from huizhen.processors.fill import Evidence, Previous, Provenance, SampleFormat, fill

FAST = ("ns", "telea", "fsr_fast", "biharmonic")
SLOW = ("fsr_best", "shiftmap")  # 4 to 60 s a frame


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that loses pixels."""

    name: str
    truth: NDArray[np.int32]
    samples: SampleFormat
    scale: float
    evidence: Evidence
    container: type = np.int32

    @classmethod
    def of(cls, frame: Frame) -> "Picture":
        samples = SampleFormat(frame.bits, frame.signed)
        kind = np.uint8 if frame.bits == 8 else np.int16 if frame.signed else np.uint16
        return cls(frame.name, frame.pixels, samples, frame.scale, Evidence(samples), kind)


def hole_row(
    name: str,
    frames: Iterable[Frame],
    side: int,
    *,
    seeds: Iterable[int],
    rivals: Rivals,
    wanted: tuple[str, ...],
    slow_seeds: int,
    slow_frames: int | None = None,
    repeats: int,
    calibration: Calibration,
    target: str,
) -> Row:
    """Still pictures with 5 % of their squares lost; the slow rivals are asked for some masks of some frames only."""
    row = Row(name, "bank of 18 models behind a guard", target, HOLE_RULE)
    row.more["ms_per"] = "512 x 512"
    for index, frame in enumerate(frames):
        picture = Picture.of(frame)
        for seed in seeds:
            lost = holes(frame.pixels, side, 0.05, seed)
            is_asked = seed < slow_seeds and (slow_frames is None or index < slow_frames)
            asked = wanted if is_asked else tuple(set(wanted) & {"ns", "telea"})
            _measure(row, picture, lost, rivals=rivals, wanted=asked, repeats=repeats, calibration=calibration)
    return _with_margins(row)


def literature_row(
    names: tuple[str, ...], rivals: Rivals, wanted: tuple[str, ...], repeats: int, calibration: Calibration
) -> Row:
    """A quarter of the 8 x 8 blocks of two photographs, periodic, as the literature reports it."""
    rule = "1/4 of the 8 x 8 blocks, periodic; all count; whole_image_db = db + 6.02"
    row = Row("literature-periodic8", "bank of 18 models behind a guard", "", rule)
    row.more["ms_per"] = "512 x 512"
    for name in names:
        sample = rivals.sample(name)
        if sample is None:
            continue
        truth = sample.astype(np.int32)
        picture = Picture(name, truth, SampleFormat(8), 1.0, Evidence(SampleFormat(8)), np.uint8)
        lost = periodic(truth.shape)
        _measure(row, picture, lost, rivals=rivals, wanted=wanted, repeats=repeats, calibration=calibration)
    if row.ours.squares:
        share = 10 * np.log10(4.0)
        row.more["whole_image_db"] = {frame: db + share for frame, db in row.ours.by_frame().items()}
    return _with_margins(row)


def temporal_hole_row(
    name: str,
    gap: int,
    *,
    numbers: Mapping[str, Iterable[int]],
    with_repeats: bool = False,
    rivals: Rivals,
    wanted: tuple[str, ...],
    repeats: int,
    calibration: Calibration,
    target: str,
) -> Row:
    """Ultrasound loops in grey with 5 % of 16 x 16 lost; the last exact frame is `gap` frames old.

    `numbers`: the frames of each loop to fill. Those that equal the last exact one are left out, unless `with_repeats`.
    """
    repeats_said = "count as 99 dB" if with_repeats else "left out"
    rule = f"{HOLE_RULE}; peak 255 of 8 bit, not scaled; frames that equal the last exact one {repeats_said}"
    row = Row(name, "the last exact frame's best match, corrected at the rim, mixed with the bank", target, rule)
    row.more["ms_per"] = "512 x 512"
    for source in LOOPS:
        frames = [luma(frame) for frame in loop(source)]
        chosen = [number for number in numbers[source] if gap <= number < len(frames)]
        for number in chosen:
            truth, before = frames[number], frames[number - gap].astype(np.uint8)
            is_repeat = np.array_equal(truth, before)
            row.more["repeats"] = row.more.get("repeats", 0) + is_repeat
            if is_repeat and not with_repeats:
                continue
            evidence = Evidence(SampleFormat(8), previous=Previous(before, gap))
            lost = holes(truth, 16, 0.05, number)
            picture = Picture(f"{source} {number}", truth, SampleFormat(8), 1.0, evidence, np.uint8)
            # the slow rivals on one frame only: they do not see the past, and do not change with it
            asked = wanted if number == chosen[1] else tuple(set(wanted) & {"ns"})
            _measure(row, picture, lost, rivals=rivals, wanted=asked, repeats=repeats, calibration=calibration)
            copied = square_error(before, truth, lost, picture.scale)
            row.rival("copy_last").add(picture.name, copied, ssim(before, truth, lost, picture.scale), [])
    row.more["pooled_db"] = _pooled(row)
    row.more["by_loop_db"] = {source: float(np.mean(dbs)) for source, dbs in _by_loop(row.ours.by_frame()).items()}
    row.more["note"] = "db is the mean of the frames' dB; pooled_db pools their squared errors"
    row.more["frames"] = {}
    return row


def _by_loop(values: dict[str, float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for frame, value in values.items():
        found.setdefault(frame.split()[0], []).append(value)
    return found


def _pooled(row: Row) -> dict[str, float]:
    squares = {frame: float(np.mean(each)) for frame, each in row.ours.squares.items()}
    return {source: psnr(float(np.mean(each))) for source, each in _by_loop(squares).items()}


def _measure(
    row: Row,
    picture: Picture,
    lost: Mask,
    *,
    rivals: Rivals,
    wanted: tuple[str, ...],
    repeats: int,
    calibration: Calibration,
) -> None:
    """Let us and the rivals fill one picture."""
    truth, scale, known = picture.truth, picture.scale, ~lost
    damaged: Pixels = np.where(known, truth, 0).astype(picture.container)

    def ours() -> tuple[Pixels, list[Provenance]]:
        return fill(damaged, known, picture.evidence)

    filled, places = ours()
    calibration.places(row.name, places, filled, truth=truth, lost=lost, scale=scale)
    taken = timed_ms(ours, repeats, truth.size)
    row.ours.add(picture.name, square_error(filled, truth, lost, scale), ssim(filled, truth, lost, scale), taken)
    least = float(truth.min())
    shown = (truth - least) / scale
    for method in wanted:
        answer = rivals.fill(method, shown, known)
        if answer is None:
            continue
        theirs, taken = answer
        back = theirs.astype(np.float64) * scale + least
        row.rival(method).add(
            picture.name,
            square_error(back, truth, lost, scale),
            ssim(back, truth, lost, scale),
            [ms * UNIT / truth.size for ms in taken if truth.size >= TIMED_MIN],
        )


def _with_margins(row: Row) -> Row:
    ours_ms = row.ours.median_ms() or 0.0
    for rival in ("ns", "fsr_fast"):
        if rival in row.rivals:
            row.more[f"over_{rival}"] = row.worst_margin([rival])
            row.more[f"over_{rival}"]["times_faster"] = (row.rivals[rival].median_ms() or 0.0) / max(ours_ms, 1e-6)
    return row
