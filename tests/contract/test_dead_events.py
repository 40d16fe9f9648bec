"""An event that cannot be read is kept on `rejected`, once, however often the topics are read again."""

from collections.abc import Callable

from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.routing import Record
from huizhen.schemas.settings import KafkaSettings, Settings
from huizhen.schemas.topics import Topic, name_of
from tests.services.hospital import Hospital, Running
from tests.services.waiting import wait_for


def test_unreadable_and_forged_events_are_kept_whole_and_once(
    hospital: Hospital, settings: Settings, kafka: KafkaSettings, start: Callable[..., Running]
) -> None:
    tenant = hospital.stream.tenant
    hospital.open()
    sessions = name_of(Topic.SESSIONS, tenant)
    key, source = str(hospital.stream.session), f"urn:huizhen:{tenant}".encode()
    hospital.record(Record(sessions, key, b"no event", [("ce_type", b"announced.v1")]))
    hospital.record(Record(name_of(Topic.LEDGER), key, b"no entry", [("ce_source", source)]))
    first = start()
    wait_for(lambda: len(hospital.rejections(kafka)) == 2, 60, "both are kept")
    kept = {each.origin.topic: each for each in hospital.rejections(kafka)}
    assert set(kept) == {sessions, name_of(Topic.LEDGER)}
    assert {each.reason for each in kept.values()} == {RejectReason.BAD_ENVELOPE}
    assert kept[sessions].original == (("ce_type", b"announced.v1"),)
    first.stop()
    second = start()
    hospital.frames(*range(8))
    hospital.seal(8)
    wait_for(lambda: hospital.stored == 8, 60, "the next archive has read all events and works")
    assert second.shell.health == "ok"
    assert len(hospital.rejections(kafka)) == 2
