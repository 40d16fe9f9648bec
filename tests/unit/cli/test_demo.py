"""What the demo replays, and over which link."""

from importlib.metadata import version
from pathlib import Path

import pytest

from huizhen.cli import demo
from huizhen.cli.problem import Problem
from huizhen.schemas.bundled import bundled
from huizhen.schemas.settings import Settings


def test_the_exam_is_a_dicom_file_of_the_installed_package() -> None:
    path = demo.exam_file()
    assert path.name == "color3d_jpeg_baseline.dcm"
    assert path.read_bytes()[128:132] == b"DICM"
    assert version("pydicom-data")


def test_a_missing_exam_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(Problem, match=r"sample exam is not installed: pip install 'huizhen\[demo\]'"):
        demo.exam_file()


def test_the_link_is_thin_and_all_else_as_configured() -> None:
    before = Settings()
    after = demo.thin_link(before)
    assert (after.station.packets_per_frame, after.station.withhold_detail_percent) == (5, 5.0)
    assert after.model_copy(update={"station": before.station}) == before


def test_the_exam_is_replayed_in_a_loop_at_its_rate() -> None:
    assert demo.capture_arguments(Path("/x/exam.dcm")) == (
        "/x/exam.dcm", "--profile", "us-640x480", "--loop", "--rate", "30"
    )  # fmt: skip


def test_the_profile_of_the_demo_is_there() -> None:
    assert bundled(f"profiles/{demo.PROFILE}.toml").is_file()
