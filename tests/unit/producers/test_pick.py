"""A location names a source."""

from pathlib import Path

import pytest

from huizhen.producers.pick import SourceOptions, open_source
from huizhen.producers.source import Source
from huizhen.schemas.errors import HuizhenError, Refused, Unavailable
from tests.unit.producers.clips import write_clip
from tests.unit.producers.dicom_files import DEFLATED, dataset, ramp, write


def taken(location: str, options: SourceOptions | None = None) -> Source:
    source = open_source(location, options or SourceOptions())
    for _ in source.frames():
        source.close()
    return source


def test_a_dicom_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = write(tmp_path / "misnamed.mp4", dataset(ramp()))
    assert taken(str(path)).description.modality == "US"


def test_a_video_is_known_by_its_name(tmp_path: Path) -> None:
    assert taken(str(write_clip(tmp_path / "a.MP4", 2))).description.kind == "camera"


def test_options_reach_the_source(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", dataset(ramp()), DEFLATED)
    with pytest.raises(Refused, match="deflated"):
        open_source(str(path))
    source = taken(str(path), SourceOptions(rate_hz=77, allow_deflated=True))
    assert source.description.rate_hz == 77


def test_a_phantom_is_described_by_its_query() -> None:
    source = taken("phantom:?rows=64&columns=96&frames=1&seed=5", SourceOptions(rate_hz=20))
    assert (source.description.modality, source.description.rate_hz) == ("XA", 20)


@pytest.mark.parametrize(
    ("location", "error", "message"),
    [
        ("phantom:?rows=wide", Refused, "rows is 'wide', it must be a whole number"),
        ("phantom:?depth=3", Refused, "'depth' is no option of this source: known are columns, frames, rows, seed"),
        ("v4l2:///dev/video0?fps=3", Refused, "'fps' is no option"),
        ("v4l2:///dev/no-such-device", Unavailable, "the video device"),
        ("screen:one", Refused, "screen is 'one'"),
        ("rtsp://127.0.0.1:9/live", Unavailable, "the RTSP camera"),
        ("/no/such/place.dcm", Unavailable, "no such file or folder"),
        ("ftp://somewhere/file.dcm", Unavailable, "no such file or folder"),
        ("", Refused, "series|no DICOM image"),
    ],
)
def test_what_is_not_there_is_named(location: str, error: type[HuizhenError], message: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        open_source(location or str(tmp_path))


def test_a_file_that_is_neither_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not an image")
    with pytest.raises(Refused, match="not a DICOM file"):
        open_source(str(tmp_path / "notes.txt"))
