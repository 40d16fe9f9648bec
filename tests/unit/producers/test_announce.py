"""What a station says of its session."""

from collections.abc import Iterator
from dataclasses import replace

from huizhen.producers.announce import (
    Moment,
    Shape,
    Standing,
    announced,
    announced_again,
    geometry_declared,
    progress,
    sealed,
)
from huizhen.producers.item import Item
from huizhen.producers.journal_state import SourceState
from huizhen.producers.options import Exam, Input
from huizhen.producers.source import Description, Geometry, Identity
from huizhen.schemas.events import Announced, Consent
from huizhen.schemas.ids import SourceId
from huizhen.schemas.profile import Profile
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.settings import StationSettings
from tests.unit.producers.streams import FORM, SENDER, coded

MOMENT = Moment(5, 8, "2.25.1")
WHO = Identity(study_instance_uid="1.2.3", accession_number="A1", patient_name="Ärztin^Anna", order_uid="1.9")


class Silent:
    """A source that is only described."""

    def __init__(self, description: Description) -> None:
        self.description = description

    def frames(self) -> Iterator[Item]:
        return iter(())

    def close(self) -> None:
        pass


def given(source: str = "probe", rate_hz: float = 25.0, identity: Identity = WHO) -> Input:
    described = Description("probe", "US", "1.2.840", rate_hz, "01", (10.5,), ("ISO_10918_1",), '{"a":1}', identity)
    return Input(SourceId(source), Silent(described), Profile("us", 3, expected_rate_hz=30.0))


def say(*inputs: Input, exam: Exam | None = None) -> Announced:
    return announced(SENDER, StationSettings(), inputs or (given(),), exam or Exam(), MOMENT)


def test_who_and_what_come_from_the_source() -> None:
    event = say()
    assert (event.study_instance_uid, event.accession_number, event.patient_name) == ("1.2.3", "A1", "Ärztin^Anna")
    assert (event.session, event.epoch, event.partitions, event.modality) == ("exam-1", 0, 8, "US")
    (info,) = event.sources
    assert (info.source, info.profile_id, info.profile_version, info.expected_rate_hz) == ("probe", "us", 3, 25.0)
    assert (info.lossy_image_compression, info.lossy_image_compression_ratio) == ("01", [10.5])


def test_the_exam_stands_above_the_source() -> None:
    event = say(exam=Exam("1.2.4", "B2", "1.8", "A", False, Consent(True, 1, "nurse", "x"), "teaching"))
    assert (event.study_instance_uid, event.accession_number, event.order_uid) == ("1.2.4", "B2", "1.8")
    assert (event.access_mode, event.recording, event.consent.by, event.retention_class) == (
        "A", False, "nurse", "teaching",
    )  # fmt: skip


def test_without_a_study_there_is_a_new_one() -> None:
    assert say(given(identity=Identity())).study_instance_uid == "2.25.1"


def test_a_source_without_a_rate_has_its_profiles() -> None:
    assert say(given(rate_hz=0.0)).sources[0].expected_rate_hz == 30.0


def test_a_later_epoch_keeps_the_study_and_the_earlier_sources() -> None:
    earlier = say(given("console"), given("probe"))
    new = replace(say(given("probe", 50.0, Identity())), epoch=1)
    event = announced_again(earlier, new, 1, 9)
    assert (event.epoch, event.study_instance_uid) == (1, "1.2.3")
    assert [(info.source, info.expected_rate_hz) for info in event.sources] == [("console", 25.0), ("probe", 50.0)]
    assert announced_again(earlier, None, 2, 9) == replace(
        earlier, epoch=2, announced_at_ns=9, first_announced_at_ns=earlier.announced_at_ns
    )


def test_every_later_epoch_names_the_time_and_zone_of_the_first_announcement() -> None:
    first = replace(say(given("probe")), announced_at_ns=5, timezone_offset="+0800")
    new = replace(say(given("probe")), epoch=1, announced_at_ns=7, timezone_offset="+0900")
    second = announced_again(first, new, 1, 7)
    third = announced_again(second, None, 2, 9)
    assert [each.begun_at_ns for each in (first, second, third)] == [5, 5, 5]
    assert [each.announced_at_ns for each in (first, second, third)] == [5, 7, 9]
    assert {each.timezone_offset for each in (first, second, third)} == {"+0800"}


def test_a_geometry_says_all_that_is_needed_to_read_a_frame() -> None:
    shape = Shape(Geometry(FORM, "MONOCHROME2", (0.5, 0.25)), coded((0,) * 9).header, (1, 2, 3, 4))
    event = geometry_declared(SENDER, "probe", 4, shape, 7)
    assert (event.geometry, event.pixel_format, event.tile, event.levels) == (4, FORM, 32, 5)
    assert (event.pixel_spacing, event.mask_teaching, event.declared_at_ns) == ([0.5, 0.25], [1, 2, 3, 4], 7)
    assert len(event.coding_digest) == 64


def test_progress_and_seal_carry_the_journals_account() -> None:
    state = SourceState(next_number=9, digest=b"\1" * 32)
    state.drop(Ranges([(2, 3), (7, 7)]), "spool_full")
    event = progress(SENDER, "probe", state, Standing(5, 1000, 2, "spool_full"))
    assert (event.captured, event.dropped, event.journal_digest) == (9, [2, 3, 7, 7], "01" * 32)
    assert (event.spooled_bytes, event.behind_frames, event.alarm) == (1000, 2, "spool_full")
    end = sealed(SENDER, {"probe": state, "a": SourceState()}, 6)
    assert [(one.source, one.frames, one.dropped, one.drop_reason) for one in end.sources] == [
        ("a", 0, [], ""),
        ("probe", 9, [2, 3, 7, 7], "spool_full"),
    ]
    assert end.by == "producer"
