"""All rooms."""

import pytest

from huizhen.api import rooms as module
from huizhen.api.rooms import Rooms
from huizhen.schemas.events import ConsultEvent
from tests.unit.api.test_room import ANN, event


def test_rooms_are_found_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOMS_MAX", 2)
    rooms = Rooms()
    assert rooms.find("c-1").presenter is None
    assert rooms.take(event("joined", may_present=True)) is rooms.find("c-1")
    assert rooms.take(event("requested")) is None
    assert rooms.find("c-1").presenter == ANN
    for number in range(2, 4):
        rooms.take(ConsultEvent(f"c-{number}", "joined", 1, "ann", "clinic", "clinic", "exam-1"))
    assert rooms.find("c-1").presenter is None
