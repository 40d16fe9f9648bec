import dataclasses

import pytest

from huizhen.schemas.errors import BadInput, ChecksumMismatch
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.reasons import RejectReason, TileState
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.frames import Ref, check, held
from tests.unit.sinks import exam

OTHER = PixelFormat(96, 80, 3, 8, 0)


def test_an_exact_frame_of_its_geometry_passes() -> None:
    header = check(exam.meta(0), exam.coded(exam.COLOUR, 0), exam.geometry())
    assert (header.rows, header.columns) == (80, 96)


def test_a_frame_that_is_not_its_digest_is_refused() -> None:
    with pytest.raises(ChecksumMismatch):
        check(exam.meta(0), exam.coded(exam.COLOUR, 1), exam.geometry())


def test_a_filled_frame_has_no_digest_to_be_held_to() -> None:
    check(exam.meta(0, exact=False), exam.coded(exam.COLOUR, 1), exam.geometry())


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (exam.geometry(OTHER), RejectReason.FRAME_SIZE_CHANGED),
        (dataclasses.replace(exam.geometry(), coding_digest="0" * 64), RejectReason.CODING_CHANGED),
    ],
)
def test_a_frame_of_another_geometry_or_coding_is_refused(geometry: object, reason: RejectReason) -> None:
    with pytest.raises(BadInput) as caught:
        check(exam.meta(0), exam.coded(exam.COLOUR, 0), geometry)  # type: ignore[arg-type] # one of the two above
    assert caught.value.reason == reason


def test_bytes_that_are_no_codestream_are_refused() -> None:
    with pytest.raises(BadInput) as caught:
        check(exam.meta(0, exact=False), b"\xff\x4fno", exam.geometry())
    assert caught.value.reason == RejectReason.BAD_CODESTREAM


def test_what_is_kept_of_a_filled_frame_says_how_it_was_filled_and_its_own_digest() -> None:
    tiles = (TileOrigin(TileState.TRUE), TileOrigin(TileState.BASE, 3, 2.5))
    kept = held(exam.meta(4, exact=False, tiles=tiles), b"filled", Ref("r", 6), (2, 77))
    assert (kept.number, kept.partition, kept.offset, kept.tiles) == (4, 2, 77, tiles)
    assert kept.stored_digest != kept.frame_digest
    exact = held(exam.meta(4, tiles=tiles), b"exact", Ref("r", 5), (2, 77))
    assert (exact.stored_digest, exact.tiles) == (exact.frame_digest, ())
