"""Make the small golden streams of the page's tests: `.venv/bin/python api/web/tests/data/make.py`.

Each stream's samples are given as SHA-256 of their little-endian bytes, at full size, 1/2 and 1/4; reduced ones are
clipped to the sample range of their depth.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from huizhen.schemas import codestream, htj2k

HERE = Path(__file__).parent
TILE = 32
DEPTHS = {"rgb8": (8, False, 3), "grey8": (8, False, 1), "grey12": (12, False, 1), "signed8": (8, True, 1), "signed12": (12, True, 1)}


def picture(bits: int, signed: bool, components: int, shift: int = 0) -> np.ndarray:
    """Draw rings and a bar that moves with `shift`; both ends of the range occur."""
    rows, columns = np.mgrid[0:50, 0:75]
    low = -(1 << (bits - 1)) if signed else 0
    high = low + (1 << bits) - 1
    rings = (np.sin(np.hypot(rows - 25, columns - 37) / 4) + 1) / 2
    grey = np.rint(low + rings * (high - low)).astype(np.int32)
    grey[5:15, 2 + shift : 12 + shift] = high
    grey[35:40, 60:70] = low
    planes = [np.roll(grey, 3 * plane, axis=1) for plane in range(components)]
    stacked = planes[0] if components == 1 else np.stack(planes, axis=2)
    return stacked.astype(np.int16 if signed else np.uint8 if bits == 8 else np.uint16)


def digest(samples: np.ndarray) -> str:
    """Name samples by what a browser holds: 8-bit unsigned as bytes, all others as 16 bit."""
    return hashlib.sha256(np.ascontiguousarray(samples).tobytes()).hexdigest()


def main() -> None:
    """Write streams and `expected.json`."""
    expected: dict[str, dict[str, object]] = {}
    for name, (bits, signed, components) in DEPTHS.items():
        for shift in (0, 3):
            stem = name if shift == 0 else f"{name}-moved"
            pixels = picture(bits, signed, components, shift)
            stream = htj2k.encode(pixels, bits, signed, TILE)
            (HERE / f"{stem}.j2c").write_bytes(stream)
            low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
            halves = [np.clip(htj2k.decode_low(codestream.prefix(stream, k), k), low, high).astype(pixels.dtype) for k in (1, 2)]
            expected[stem] = {
                "columns": 75, "rows": 50, "components": components, "bits": bits, "signed": signed,
                "sha256": [digest(pixels), *map(digest, halves)],
                "prefix": [len(codestream.prefix(stream, k)) for k in (1, 2)],
            }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
