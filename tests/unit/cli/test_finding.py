"""What the doctor says."""

import pytest

from huizhen.cli.finding import Finding, Level, at_least, clock, ok, report


@pytest.mark.parametrize(
    ("version", "enough"), [("v20.20.2", True), ("20.19.0", True), ("v20.18.9", False), ("", False), ("next", False)]
)
def test_versions_are_compared_as_numbers(version: str, enough: bool) -> None:
    assert at_least(version, (20, 19)) is enough


def test_a_clock_that_is_off_is_wrong_and_says_what_to_do() -> None:
    assert clock(0.5, 5.0, "the S3 server").level is Level.OK
    found = clock(-61.0, 5.0, "the S3 server")
    assert (found.level, found.says) == (Level.WRONG, "-61.0 s against the S3 server")
    assert "chrony" in found.way_out


def test_a_report_names_each_thing_and_the_way_out() -> None:
    lines = report([ok("java", "17"), Finding("maven", Level.WRONG, "missing", "install it")])
    assert lines == [
        "ok      java          17",
        "wrong   maven         missing",
        "                      -> install it",
    ]
