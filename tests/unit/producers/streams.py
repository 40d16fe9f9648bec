"""Small coded frames for the tests of live and backfill."""

from collections.abc import Collection
from functools import cache

import numpy as np

from huizhen.producers.coder import Coded, Coder
from huizhen.producers.frame import Frame, Sender
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ids import Epoch, SessionId, SourceId, StationId, TenantId

MS = 1_000_000
PROBE = SourceId("probe")
SCREEN = SourceId("screen")
SENDER = Sender(TenantId("clinic"), SessionId("exam-1"), StationId("station-1"), Epoch(0))
FORM = PixelFormat(96, 96, 1, 8, 0)
TILES = 9


@cache
def coded(versions: tuple[int, ...]) -> Coded:
    """Code a frame of 3 × 3 tiles, each noise of its own seed."""
    pixels = np.zeros((96, 96), np.uint8)
    for tile, version in enumerate(versions):
        row, column = divmod(tile, 3)
        noise = np.random.default_rng(tile * 1000 + version).integers(0, 256, (32, 32))
        pixels[row * 32 : row * 32 + 32, column * 32 : column * 32 + 32] = noise
    return Coder(tile=32).code(pixels, FORM)


def frame(
    number: int,
    changed: Collection[int] = range(TILES),
    at_ms: float | None = None,
    source: SourceId = PROBE,
    geometry: int = 0,
) -> Frame:
    """Make frame `number`, captured at `at_ms` (33 ms a frame); tiles in `changed` are of this number, others of 0."""
    made = coded(tuple(number if tile in changed else 0 for tile in range(TILES)))
    at_ns = int((number * 33 if at_ms is None else at_ms) * MS)
    return Frame(
        source, number, geometry, 10**18 + at_ns, at_ns, made.header, made.tiles, made.tile_digests,
        made.frame_digest, made.pixel_digest,
    )  # fmt: skip
