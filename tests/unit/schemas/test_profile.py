"""Profiles are checked in themselves and against the frames."""

import dataclasses
from pathlib import Path

import pytest

from huizhen.schemas.bundled import bundled
from huizhen.schemas.errors import BadProfile
from huizhen.schemas.profile import Match, Profile, Region, Thresholds, parse_profile
from huizhen.schemas.profile_io import FILE_MAX_BYTES, find_profile, load_profile, load_profiles

WHOLE = """
id = "console"
version = 3
expected_rate_hz = 25
tile = 64
key_frame_interval_s = 0.5
packets_per_frame = 5
crop = { top = 10, left = 20, bottom = 110, right = 220 }
mask_always = [{ top = 0, left = 0, bottom = 24, right = 640 }]
mask_teaching = [{ top = 24, left = 0, bottom = 40, right = 99 }]
[match]
rows = 480
columns = 640
samples_per_pixel = 3
[thresholds]
frozen_after_s = 9
"""


def test_every_field_is_read() -> None:
    profile = parse_profile(WHOLE, "console")
    assert profile == Profile(
        id="console",
        version=3,
        expected_rate_hz=25.0,
        tile=64,
        key_frame_interval_s=0.5,
        packets_per_frame=5,
        crop=Region(10, 20, 110, 220),
        mask_always=(Region(0, 0, 24, 640),),
        mask_teaching=(Region(24, 0, 40, 99),),
        match=Match(480, 640, 3),
        thresholds=Thresholds(frozen_after_s=9.0),
    )
    profile.check_fits(480, 640, 3)


@pytest.mark.parametrize(
    ("line", "field", "value", "rule"),
    [
        ("tile = 100", "tile", "100", "a power of two from 32 to 1024"),
        ("tile = 2048", "tile", "2048", "a power of two from 32 to 1024"),
        ("tile = 0", "tile", "0", "a power of two from 32 to 1024"),
        ("packets_per_frame = 2", "packets_per_frame", "2", "0, 1 or 5"),
        ("key_frame_interval_s = 1.5", "key_frame_interval_s", "1.5", "above 0 and up to 1"),
        ("expected_rate_hz = -1", "expected_rate_hz", "-1.0", "0 to 1000"),
        ("expected_rate_hz = nan", "expected_rate_hz", "nan", "a finite number"),
        ("colour = 'red'", "colour", "red", "left out: there is no such field"),
        ("crop = { top = 1, left = 0, bottom = 2 }", "crop.right", "{'top': 1, 'left': 0, 'bottom': 2}", "given"),
        ("[match]\nrow = 1", "match.row", "1", "left out: there is no such field"),
        ("[thresholds]\nblack_mean_max = -0.5", "thresholds.black_mean_max", "-0.5", "0 or more"),
        ("mask_always = 7", "mask_always", "7", "a valid tuple"),
    ],
)
def test_an_error_names_field_value_and_limit(line: str, field: str, value: str, rule: str) -> None:
    with pytest.raises(BadProfile) as caught:
        parse_profile(f'id = "console"\nversion = 1\n{line}\n', "console")
    assert (caught.value.profile, caught.value.field, caught.value.value, caught.value.rule) == (
        "console",
        field,
        value,
        rule,
    )


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('id = "console"', "version"),
        ('id = "console"\nversion = 0', "version"),
        ('id = "other"\nversion = 1', "id"),
        ("id = ", "the text"),
        ('id = "console"\nversion = 1\ncrop = { top = 9, left = 0, bottom = 9, right = 5 }', "region"),
    ],
)
def test_a_wrong_text_is_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(BadProfile, match="profile 'console'") as caught:
        parse_profile(text, "console")
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("frame", "field"),
    [((481, 640, 3), "match.rows"), ((480, 320, 3), "match.columns"), ((480, 640, 1), "match.samples_per_pixel")],
)
def test_a_profile_does_not_fit_frames_of_another_kind(frame: tuple[int, int, int], field: str) -> None:
    with pytest.raises(BadProfile, match=field):
        parse_profile(WHOLE, "console").check_fits(*frame)


def test_a_region_outside_the_frame_is_refused_with_its_place() -> None:
    free = dataclasses.replace(parse_profile(WHOLE, "console"), match=Match())
    place = r"mask_always is '\(0, 0, 24, 640\)', it must be inside the frame of 480 rows and 600 columns"
    with pytest.raises(BadProfile, match=place):
        free.check_fits(480, 600, 3)


def test_a_region_moves_with_the_crop() -> None:
    crop = Region(10, 20, 110, 220)
    assert Region(0, 0, 24, 640).within(crop) == Region(0, 0, 14, 200)
    assert Region(0, 0, 10, 640).within(crop) is None
    assert Region(1, 2, 3, 4).within(None) == Region(1, 2, 3, 4)


def test_every_profile_that_comes_along_is_valid() -> None:
    names = sorted(path.stem for path in bundled("profiles").glob("*.toml"))
    assert names == ["generic", "screen", "us-320x240", "us-640x480", "xa-phantom"]
    assert [find_profile(name).id for name in names] == names


def test_profiles_of_a_folder_stand_beside_those_that_come_along(tmp_path: Path) -> None:
    (tmp_path / "console.toml").write_text(WHOLE)
    (tmp_path / "screen.toml").write_text('id = "screen"\nversion = 2\n[thresholds]\nfrozen_after_s = 7')
    found = load_profiles(tmp_path)
    assert found["console", 3].thresholds.frozen_after_s == 9
    assert (found["screen", 1].thresholds.frozen_after_s, found["screen", 2].thresholds.frozen_after_s) == (3600, 7)
    assert len(found) == len(load_profiles()) + 2


def test_a_folder_of_profiles_that_is_not_there_or_wrong_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match=r"processor\.profiles"):
        load_profiles(tmp_path / "nowhere")
    (tmp_path / "console.toml").write_text("id = 7")
    with pytest.raises(BadProfile, match="console"):
        load_profiles(tmp_path)


def test_a_name_nobody_knows_lists_those_that_are_there() -> None:
    with pytest.raises(BadProfile, match="one of generic, screen"):
        find_profile("nobody")


def test_a_path_is_read_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "console.toml"
    path.write_text(WHOLE)
    assert find_profile(str(path)).version == 3
    path.write_bytes(b"\xff")
    with pytest.raises(BadProfile, match="UTF-8"):
        load_profile(path)
    path.write_bytes(b"#" * (FILE_MAX_BYTES + 1))
    with pytest.raises(BadProfile, match="up to 65536 bytes"):
        load_profile(path)
    path.unlink()
    with pytest.raises(BadProfile, match="readable"):
        load_profile(path)
