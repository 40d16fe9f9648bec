"""Make small video files for tests."""

from fractions import Fraction
from pathlib import Path

import av
import imagecodecs
import numpy as np
from numpy.typing import NDArray


def picture(index: int, rows: int = 48, columns: int = 64) -> NDArray[np.uint8]:
    """A flat colour that tells the index: red rises by 8."""
    pixels = np.empty((rows, columns, 3), np.uint8)
    pixels[...] = (40 + 8 * index, 90, 160)
    return pixels


def index_of(pixels: NDArray[np.generic]) -> int:
    """Read the index back, within what lossy codecs leave of it."""
    return round((float(pixels[..., 0].mean()) - 40) / 8)


def write_clip(
    path: Path, frames: int, rate_hz: int = 50, codec: str = "libx264", pixel_format: str = "yuv420p"
) -> Path:
    """Write `frames` pictures with an encoder without delay."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        stream.time_base = Fraction(1, rate_hz)
        if codec == "libx264":
            stream.options = {"tune": "zerolatency", "crf": "10"}
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame.reformat(format=pixel_format)))
        container.mux(stream.encode(None))
    return path


def write_changing_mjpeg(path: Path) -> Path:
    """Three frames of one size, then three of another."""
    sizes = [(48, 64)] * 3 + [(32, 96)] * 3
    coded = [bytes(imagecodecs.jpeg8_encode(picture(index, *size), level=95)) for index, size in enumerate(sizes)]
    path.write_bytes(b"".join(coded))
    return path
