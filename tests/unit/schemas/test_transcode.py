import io
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from huizhen.schemas.errors import Refused
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.transcode import SYNTAXES, syntax_of, transcode
from huizhen.sinks.instance import dataset_of, write_instance
from huizhen.sinks.plan import Plan
from tests.unit.sinks import exam
from tests.unit.sinks.dicom_tools import dcmdjpls, errors_of

FORMATS = {
    "colour": (exam.COLOUR, exam.US_MULTI),
    "grey bytes": (PixelFormat(33, 47, 1, 8, 0), exam.US_MULTI),
    "12 bit": (PixelFormat(64, 80, 1, 12, 0), exam.XA),
    "16 bit": (PixelFormat(64, 80, 1, 16, 0), exam.XA),
    "signed 16 bit": (PixelFormat(64, 80, 1, 16, 1), exam.SC),
    "signed 12 bit": (PixelFormat(64, 80, 1, 12, 1), exam.SC),
}


def stored(name: str) -> tuple[bytes, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    pixels, sop_class = FORMATS[name]
    numbers = (0,) if sop_class == exam.SC else (0, 1, 2)
    source = exam.source("other", sop_class)
    frames = tuple(exam.frame(number, pixels) for number in numbers)
    plan = Plan("exact", exam.STREAM, exam.announced(source), source, exam.geometry(pixels), frames)
    coded = [exam.coded(pixels, number) for number in numbers]
    out = io.BytesIO()
    write_instance(out, dataset_of(plan)[0], [len(each) for each in coded], coded)
    expected = np.stack([exam.samples(pixels, number) for number in numbers])
    return out.getvalue(), expected if len(numbers) > 1 else expected[0]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("name", FORMATS)
def test_every_syntax_keeps_every_sample_and_stays_valid(name: str, syntax: str, tmp_path: Path) -> None:
    value, expected = stored(name)
    file = tmp_path / "out.dcm"
    file.write_bytes(transcode(value, SYNTAXES[syntax]))
    dataset = dcmread(file)
    assert dataset.file_meta.TransferSyntaxUID == SYNTAXES[syntax]
    np.testing.assert_array_equal(dataset.pixel_array, expected)
    assert errors_of(file) == []
    if expected.shape[-1] == 3:
        assert dataset.PhotometricInterpretation == ("YBR_RCT" if syntax in ("htj2k", "jpeg2000") else "RGB")


@pytest.mark.parametrize("name", FORMATS)
def test_dcmtk_decodes_the_jpeg_ls_export_to_the_same_samples(name: str, tmp_path: Path) -> None:
    value, expected = stored(name)
    (tmp_path / "jls.dcm").write_bytes(transcode(value, SYNTAXES["jpeg-ls"]))
    np.testing.assert_array_equal(dcmread(dcmdjpls(tmp_path / "jls.dcm", tmp_path / "raw.dcm")).pixel_array, expected)


def test_a_preamble_never_leaves_the_archive() -> None:
    value, _ = stored("colour")
    hostile = b"MZ" + b"\x90" * 126 + value[128:]
    for syntax in SYNTAXES.values():
        assert transcode(hostile, syntax)[:128] == bytes(128)


def test_only_known_syntaxes_are_written() -> None:
    assert syntax_of("jpeg-ls") == syntax_of("1.2.840.10008.1.2.4.80") == SYNTAXES["jpeg-ls"]
    with pytest.raises(Refused, match="one of htj2k, jpeg-ls, jpeg2000, explicit"):
        syntax_of("1.2.840.10008.1.2.4.50")


def test_an_instance_that_is_not_ours_is_refused() -> None:
    value, _ = stored("colour")
    foreign = dcmread(io.BytesIO(transcode(value, SYNTAXES["jpeg-ls"])))
    out = io.BytesIO()
    foreign.save_as(out)
    with pytest.raises(Refused, match="not how the archive stores"):
        transcode(out.getvalue(), SYNTAXES["jpeg2000"])
