"""Every file of pydicom's test data and of pydicom-data, and what becomes of it.

`python -m tests.unit.producers.dicom_library > tests/unit/producers/dicom_library.tsv` writes the table that the test
holds the reader to. Columns: file, outcome (decoded or the reason it is refused for), frames, shape and type,
start of the SHA-256 of all pixels, and who agrees bit for bit with the pixels; or the message of the refusal.
"""

import hashlib
import importlib.util
import logging
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut

from huizhen.producers.decode_answers import load_geometry, load_refusal, load_summary
from huizhen.producers.decode_wire import Request
from huizhen.producers.dicom_reader import Reader, refusal_of

TABLE = Path(__file__).with_suffix(".tsv")
FOLDERS = {
    "pydicom": (str(pydicom.__file__), "data/test_files"),
    "palettes": (str(pydicom.__file__), "data/palettes"),
    "pydicom-data": (importlib.util.find_spec("data_store").submodule_search_locations[0] + "/x", "data"),  # type: ignore[union-attr,index]
}
NOT_DATA = {".py", ".pyc", ".json"}
DIGITS = 16
Pixels = list[NDArray[np.generic]]


def library() -> dict[str, Path]:
    """Give every file by name."""
    found: dict[str, Path] = {}
    for name, (module, folder) in FOLDERS.items():
        root = Path(module).parent / folder
        paths = (path for path in root.rglob("*") if path.is_file() and path.suffix not in NOT_DATA)
        found |= {f"{name}/{path.relative_to(root)}": path for path in paths}
    return dict(sorted(found.items()))


def read(path: Path) -> Pixels:
    """Read all frames as the child does; its errors come through."""
    reader = Reader()
    try:
        return _frames(reader, str(path))
    finally:
        reader.forget()


def _frames(reader: Reader, path: str) -> Pixels:
    summary = load_summary(reader.describe(Request(path, allow_deflated=True)))
    frames: Pixels = []
    for index in range(summary.frames):
        geometry, pixels = reader.decoded(reader.coded(Request(path, index, allow_deflated=True)))
        wanted = load_geometry(geometry).pixels
        shape = (wanted.rows, wanted.columns, 3)[: 2 if wanted.samples_per_pixel == 1 else 3]
        frames.append(np.frombuffer(bytes(pixels), wanted.dtype).reshape(shape))
    return frames


def row_of(name: str, path: Path) -> list[str]:
    """Give the row of a file, without who agrees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            frames = read(path)
        except Exception as error:  # noqa: BLE001 - what the child would answer
            refusal = load_refusal(refusal_of(error))
            return [name, refusal.reason, refusal.message]
    digest = hashlib.sha256(b"".join(frame.tobytes() for frame in frames)).hexdigest()[:DIGITS]
    shape = "x".join(str(side) for side in frames[0].shape)
    return [name, "decoded", str(len(frames)), f"{shape} {frames[0].dtype}", digest]


def judged(path: Path, frames: Pixels) -> str:
    """Say who gives the very same pixels: pydicom, or where it cannot read them another tool."""
    for name, judge in (("pydicom", by_pydicom), ("dcmtk", by_dcmtk)):
        reference = judge(path)
        if reference is not None:
            same = np.array_equal(np.stack(frames).reshape(reference.shape), reference)
            return name if same else f"not {name}"
    return "nobody"


def by_pydicom(path: Path) -> NDArray[np.generic] | None:
    """Decode with pydicom and its plug-ins; palettes to 8 bits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = pydicom.dcmread(path)
        try:
            pixels: NDArray[np.generic] = data.pixel_array
        except (RuntimeError, ValueError):
            return None
        if data.PhotometricInterpretation != "PALETTE COLOR":
            return pixels
        colours: NDArray[np.uint16] = apply_color_lut(pixels, data)
        return colours.astype(np.uint8) if colours.dtype == np.uint8 else (colours >> 8).astype(np.uint8)


def by_dcmtk(path: Path) -> NDArray[np.generic] | None:
    """Decode JPEG with DCMTK's dcmdjpeg."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.dcm"
        done = subprocess.run(
            [shutil.which("dcmdjpeg") or "dcmdjpeg", path, plain], capture_output=True, timeout=30, check=False
        )
        return by_pydicom(plain) if done.returncode == 0 else None


def main() -> None:
    """Print the table."""
    logging.disable(logging.CRITICAL)
    for name, path in library().items():
        row = row_of(name, path)
        print("\t".join([*row, judged(path, read(path))] if row[1] == "decoded" else row))  # noqa: T201


if __name__ == "__main__":
    main()
