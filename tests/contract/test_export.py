"""`huizhen export` as a person runs it, on what a real archive wrote to a real S3."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.uid import UID, ExplicitVRLittleEndian, HTJ2KLossless, JPEG2000Lossless, JPEGLSLossless

from huizhen.schemas import htj2k
from huizhen.schemas.settings import S3Settings, Settings
from huizhen.schemas.transcode import codestreams
from huizhen.sinks.store_io import S3Store
from tests.services.forked import huizhen
from tests.services.hospital import Hospital, Running
from tests.services.waiting import wait_for
from tests.unit.sinks import exam
from tests.unit.sinks.dicom_tools import dcmdjpls, opj_decompress

FRAMES = 4


def export(
    s3: S3Settings, hospital: Hospital, to: Path, *more: str, wrap: tuple[str, ...] = (), **settings: str
) -> "subprocess.CompletedProcess[str]":
    env = {
        **os.environ,
        "HUIZHEN_STATE": str(to.parent / "state"),
        "HUIZHEN_STATION__TENANT": str(hospital.stream.tenant),
        "HUIZHEN_S3__ENDPOINT": s3.endpoint,
        "HUIZHEN_S3__BUCKET": s3.bucket,
        "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
    } | settings
    words = ["export", str(hospital.stream.session), "--to", str(to), *more]
    if not wrap:
        return huizhen(*words, env=env)
    command = [*wrap, sys.executable, "-m", "huizhen.cli", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=90, check=False)


@pytest.fixture
def stored(hospital: Hospital, settings: Settings, start: Callable[..., Running]) -> Hospital:
    """A session whose frames are in S3."""
    start()
    hospital.open()
    hospital.frames(*range(FRAMES))
    hospital.seal(FRAMES)
    wait_for(lambda: hospital.commands("session_stored"), 60, "the session is stored")
    return hospital


def by_pydicom(dataset: Dataset, _file: Path, _folder: Path) -> NDArray[np.generic]:
    pixels: NDArray[np.generic] = dataset.pixel_array
    return pixels


def by_dcmtk(_dataset: Dataset, file: Path, folder: Path) -> NDArray[np.generic]:
    pixels: NDArray[np.generic] = dcmread(dcmdjpls(file, folder / "decoded.dcm")).pixel_array
    return pixels


def by_openjpeg(dataset: Dataset, _file: Path, folder: Path) -> NDArray[np.generic]:
    planes = [np.frombuffer(opj_decompress(one, folder), np.uint8) for one in codestreams(dataset)]
    return np.stack([np.moveaxis(each.reshape(3, dataset.Rows, dataset.Columns), 0, -1) for each in planes])


def by_the_codec_of_the_archive(dataset: Dataset, _file: Path, _folder: Path) -> NDArray[np.generic]:
    return np.stack([htj2k.decode(one) for one in codestreams(dataset)])


FORMATS: list[tuple[str, UID, Callable[[Dataset, Path, Path], NDArray[np.generic]]]] = [
    ("jpeg-ls", JPEGLSLossless, by_dcmtk),
    ("jpeg2000", JPEG2000Lossless, by_openjpeg),
    ("explicit", ExplicitVRLittleEndian, by_pydicom),
    ("htj2k", HTJ2KLossless, by_the_codec_of_the_archive),
]


def test_every_format_holds_the_captured_pixels_bit_for_bit(stored: Hospital, s3: S3Settings, tmp_path: Path) -> None:
    captured = np.stack([exam.samples(exam.COLOUR, number) for number in range(FRAMES)])
    for name, syntax, read in FORMATS:
        out = tmp_path / name
        done = export(s3, stored, out, "--transfer-syntax", name)
        assert (done.returncode, done.stdout) == (0, f"1 instances written to {out}\n"), done.stderr
        (file,) = out.rglob("*.dcm")
        dataset = dcmread(file)
        assert dataset.file_meta.TransferSyntaxUID == syntax
        assert np.array_equal(read(dataset, file, tmp_path), captured), name
    (key,) = (each.key for each in S3Store(s3).list(f"{stored.stream.tenant}/") if each.key.endswith(".dcm"))
    (file,) = (tmp_path / "htj2k").rglob("*.dcm")
    assert file.read_bytes()[128:] == S3Store(s3).get(key)[128:]


def test_an_export_that_cannot_be_made_is_one_clear_line(stored: Hospital, s3: S3Settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    away = export(s3, stored, out, HUIZHEN_S3__ENDPOINT="127.0.0.1:1")
    assert (away.returncode, away.stdout, out.exists()) == (1, "", False)
    assert away.stderr == (
        "huizhen: S3 (NewConnectionError) is not available: check s3.endpoint, the keys and the network\n"
    )
    nobody = export(s3, stored, out, "--tenant", "nobody")
    assert (nobody.returncode, out.exists()) == (1, False)
    assert nobody.stderr == f"huizhen: no instances of session {stored.stream.session} are stored\n"
    unknown = export(s3, stored, out, "--transfer-syntax", "gif")
    assert unknown.returncode == 2
    assert "transfer syntax must be one of" in unknown.stderr


def test_a_full_disk_leaves_no_half_of_an_export(stored: Hospital, s3: S3Settings, tmp_path: Path) -> None:
    """The explicit instance needs 92 KB; files of this run may have 64."""
    out = tmp_path / "out"
    limit = shutil.which("prlimit") or "prlimit"
    done = export(s3, stored, out, wrap=(limit, "--fsize=65536"))
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(f"huizhen: cannot write to {out} (File too large): ")
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()
