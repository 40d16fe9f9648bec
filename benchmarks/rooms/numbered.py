"""A real ultrasound loop whose every frame shows its number, so that it can be read back from painted pixels.

Twelve cells of 40 × 32 pixels near the lower edge, black or white: the bits of the number, lowest first. Large enough
for lossy video, and below what the profile masks.
"""

from pathlib import Path

import imagecodecs
import numpy as np
from pydicom import dcmread
from pydicom.encaps import encapsulate, generate_frames

from huizhen.cli.demo import exam_file

FRAMES = 120  # four seconds: longer than any latency that is measured
BITS = 12
CELL_COLUMNS, CELL_ROWS, TOP = 40, 32, 440
QUALITY = 95


def write(path: Path) -> None:
    """Write the loop as a DICOM file (JPEG baseline, as its source)."""
    data = dcmread(exam_file())
    coded = generate_frames(data.PixelData, number_of_frames=int(data.NumberOfFrames))
    frames = []
    for number, jpeg in zip(range(FRAMES), coded, strict=False):
        pixels = np.ascontiguousarray(imagecodecs.jpeg8_decode(jpeg))
        for bit in range(BITS):
            cell = slice(bit * CELL_COLUMNS, (bit + 1) * CELL_COLUMNS)
            pixels[TOP : TOP + CELL_ROWS, cell] = 255 * (number >> bit & 1)
        frames.append(imagecodecs.jpeg8_encode(pixels, QUALITY, colorspace="RGB", outcolorspace="YCbCr"))
    data.NumberOfFrames = len(frames)
    data.PixelData = encapsulate(frames)
    data.save_as(path)
