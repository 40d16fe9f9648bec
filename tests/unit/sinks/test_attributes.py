import pytest
from pydicom import Dataset

from huizhen.sinks import attributes
from huizhen.sinks.attributes import Attributes

NS = 1_790_000_000_123_456_789


@pytest.fixture
def to() -> Attributes:
    return Attributes(Dataset())


def test_a_bad_value_is_left_out_and_its_keyword_noted(to: Attributes) -> None:
    assert not to.put("StudyDate", "the third of May")
    to.put_or_empty("PatientBirthDate", "unknown")
    assert "StudyDate" not in to.dataset
    assert to.dataset["PatientBirthDate"].is_empty
    assert to.problems == ["StudyDate", "PatientBirthDate"]


def test_unknown_values_are_absent_or_empty_by_type(to: Attributes) -> None:
    to.put("StudyDescription", "")
    to.put_or_empty("StudyID", "")
    to.default_empty("Manufacturer")
    assert "StudyDescription" not in to.dataset
    assert to.dataset["StudyID"].is_empty
    assert to.dataset["Manufacturer"].is_empty
    assert to.problems == []


def test_a_default_never_replaces_a_value(to: Attributes) -> None:
    to.put("Manufacturer", "Maker")
    to.default("Manufacturer", "Other")
    to.default("StationName", "S1")
    assert (to.dataset.Manufacturer, to.dataset.StationName) == ("Maker", "S1")
    to.drop("StationName", "Modality")
    assert not to.has("StationName")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.05104970559477806, "0.05104970559478"), (1 / 3, "0.33333333333333"), (-1024.0, "-1024"), (1e-30, "1e-30")],
)
def test_decimals_fit_16_characters(value: float, text: str) -> None:
    assert str(attributes.decimal(value)) == text


@pytest.mark.parametrize(("ns", "text"), [(33_333_333, "33.333333"), (40_000_000, "40"), (0, "0"), (1_500, "0.0015")])
def test_durations_are_exact_milliseconds(ns: int, text: str) -> None:
    assert str(attributes.milliseconds(ns)) == text


def test_times_are_the_stations_local_time() -> None:
    assert attributes.date_time(NS, "+0800") == "20260921221320.123456+0800"
    assert attributes.date_time(NS, "-0330") == "20260921104320.123456-0330"
    assert (attributes.date(NS, "+1200"), attributes.time(NS, "+0000")) == ("20260922", "141320.123456")


@pytest.mark.parametrize("text", ["", "8", "+2500", "+08:00", "0800"])
def test_an_unreadable_zone_counts_as_utc(text: str) -> None:
    assert attributes.zone(text) == "+0000"
