"""Coverage-guided fuzzing of the DICOM parser: `python tests/fuzz/dicom.py [seconds]`.

What is in Python here: finding and checking everything up to the coded frames, and the words about them. Two outcomes
are allowed: values, or BadInput. The codecs are C and run in a child of their own, which other tests kill and feed.
"""

import contextlib
import io
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import atheris
import pydicom

with atheris.instrument_imports(include=["huizhen", "pydicom.filereader", "pydicom.encaps"]):
    from huizhen.producers import dicom_describe, dicom_file, dicom_frames, jpeg_header
    from huizhen.schemas.errors import BadInput

SECONDS = 20
LONGEST = 16_384  # bytes of one input; the seeds are small real files
FRAMES_READ = 3
SEEDS = (
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
    "JPEGLSNearLossless_08.dcm",
    "SC_rgb_rle_2frame.dcm",
    "UN_sequence.dcm",
    "nested_priv_SQ.dcm",
    "test-SR.dcm",
    "image_dfl.dcm",
)


def parse(data: bytes) -> None:
    """Parse, describe and cut into frames."""
    jpeg_header.read_jpeg_colour(data)
    with contextlib.suppress(BadInput):
        file = dicom_file.read_file(io.BytesIO(data), len(data), "fuzz", allow_deflated=True)
        dicom_describe.describe(file)
        dicom_describe.geometry_of(file, 0)
        for _index, _coded in zip(range(FRAMES_READ), dicom_frames.frames_of(file), strict=False):
            pass


def main() -> None:
    """Fuzz for the given number of seconds, from small files of pydicom."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    library = Path(str(pydicom.__file__)).parent / "data" / "test_files"
    with tempfile.TemporaryDirectory() as grown:
        for name in SEEDS:
            Path(grown, name).write_bytes((library / name).read_bytes())
        flags = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=5", "-rss_limit_mb=512"]
        artifacts = f"-artifact_prefix={tempfile.gettempdir()}/"
        atheris.Setup([sys.argv[0], *flags, "-print_final_stats=1", artifacts, grown], parse)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
