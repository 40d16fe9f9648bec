"""The archive against a real Kafka and a real S3."""

from collections.abc import Callable

from huizhen.schemas.events import LedgerEntry, Progress
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import TileOrigin
from huizhen.schemas.settings import (
    Settings,
)
from huizhen.sinks.store_io import S3Store
from huizhen.sinks.verify import read_back
from tests.services.hospital import Hospital, Running, keys
from tests.services.waiting import wait_for


def test_an_exam_is_stored_ledgered_sealed_and_read_back(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    hospital.open()
    hospital.frames(*range(20))
    start()
    hospital.seal(20)
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.captured, hospital.report.stored, hospital.report.missing) == (20, 20, 0)
    wait_for(lambda: hospital.commands("session_stored"), 60, "the station is told")
    stored = [each for each in hospital.of(LedgerEntry) if each.outcome == "stored"]
    assert [(each.first, each.last) for each in sorted(stored, key=lambda e: e.first)] == [(0, 7), (8, 15), (16, 19)]
    store = S3Store(settings.s3)
    found = read_back(store, stored)
    assert (found.stored, found.is_sound) == (20, True)
    assert hospital.report.manifest_key in dict(keys(store, hospital))


def test_a_second_run_changes_no_byte_of_the_bucket(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    hospital.open()
    hospital.frames(*range(11))
    hospital.frames(11, exact=False)
    hospital.frames(12, 13)
    hospital.frames(11, revision=1)
    hospital.seal(14)
    start()
    wait_for(lambda: hospital.commands("session_stored"), 60, "the session is stored")
    wait_for(lambda: hospital.report and hospital.stored == 14, 60, "the ledger, another topic, was read so far")
    store = S3Store(settings.s3)
    before, said = {key: store.get(key) for key, _ in keys(store, hospital)}, len(hospital.said)
    again = settings.archive.model_copy(update={"group": f"{settings.archive.group}-again", "instance_id": "again"})
    second = start(settings.model_copy(update={"archive": again}))
    wait_for(lambda: second.committed("huizhen.frames", hospital) >= 15, 60, "the second run has read all frames")
    assert {key: store.get(key) for key, _ in keys(store, hospital)} == before
    assert len(hospital.said) == said


def test_a_restart_goes_on_where_the_first_run_was_stopped(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    hospital.open()
    hospital.frames(*range(13))
    first = start()
    wait_for(lambda: hospital.stored == 8, 60, "the first range is stored")
    first.stop()
    assert first.committed("huizhen.frames", hospital) == 8, "frames that wait are not committed"
    hospital.frames(13, 14, 15)
    hospital.seal(16)
    start()
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.missing) == (16, 0)
    assert len(keys(S3Store(settings.s3), hospital)) == 3


def test_lost_frames_are_asked_for_and_what_was_only_filled_is_kept_apart(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    start()
    hospital.open()
    tiles = (TileOrigin(TileState.TRUE), *[TileOrigin(TileState.BASE, 1, 2.0)] * 3)
    hospital.frames(0, 1, 2)
    hospital.frames(3, exact=False, tiles=tiles)
    hospital.frames(4, 5)
    hospital.seal(8)

    def asked() -> set[tuple[int, int]]:
        return {(each.first, each.last) for each in hospital.commands("resend")}

    wait_for(lambda: asked() == {(3, 3), (6, 7)}, 60, "the station is asked again for what is lacking, and no more")
    hospital.frames(6, revision=1)
    wait_for(lambda: hospital.report, 60, "the session is sealed after its drain")
    assert hospital.report is not None
    counts = hospital.report.stored, hospital.report.missing, hospital.report.derived
    assert counts == (6, 2, 1)
    assert hospital.commands("session_stored") == []
    found = read_back(S3Store(settings.s3), hospital.of(LedgerEntry))
    assert (found.stored, found.derived, found.is_sound) == (6, 1, True)


def test_a_silent_session_is_sealed_by_timeout(hospital: Hospital, start: Callable[..., Running]) -> None:
    hospital.open()
    hospital.frames(0, 1)
    hospital.tell(Progress("", "", "probe", 1, 5, 3, ""))
    start()
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.by, hospital.report.captured, hospital.report.stored) == ("timeout", 3, 2)
