"""Rows on coded pictures: the cells of a JPEG file, and putting filled tiles into a codestream."""

from collections.abc import Iterable

import numpy as np
from benchmarks.filling.frames import Frame, loop
from benchmarks.filling.masks import PHASES, phase_loss
from benchmarks.filling.measure import UNIT, Row, square_error, ssim, times_ms
from numpy.typing import NDArray

from huizhen.processors.fill import Previous, SampleFormat, fill_details
from huizhen.processors.fill.quantisation import quantise, smooth_in_cells
from huizhen.schemas import htj2k
from huizhen.schemas.codestream import TilePart, renumber, stitch

LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)  # ITU-T T.81 table K.1; at quality 50 it is used as it stands


def jpeg_row(frames: Iterable[Frame], repeats: int, name: str = "jpeg-q50") -> Row:
    """Decode JPEG coefficients of quality 50 without leaving their cells; the rival is the plain decode."""
    row = Row(name, "smooth across the block grid, in the cells, one round", "+0.7 dB, 4 ms", "all pixels")
    row.more |= {"ms_per": "512 x 512", "outside_cells": 0}
    for frame in frames:
        height, width = (side // 8 * 8 for side in frame.pixels.shape)
        least = float(frame.pixels.min())
        truth = np.asarray((frame.pixels[:height, :width] - least) / frame.scale, np.float32)
        coded = quantise(truth, LUMINANCE)
        everything = np.ones(truth.shape, np.bool_)
        share = UNIT / truth.size
        for rounds, score in ((1, row.ours), (0, row.rival("plain_decode"))):

            def decode(rounds: int = rounds, coded: NDArray[np.int32] = coded) -> NDArray[np.float32]:
                return smooth_in_cells(coded, LUMINANCE, rounds)

            found = decode()
            taken = [ms * share for ms in times_ms(decode, repeats if rounds else 1)]
            similar = ssim(found, truth, everything, 1.0)
            score.add(frame.name, square_error(found, truth, everything, 1.0), similar, taken)
            row.more["outside_cells"] += int((quantise(found, LUMINANCE) != coded).sum())
    row.more["worst_margin"] = row.worst_margin(["plain_decode"])
    return row


def coding_row(repeats: int) -> Row:
    """Code the filled tiles and stitch them in, against decoding the frame and coding it again."""
    row = Row("stitch-filled", "filled tiles coded alone and stitched in", "faster than decode + encode", "one phase")
    row.more["ms_per"] = "640 x 480 RGB, one phase lost; db is over the whole frame"
    frames = loop("loop-1")
    before, frame = frames[4], frames[8]
    header, coded = htj2k.code_tiles(frame, 8, False, 128)
    stream, everything = stitch(header, coded), np.ones(frame.shape[:2], np.bool_)
    across = -(-frame.shape[1] // 128)
    for phase in range(PHASES):
        loss = phase_loss(frame, phase, 2, 255.0)
        filled = fill_details(loss.lost, SampleFormat(8, channels=3), Previous(before, 4))

        def stitched() -> bytes:
            tiles = dict(coded)
            for tile in filled:  # noqa: B023 - called at once
                box = tile.provenance.box
                index = box.top // 128 * across + box.left // 128
                _, alone = htj2k.code_tiles(tile.pixels, 8, False, 128)
                parts = renumber((TilePart(0, part, data) for part, data in enumerate(alone[0])), index)
                tiles[index] = [part.data for part in parts]
            return stitch(header, tiles)

        def recoded() -> bytes:
            pixels = htj2k.decode(stream).copy()
            for tile in filled:  # noqa: B023 - called at once
                pixels[tile.provenance.box.slices] = tile.pixels
            return htj2k.encode(pixels, 8, False, 128)

        assert stitched() == recoded()
        found = htj2k.decode(stitched())
        for work, score in ((stitched, row.ours), (recoded, row.rival("decode_encode"))):
            square, similar = square_error(found, frame, everything, 1.0), ssim(found, frame, everything, 1.0)
            score.add("loop-1", square, similar, times_ms(work, repeats))
    return row
