import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from huizhen.processors.frame import KnownTile
from huizhen.processors.restore import ExactFrame, Made, restore
from huizhen.schemas import htj2k
from huizhen.schemas.codestream import parse
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason, TileState
from tests.exam import Coded, Exam, moving


def damaged(frame: Coded, lost: set[int], keep: int = 4) -> dict[int, KnownTile]:
    return {
        tile: KnownTile(TileState.TRUE, tuple(parts[:keep] if tile in lost else parts))
        for tile, parts in frame.tiles.items()
    }


def restored(frame: Coded, lost: set[int], previous: Coded | None = None, keep: int = 4) -> Made:
    exact = ExactFrame(int(previous.head.frame.number), previous.header, previous.stream) if previous else None
    return restore(int(frame.head.frame.number), frame.header, damaged(frame, lost, keep), exact)


def colour(number: int) -> NDArray[np.uint8]:
    return np.stack([moving(number), moving(number + 3), moving(number * 2)], axis=2)


@pytest.mark.parametrize(
    ("exam", "pixels"),
    [
        (Exam(), moving(2)),
        (Exam(), colour(2)),
        (Exam(bits=12), moving(2).astype(np.uint16) * 16),
        (Exam(bits=16, signed=True), moving(2).astype(np.int16) * 100 - 9000),
    ],
)
def test_true_tiles_stay_exact_and_lost_ones_keep_their_low_pass(exam: Exam, pixels: NDArray[np.generic]) -> None:
    frame = exam.frame(1, pixels)
    lost = {tile for tile in frame.tiles if frame.header.phase(tile) == 1}
    made = restored(frame, lost)
    shown = htj2k.decode(made.stream)
    assert shown.dtype == pixels.dtype
    for tile in range(frame.header.tiles):
        top, left, bottom, right = frame.header.box(tile)
        same = np.array_equal(shown[top:bottom, left:right], pixels[top:bottom, left:right])
        assert same == (tile not in lost)
        assert (made.origins[tile].state is TileState.TRUE) == (tile not in lost)
    assert parse(made.stream)[0] == frame.header


def test_the_last_exact_frame_gives_its_detail_back() -> None:
    exam = Exam()
    before, now = exam.frame(4, moving(4)), exam.frame(7, moving(4))
    plain, better = restored(now, {0, 3}), restored(now, {0, 3}, before)

    def error(made: Made) -> float:
        return float(np.abs(htj2k.decode(made.stream).astype(int) - moving(4)).mean())

    assert error(better) < 0.5 * error(plain)
    assert {(tile.state, tile.age) for tile in better.origins if not tile.state.is_exact} == {(TileState.TEMPORAL, 3)}
    assert all(tile.expected_error >= 0 for tile in better.origins)


def test_without_an_earlier_frame_the_true_tiles_teach() -> None:
    y, x = np.mgrid[:128, :160]
    stripes = (128 + 60 * np.sin(x / 1.7 + y / 9) * (y % 64 > 8)).astype(np.uint8)  # finer than the low-pass shows
    frame, lost = Exam().frame(1, stripes), {0, 6}
    header = frame.header
    shown = htj2k.decode(restored(frame, lost).stream).astype(int)
    untaught = htj2k.decode(restored(frame, set(range(header.tiles))).stream).astype(int)
    for tile in lost:
        top, left, bottom, right = header.box(tile)
        at = (slice(top, bottom), slice(left, right))
        taught, alone = (np.square(picture[at] - stripes[at]).mean() for picture in (shown, untaught))
        assert taught < 0.9 * alone


def test_an_older_or_differently_shaped_frame_is_no_evidence() -> None:
    exam = Exam()
    now = exam.frame(4, moving(4))
    later, other = exam.frame(5, moving(5)), exam.frame(3, moving(3, 64, 160))
    for previous in (later, other):
        assert TileState.TEMPORAL not in {tile.state for tile in restored(now, {2}, previous).origins}


def test_a_tile_known_to_half_size_is_filled_from_there() -> None:
    frame = Exam().frame(1, moving(1))
    half, quarter = restored(frame, {1}, keep=5), restored(frame, {1}, keep=4)
    error = [np.abs(htj2k.decode(made.stream).astype(int) - moving(1)).sum() for made in (half, quarter)]
    assert error[0] < error[1]


def test_another_encoders_tiles_are_not_mixed_with_ours() -> None:
    frame = Exam().frame(1, moving(1))
    coding = frame.header.coding[:-1] + bytes([frame.header.coding[-1] ^ 8])
    other = dataclasses.replace(frame, header=dataclasses.replace(frame.header, coding=coding))
    with pytest.raises(Refused) as refusal:
        restored(other, {1})
    assert refusal.value.reason is RejectReason.CODING_CHANGED


def test_an_exact_frame_is_decoded_once() -> None:
    frame = Exam().frame(1, moving(1))
    exact = ExactFrame(1, frame.header, frame.stream)
    assert exact.pixels() is exact.pixels()
    assert np.array_equal(exact.pixels(), moving(1))
