"""The picture that is coded as video: 8-bit RGB made from a frame's codestream, at most 1,280 pixels a side.

Grey goes through the window of its geometry (DICOM PS3.3 C.11.2.1.2), the whole range where there is none, as on the
page; regions that the viewer may not see are blanked in the codestream, before it is decoded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huizhen.api.live_frame import DISCARD_MAX, Cover, LiveFrame
from huizhen.schemas.events import GeometryDeclared
from huizhen.schemas.htj2k import decode, decode_low

SIDE_MAX = 1_280  # a larger picture is coded smaller: video stands in where the link is thin
Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a frame is read for those who watch its video."""

    geometry: GeometryDeclared | None
    cover: Cover | None = None


def discard_for(columns: int, rows: int) -> int:
    """Give how many resolutions are left out of the video of a picture."""
    discard = 0
    while discard < DISCARD_MAX and max(columns, rows) >> discard > SIDE_MAX:
        discard += 1
    return discard


def rgb_of(frame: LiveFrame, reading: Reading) -> Rgb:
    """Decode a frame to (rows, columns, 3) of uint8, both even; raises BadInput where that cannot be."""
    header = frame.header
    discard = discard_for(header.columns, header.rows)
    stream = frame.picture(discard, reading.cover)
    low, high = (-1 << header.bits - 1, (1 << header.bits - 1) - 1) if header.signed else (0, (1 << header.bits) - 1)
    pixels: NDArray[np.generic] = decode(stream) if discard == 0 else np.clip(decode_low(stream, discard), low, high)
    if header.components == 1:
        grey = windowed(pixels, reading.geometry, (low, high))
        return _even(np.repeat(grey[:, :, np.newaxis], 3, axis=2))
    if (low, high) != (0, 255):
        pixels = (pixels.astype(np.float32) - low) * (255 / (high - low))
    return _even(pixels.astype(np.uint8))


def windowed(
    pixels: NDArray[np.generic], geometry: GeometryDeclared | None, range_: tuple[int, int]
) -> NDArray[np.uint8]:
    """Give grey samples as 0 to 255 through the geometry's first window, else over the whole range."""
    center, width = _window(geometry, range_)
    level = center - 0.5 - (width - 1) / 2
    share: NDArray[np.float32] = np.clip((pixels.astype(np.float32) - level) / max(width - 1, 1e-9), 0, 1)
    if geometry is not None and geometry.photometric_interpretation == "MONOCHROME1":
        share = np.float32(1) - share
    return (share * 255 + 0.5).astype(np.uint8)


def _window(geometry: GeometryDeclared | None, range_: tuple[int, int]) -> tuple[float, float]:
    """Give center and width in stored values."""
    if geometry is not None and geometry.window_center and geometry.window_width and geometry.rescale_slope:
        slope = geometry.rescale_slope
        if geometry.window_width[0] >= 1:
            center = (geometry.window_center[0] - geometry.rescale_intercept) / slope
            return center, max(1.0, geometry.window_width[0] / abs(slope))
    low, high = range_
    return (low + high + 1) / 2, float(high - low + 1)


def _even(pixels: NDArray[np.uint8]) -> Rgb:
    rows, columns = pixels.shape[:2]
    if rows % 2 or columns % 2:  # H.264 halves the colours: its sides are even
        pixels = np.pad(pixels, ((0, rows % 2), (0, columns % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(pixels)
