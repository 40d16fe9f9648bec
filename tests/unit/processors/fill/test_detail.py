import numpy as np
import pytest

from huizhen.processors.fill import BadFillInput, Box, LostDetail, Method, Previous, SampleFormat, fill_details
from huizhen.processors.fill.lifting import analyse, from_planes, to_planes

GREY, RGB = SampleFormat(8), SampleFormat(8, channels=3)


def picture(seed: int, shape: tuple[int, ...] = (64, 96), high: int = 255) -> np.ndarray:
    """Smooth content away from the ends of the range, with some grain."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(high // 4, 3 * high // 4, (shape[0] // 8, shape[1] // 8, *shape[2:]))
    smooth = np.kron(coarse, np.ones((8, 8, *[1] * (len(shape) - 2))))
    return (smooth + rng.normal(0, high / 100, shape)).astype(np.uint8 if high < 256 else np.uint16)


def low_of(pixels: np.ndarray, discard: int) -> np.ndarray:
    return from_planes(analyse(to_planes(pixels), discard)[0])


def lost(frame: np.ndarray, box: Box, discard: int = 2) -> LostDetail:
    return LostDetail(box, low_of(frame[box.slices], discard), discard)


@pytest.mark.parametrize("discard", [1, 2, 3])
@pytest.mark.parametrize("with_previous", [False, True])
@pytest.mark.parametrize("shape", [(64, 96), (64, 96, 3)])
def test_low_pass_of_the_result_is_the_received_one(shape: tuple[int, ...], with_previous: bool, discard: int) -> None:
    frame, before = picture(1, shape), picture(2, shape)
    box = Box(32, 32, 64, 96)
    samples = RGB if len(shape) == 3 else GREY
    (filled,) = fill_details([lost(frame, box, discard)], samples, Previous(before, 3) if with_previous else None)
    assert filled.pixels.dtype == np.uint8
    assert filled.provenance.clipped == 0
    assert np.array_equal(low_of(filled.pixels, discard), low_of(frame[box.slices], discard))


def test_clipped_samples_are_counted_and_stay_in_the_range() -> None:
    frame = np.random.default_rng(3).choice(np.array([0, 255], np.uint8), (64, 64))
    box = Box(0, 0, 64, 64)
    (filled,) = fill_details([lost(frame, box, 1)], GREY, Previous(frame[::-1], 1))
    assert 0 < filled.provenance.clipped < filled.pixels.size


def test_a_scene_that_stood_still_is_given_back_almost_exactly() -> None:
    frame = picture(4)
    (filled,) = fill_details([lost(frame, Box(0, 0, 64, 64))], GREY, Previous(frame, 4))
    assert np.abs(filled.pixels.astype(int) - frame[:64, :64]).max() <= 2
    assert filled.provenance.method is Method.TEMPORAL
    assert filled.provenance.age == 4


def test_a_cut_to_another_scene_is_no_worse_than_zero_detail() -> None:
    frame, other = picture(5), picture(6)
    tile = lost(frame, Box(0, 0, 64, 64))

    def error(previous: Previous | None) -> float:
        (filled,) = fill_details([tile], GREY, previous)
        return float(np.square(filled.pixels.astype(float) - frame[:64, :64]).mean())

    assert error(Previous(other, 1)) < 1.2 * error(None)


def test_wide_samples_keep_their_depth() -> None:
    frame = picture(7, high=4095)
    samples = SampleFormat(12)
    (filled,) = fill_details([lost(frame, Box(0, 0, 64, 96))], samples)
    assert filled.pixels.dtype == np.uint16
    assert filled.provenance.method is Method.BASE


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: fill_details([lost(f, Box(0, 0, 64, 64))], RGB), "1 channels"),
        (lambda f: LostDetail(Box(0, 0, 64, 64), low_of(f[:64, :64], 1), 2), "1/4 size"),
        (lambda f: LostDetail(Box(0, 0, 64, 64), low_of(f[:64, :64], 2).astype(float), 2), "whole numbers"),
        (lambda f: fill_details([lost(f, Box(0, 0, 64, 64))], GREY, Previous(f[:32], 1)), "outside the previous"),
        (lambda f: Previous(f, 0), "at least 1"),
        (lambda f: Box(4, 0, 4, 8), "empty"),
        (lambda f: SampleFormat(7), "8 to 16"),
        (lambda f: SampleFormat(8, channels=2), "1 or 3"),
    ],
)
def test_contradicting_arguments_are_named(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadFillInput, match=message):
        make(picture(8))


def text_on_black(seed: int) -> np.ndarray:
    """White strokes on black, as overlays are: the estimate leaves the range at every edge."""
    rng = np.random.default_rng(seed)
    frame = np.zeros((128, 128), np.uint8)
    for top, left in rng.integers(0, 118, (40, 2)):
        if rng.random() < 0.5:
            frame[top : top + 2, left : left + 10] = 255
        else:
            frame[top : top + 10, left : left + 2] = 255
    return frame


@pytest.mark.parametrize("discard", [1, 2])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_clipping_costs_the_low_pass_is_bounded(seed: int, discard: int) -> None:
    frame = text_on_black(seed)
    (filled,) = fill_details([lost(frame, Box(0, 0, 128, 128), discard)], GREY)
    wrong = np.abs(low_of(filled.pixels, discard).astype(int) - low_of(frame, discard))
    assert filled.provenance.clipped < 0.4 * frame.size  # most of them by a grey level or two
    assert wrong.mean() < 4
    assert wrong.max() < 64


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_picture_the_low_pass_holds_where_nothing_was_clipped(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = rng.integers(64, 192, (96, 160)).astype(np.uint8)
    boxes = [Box(0, 0, 64, 64), Box(0, 128, 64, 160), Box(64, 64, 96, 128)]
    tiles = [lost(frame, box, 1 + seed % 3) for box in boxes]
    previous = Previous(rng.integers(0, 256, frame.shape).astype(np.uint8), 2) if seed % 2 else None
    for tile, filled in zip(tiles, fill_details(tiles, GREY, previous, frame), strict=True):
        assert filled.pixels.shape == tile.box.shape
        same = np.array_equal(low_of(filled.pixels, tile.discard), tile.low)
        assert same or filled.provenance.clipped > 0
        assert np.isfinite(filled.provenance.expected_error)


def test_tiles_are_filled_alike_in_any_order() -> None:
    frame, before = picture(1, (128, 128, 3)), picture(2, (128, 128, 3))
    boxes = [Box(top, left, top + 64, left + 64) for top in (0, 64) for left in (0, 64)]
    tiles = [lost(frame, box, discard) for box, discard in zip(boxes, (2, 1, 2, 3), strict=True)]
    for previous in (None, Previous(before, 1)):
        forward = fill_details(tiles, RGB, previous, frame)
        backward = fill_details(tiles[::-1], RGB, previous, frame)[::-1]
        for one, other in zip(forward, backward, strict=True):
            assert np.array_equal(one.pixels, other.pixels)
            assert one.provenance == other.provenance
