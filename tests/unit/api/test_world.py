"""What the topics tell, in one place."""

from huizhen.api.world import World, told
from huizhen.schemas.events import ConsultEvent
from tests.services.fake_station import FakeStation

STATION = FakeStation("clinic")


def test_events_reach_sessions_and_those_who_follow_them() -> None:
    world = World()
    ring = world.session_rings.follow(("clinic", "exam-1"))
    for number, event in enumerate([STATION.announced(), STATION.geometry(), STATION.verdict(0), STATION.entry(0, 0)]):
        world.take(event, f"t/0/{number}")
    assert [(entry.id, entry.kind) for entry in ring.since(0) or ()] == [
        ("t/0/0", "session"), ("t/0/1", "geometry"), ("t/0/2", "verdict"), ("t/0/3", "ledger"),
    ]  # fmt: skip
    assert world.sessions.find("clinic", "exam-1") is not None


def test_consultations_that_changed_are_told_and_others_are_not() -> None:
    world, heard = World(), list[str]()
    world.on_consult = lambda event: heard.append(event.kind)
    asked = ConsultEvent("c-1", "requested", 1, "ann", "clinic", "clinic", "exam-1")
    lost = ConsultEvent("c-1", "finished", 1, "ann", "clinic", "clinic", "exam-1", transaction_uid="2.25.9")
    world.take(asked, "c/0/0")
    world.take(lost, "c/0/1")
    assert [entry.data for entry in world.queue_ring.since(0) or ()] == ["c-1"]
    assert heard == ["requested", "finished"]


def test_what_is_told_holds_no_identity_no_long_lists_and_large_numbers_as_text() -> None:
    entry = told(STATION.entry(0, 3, "stored", "clinic/exam-1/probe/exact/x.dcm", "00"))
    assert "object_key" not in entry
    assert "frame_digests" not in entry
    assert told(STATION.verdict(0))["captured_at_ns"] == "1000000000"
    assert told("text") == {}
