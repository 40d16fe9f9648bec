"""The fold of a room's events."""

import json
from dataclasses import replace

from huizhen.api.room import DRAWINGS_MAX, Room
from huizhen.schemas.events import ConsultEvent

ANN, BOB = ("clinic", "ann"), ("hospital", "bob")
DRAWING = {"id": "d-1", "kind": "arrow", "source": "probe", "number": 7, "points": [[1, 2], [3, 4]]}


def event(kind: str, by: tuple[str, str] = ANN, **payload: object) -> ConsultEvent:
    institution, subject = by
    return ConsultEvent("c-1", kind, 5, subject, institution, "clinic", "exam-1", payload=json.dumps(payload))


def entered(*people: tuple[str, str]) -> Room:
    room = Room()
    for one in people or (ANN, BOB):
        room.take(event("joined", one, may_present=True))
    return room


def view(term: int, n: int, number: int = 3) -> dict[str, object]:
    return {"term": term, "n": n, "view": {"stored": {"source": "probe", "number": number}}}


def test_the_first_who_may_present_does() -> None:
    room = Room()
    assert not room.take(event("joined", BOB, may_present=False))
    assert room.take(event("joined", may_present=True))
    assert not room.take(event("joined", BOB, may_present=True))
    assert (room.presenter, room.term) == (ANN, 1)


def test_of_two_hand_overs_at_once_the_first_in_the_log_wins() -> None:
    room = entered()
    assert room.take(event("presenter", ANN, term=2, subject="bob", institution="hospital"))
    assert not room.take(event("presenter", ANN, term=2, subject="ann", institution="clinic"))
    assert (room.presenter, room.term) == (BOB, 2)


def test_a_view_counts_from_the_presenter_alone_and_never_goes_back() -> None:
    room = entered()
    assert not room.take(event("view", BOB, **view(1, 0)))
    assert room.take(event("view", ANN, **view(1, 4, 9)))
    assert not room.take(event("view", ANN, **view(1, 4, 8)))
    assert not room.take(event("view", ANN, **view(2, 9, 8)))
    assert room.view is not None
    assert room.view.stored is not None
    assert room.view.stored.number == 9
    room.take(event("presenter", ANN, term=2, subject="bob", institution="hospital"))
    assert not room.take(event("view", ANN, **view(1, 99)))
    assert room.take(event("view", BOB, **view(2, 0)))


def test_a_drawing_is_removed_by_its_hand_or_the_presenter_alone() -> None:
    room = entered()
    assert room.take(event("annotation", BOB, add=DRAWING))
    assert not room.take(event("annotation", ANN, add=DRAWING)), "an id is given once"
    assert not room.take(event("annotation", ("clinic", "eve"), remove="d-1"))
    assert room.drawings["d-1"].by == BOB
    assert room.take(event("annotation", ANN, remove="d-1"))
    assert not room.take(event("annotation", ANN, remove="d-1"))
    room.take(event("annotation", BOB, add=DRAWING))
    assert room.take(event("annotation", BOB, remove="d-1"))


def test_a_flood_of_drawings_is_bounded() -> None:
    room = entered()
    for number in range(DRAWINGS_MAX + 5):
        room.take(event("annotation", BOB, add={**DRAWING, "id": f"d-{number}"}))
    assert len(room.drawings) == DRAWINGS_MAX


def test_messages_are_references_to_objects() -> None:
    room = entered()
    said = event("message", BOB, sha256="0" * 64, media_type="text/plain", size_bytes=3)
    assert not room.take(said)
    assert room.take(replace(said, object_key="k"))
    assert [(one.by, one.object_key) for one in room.messages] == [(BOB, "k")]


def test_a_payload_that_is_not_what_it_should_be_changes_nothing() -> None:
    room = entered()
    for kind in ("joined", "presenter", "view", "annotation", "message", "lease", "whatever"):
        for payload in ("", "{", "[]", '{"term": -1}', '{"add": {"id": "../x"}}', '{"n": 1e400}'):
            assert not room.take(replace(event(kind), payload=payload, object_key="k"))
    assert room == entered()
