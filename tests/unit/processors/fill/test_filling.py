"""The front door: bad input, and what holds for every input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from huizhen.processors.fill import BadFillInput, Box, Evidence, LostDetail, Method, Previous, SampleFormat, fill
from huizhen.processors.fill.lifting import analyse, from_planes, to_planes


def picture(rows: int = 64, columns: int = 80, channels: int = 1, high: int = 255, seed: int = 0) -> NDArray[np.int32]:
    """A smooth surface with an edge in it, well inside 0..high."""
    y, x = np.mgrid[:rows, :columns]
    rng = np.random.default_rng(seed)
    surface = 0.4 + 0.2 * np.sin(y / 17 + seed) * np.cos(x / 23) + 0.2 * (x + y > (rows + columns) / 2)
    noisy = surface[..., None] * [1, 0.9, 0.8][:channels] + rng.normal(0, 0.005, (rows, columns, channels))
    pixels = np.clip(noisy * high, 0, high).astype(np.int32)
    return np.asarray(pixels[..., 0] if channels == 1 else pixels)


def holes(rows: int = 64, columns: int = 80) -> NDArray[np.bool_]:
    known = np.ones((rows, columns), np.bool_)
    known[16:32, 16:32] = False
    known[40:48, 48:56] = False
    return known


def error(filled: NDArray[np.generic], truth: NDArray[np.generic], known: NDArray[np.bool_]) -> float:
    return float(np.abs(filled[~known].astype(float) - truth[~known].astype(float)).mean())


def test_nothing_lost_is_given_back_as_it_was() -> None:
    frame = picture().astype(np.uint8)
    filled, provenance = fill(frame, np.ones(frame.shape, np.bool_))
    assert np.array_equal(filled, frame)
    assert provenance == []
    assert not np.shares_memory(filled, frame)


def test_known_pixels_stay_and_holes_come_close() -> None:
    frame = picture().astype(np.uint8)
    known = holes()
    damaged = np.where(known, frame, 255).astype(np.uint8)
    filled, provenance = fill(damaged, known)
    assert np.array_equal(filled[known], frame[known])
    assert error(filled, frame, known) < 8
    assert [(p.box, p.method) for p in provenance] == [
        (Box(16, 16, 32, 32), Method.SPATIAL),
        (Box(40, 48, 48, 56), Method.SPATIAL),
    ]
    assert all(0 < p.expected_error < 30 for p in provenance)


@pytest.mark.parametrize("method", ["closed", "iterative"])
def test_what_unknown_pixels_hold_does_not_matter(method: str) -> None:
    frame, known = picture().astype(np.uint8), holes()
    first, _ = fill(np.where(known, frame, 0).astype(np.uint8), known, method=method)  # type: ignore[arg-type]
    second, _ = fill(np.where(known, frame, 255).astype(np.uint8), known, method=method)  # type: ignore[arg-type]
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    "reshape",
    [
        pytest.param(np.asfortranarray, id="fortran order"),
        pytest.param(lambda a: a.astype(a.dtype.newbyteorder(">")), id="big endian"),
        pytest.param(lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2], id="not contiguous"),
        pytest.param(lambda a: a[::-1][::-1], id="negative strides"),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_memory_layout_does_not_matter(reshape, channels: int) -> None:  # type: ignore[no-untyped-def]
    frame, known = picture(channels=channels, high=4000).astype(np.uint16), holes()
    samples = SampleFormat(12, channels=channels)
    expected, _ = fill(frame, known, Evidence(samples))
    other = reshape(frame)
    other.flags.writeable = False
    filled, _ = fill(other, known, Evidence(samples))
    assert np.array_equal(filled, expected)


@pytest.mark.parametrize(
    ("dtype", "samples", "offset"),
    [
        (np.uint8, SampleFormat(8), 0),
        (np.int16, SampleFormat(16, signed=True), -2000),
        (np.int16, SampleFormat(12, signed=True), -2000),
        (np.uint16, SampleFormat(12), 0),
        (np.uint16, SampleFormat(16), 0),
        (np.float32, None, 0),
        (np.float64, None, -7),
    ],
)
def test_every_sample_type_keeps_its_type(dtype: type, samples: SampleFormat | None, offset: int) -> None:
    high = 255 if dtype is np.uint8 else 4000
    frame: NDArray[np.generic] = (picture(high=high) + offset).astype(dtype)
    known = holes()
    filled, _ = fill(frame, known, Evidence(samples))
    assert filled.dtype == dtype
    assert np.array_equal(filled[known], frame[known])
    assert error(filled, frame, known) < high / 30


def test_colour_is_filled_in_every_channel() -> None:
    frame, known = picture(channels=3).astype(np.uint8), holes()
    filled, _ = fill(np.where(known[..., None], frame, 0).astype(np.uint8), known)
    assert np.array_equal(filled[known], frame[known])
    for channel in range(3):
        assert error(filled[..., channel], frame[..., channel], known) < 8


def test_a_constant_frame_is_filled_with_its_value() -> None:
    frame, known = np.full((64, 80), 77, np.uint8), holes()
    filled, _ = fill(np.where(known, frame, 0).astype(np.uint8), known)
    assert (filled == 77).all()


def test_one_known_pixel_fills_the_frame() -> None:
    known = np.zeros((64, 80), np.bool_)
    known[10, 20] = True
    filled, provenance = fill(np.where(known, 99, 0).astype(np.uint8), known)
    assert (filled == 99).all()
    assert provenance


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 3), (9, 33), (33, 8)])
def test_small_and_odd_frames_are_filled(shape: tuple[int, int]) -> None:
    known = np.random.default_rng(1).random(shape) < 0.5
    known[0, 0] = True
    frame = np.full(shape, 12, np.uint8)
    filled, _ = fill(np.where(known, frame, 200).astype(np.uint8), known)
    assert (filled == 12).all()


def test_full_range_noise_stays_in_the_range() -> None:
    frame = np.random.default_rng(2).integers(0, 4096, (96, 96)).astype(np.uint16)
    known = holes(96, 96)
    filled, _ = fill(frame, known, Evidence(SampleFormat(12)))
    assert filled.max() < 4096
    assert np.array_equal(filled[known], frame[known])


def test_padding_tells_nothing_and_stays() -> None:
    frame = picture(high=1000).astype(np.int16)
    known = holes()
    frame[:, :16] = -2000
    filled, _ = fill(frame, known, Evidence(SampleFormat(16, signed=True), padding=-2000))
    assert (filled[:, :16] == -2000).all()
    assert filled[~known].min() >= 0


def test_previous_frame_alone_is_shown_when_nothing_is_known() -> None:
    before = picture().astype(np.uint8)
    nothing = np.zeros(before.shape, np.bool_)
    filled, (provenance,) = fill(np.zeros_like(before), nothing, Evidence(previous=Previous(before, 5)))
    assert np.array_equal(filled, before)
    assert (provenance.method, provenance.age) == (Method.TEMPORAL, 5)


def test_holes_are_remembered_from_the_previous_frame() -> None:
    rng = np.random.default_rng(3)
    frame = (picture() + rng.integers(0, 60, (64, 80))).astype(np.uint8)
    known = holes()
    filled, provenance = fill(np.where(known, frame, 0).astype(np.uint8), known, Evidence(previous=Previous(frame, 1)))
    assert error(filled, frame, known) < 1
    assert {p.method for p in provenance} == {Method.TEMPORAL}
    assert {p.age for p in provenance} == {1}


def test_a_repeated_frame_is_given_back_exactly() -> None:
    frame = np.random.default_rng(6).integers(0, 256, (128, 160)).astype(np.uint8)
    known = np.ones(frame.shape, np.bool_)
    known[16:32, 16:32] = known[64:96, 32:64] = known[112:128, 144:160] = False
    filled, _ = fill(np.where(known, frame, 0).astype(np.uint8), known, Evidence(previous=Previous(frame, 1)))
    assert np.array_equal(filled, frame)


@pytest.mark.parametrize("method", ["closed", "iterative"])
@pytest.mark.parametrize("channels", [1, 3])
def test_low_pass_holds_and_holes_are_filled_beside_it(channels: int, method: str) -> None:
    frame = picture(64, 96, channels).astype(np.uint8)
    box = Box(0, 32, 32, 64)
    low = from_planes(analyse(to_planes(frame[box.slices]), 2)[0])
    known = np.ones((64, 96), np.bool_)
    known[box.slices] = False
    known[48:56, 8:16] = False
    damaged = np.where(known[..., None] if channels == 3 else known, frame, 0).astype(np.uint8)
    filled, provenance = fill(damaged, known, Evidence(lost=(LostDetail(box, low, 2),)), method=method)  # type: ignore[arg-type]
    again = from_planes(analyse(to_planes(filled[box.slices]), 2)[0])
    assert sum(p.clipped for p in provenance) == 0
    assert np.array_equal(again, low)
    assert error(filled, frame, known) < 10
    assert len(provenance) == 2


@pytest.mark.parametrize(
    ("frame", "known", "evidence", "message"),
    [
        (np.zeros((8, 8), np.uint8), np.ones((8, 7), np.bool_), None, "must be bool of"),
        (np.zeros((8, 8), np.uint8), np.ones((8, 8), np.uint8), None, "must be bool of"),
        (np.zeros((8, 8, 2), np.uint8), np.ones((8, 8), np.bool_), None, "is handled"),
        (np.zeros((0, 8), np.uint8), np.ones((0, 8), np.bool_), None, "is handled"),
        (np.zeros((8, 8), np.complex64), np.ones((8, 8), np.bool_), None, "whole numbers and floats"),
        (np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.bool_), None, "nothing of the frame is known"),
        (np.full((8, 8), np.nan), np.ones((8, 8), np.bool_), None, "not finite"),
        (np.zeros((8, 8)), np.ones((8, 8), np.bool_), Evidence(SampleFormat(8)), "convert it to whole numbers"),
        (
            np.zeros((8, 8), np.uint8),
            np.ones((8, 8), np.bool_),
            Evidence(previous=Previous(np.zeros((4, 8), np.uint8))),
            "previous frame of shape",
        ),
        (np.zeros((8, 8), np.uint8), np.ones((8, 8), np.bool_), Evidence(SampleFormat(8, channels=3)), "1 channels"),
    ],
)
def test_bad_arguments_are_named(
    frame: NDArray[np.generic], known: NDArray[np.generic], evidence: Evidence | None, message: str
) -> None:
    with pytest.raises(BadFillInput, match=message):
        fill(frame, known, evidence)  # type: ignore[arg-type]


masks = st.sampled_from(["squares", "ragged", "noise", "strip", "deep"])


def mask_of(kind: str, rows: int, columns: int, seed: int) -> NDArray[np.bool_]:
    rng = np.random.default_rng(seed)
    known = np.ones((rows, columns), np.bool_)
    if kind == "noise":
        known = rng.random((rows, columns)) < 0.7
    elif kind == "strip":
        known[rows // 3 : rows // 3 + 8] = False
    elif kind == "deep":
        known[: rows - 8, : columns - 8] = False
    else:
        for _ in range(6):
            side = int(rng.choice([8, 16, 32])) if kind == "squares" else int(rng.integers(1, 30))
            unit = 8 if kind == "squares" else 1
            top, left = (int(rng.integers(0, max(size // unit, 1))) * unit for size in (rows, columns))
            known[top : top + side, left : left + side] = False
    known[0, 0] = True
    return known


@settings(max_examples=40, deadline=None)
@given(kind=masks, rows=st.integers(1, 100), columns=st.integers(1, 100), seed=st.integers(0, 99), old=st.booleans())
def test_whatever_is_lost_known_pixels_stay_and_filled_ones_are_in_range(
    kind: str, rows: int, columns: int, seed: int, old: bool
) -> None:
    bits = 8 + seed % 2 * 4
    frame = np.random.default_rng(seed).integers(0, 1 << bits, (rows, columns))
    frame = frame.astype(np.uint16 if bits > 8 else np.uint8)
    previous = Previous(np.roll(frame, 1, 0), 2) if old else None
    known = mask_of(kind, rows, columns, seed)
    filled, provenance = fill(frame, known, Evidence(SampleFormat(bits), previous=previous))
    again, provenance_again = fill(frame, known, Evidence(SampleFormat(bits), previous=previous))
    assert np.array_equal(filled[known], frame[known])
    assert filled.max() < 1 << bits
    assert np.array_equal(filled, again)
    assert provenance == provenance_again
    assert bool(provenance) == (not known.all())
    assert all(np.isfinite(p.expected_error) for p in provenance)
    covered = known.copy()
    for place in provenance:
        covered[place.box.slices] = True
    assert covered.all()


def test_result_does_not_depend_on_the_order_of_tiles_or_on_threads() -> None:
    import cv2

    frame = picture(256, 256).astype(np.uint8)
    boxes = [Box(top, left, top + 64, left + 64) for top in (0, 128) for left in (0, 128)]
    lost = [LostDetail(box, from_planes(analyse(to_planes(frame[box.slices]), 2)[0]), 2) for box in boxes]
    known = np.ones(frame.shape, np.bool_)
    for box in boxes:
        known[box.slices] = False
    known[200:216, 72:88] = False
    expected, provenance = fill(frame, known, Evidence(lost=tuple(lost)))
    threads = cv2.getNumThreads()
    try:
        for count in (1, 4):
            cv2.setNumThreads(count)
            filled, places = fill(frame, known, Evidence(lost=tuple(reversed(lost))))
            assert np.array_equal(filled, expected)
            assert places == provenance
    finally:
        cv2.setNumThreads(threads)
