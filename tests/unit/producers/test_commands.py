"""The command line of capture."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from huizhen.producers import main
from huizhen.producers.commands import capture, session_id, split_other
from huizhen.producers.item import ItemSource
from huizhen.producers.options import Options
from huizhen.schemas.ids import SLUG
from huizhen.schemas.settings import Settings
from tests.unit.producers.dicom_files import dataset, ramp, write

NOW = datetime(2026, 11, 25, 3, 4, 5, tzinfo=UTC)
APP = typer.Typer()
APP.command()(capture)


def test_a_new_session_has_an_id_that_sorts_by_time() -> None:
    assert session_id("auto", NOW, "a1b2") == "exam-20261125-030405-a1b2"
    assert SLUG.fullmatch(session_id("auto", NOW, "a1b2"))
    assert session_id("or-2-monday", NOW, "") == "or-2-monday"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("console=screen:", ("console", "screen:", "generic")),
        ("console=screen:@screen", ("console", "screen:", "screen")),
        ("cam=rtsp://user@camera/stream", ("cam", "rtsp://user@camera/stream", "generic")),
        ("cam=rtsp://user@camera/stream@screen", ("cam", "rtsp://user@camera/stream", "screen")),
    ],
)
def test_a_further_source_is_named_with_its_profile(text: str, expected: tuple[str, str, str]) -> None:
    assert split_other(text) == expected


@pytest.mark.parametrize("text", ["console", "=screen:", "console=", ""])
def test_a_further_source_without_name_or_place_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="ID=LOCATION"):
        split_other(text)


def test_the_help_shows_examples() -> None:
    shown = CliRunner().invoke(APP, ["--help"], env={"COLUMNS": "200"}).output
    assert "huizhen capture exam.dcm --profile us-640x480" in re.sub(r"\s+", " ", shown)


def test_without_a_location_it_says_what_is_wanted() -> None:
    result = CliRunner().invoke(APP, [])
    assert result.exit_code == 2
    assert "say what to capture" in result.output


def test_ultrasound_wants_a_profile_or_the_word_unmasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def run(_settings: Settings, source: ItemSource, options: Options) -> int:
        ran.append(options.profile.id)
        source.close()
        return 0

    monkeypatch.setattr(main, "run", run)
    file = str(write(tmp_path / "exam.dcm", dataset(ramp())))
    refused = CliRunner().invoke(APP, [file], env={"COLUMNS": "400"})
    assert (refused.exit_code, ran) == (2, [])
    assert "US pictures usually name the patient, and profile generic masks nothing" in refused.output
    assert "--unmasked" in refused.output
    CliRunner().invoke(APP, [file, "--profile", "xa-phantom"])
    CliRunner().invoke(APP, [file, "--unmasked"])
    CliRunner().invoke(APP, ["phantom:"])
    also = CliRunner().invoke(APP, ["phantom:", "--also", f"second={file}"])
    assert also.exit_code == 2
    assert ran == ["xa-phantom", "generic", "generic"]


def test_an_access_mode_is_a_or_b() -> None:
    result = CliRunner().invoke(APP, ["phantom:", "--access-mode", "C"])
    assert result.exit_code == 2
