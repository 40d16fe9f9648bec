"""Hands what happens in rooms to those of this process who are in them; what others do comes by Kafka."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from pydantic import ValidationError

from huizhen.api.attendance import Attendance, Seat
from huizhen.api.room import Person
from huizhen.api.room_messages import (
    drawn_view,
    message_view,
    people_told,
    person_view,
    presenter_told,
    view_told,
)
from huizhen.api.room_shapes import Pointer, Seen, Shape, Stroke, read
from huizhen.api.rooms import Rooms
from huizhen.schemas.events import ConsultEvent, Gesture

HERE, GONE, POINTER, VIEW = "here", "gone", "pointer", "view"
ATTENDANCES_MAX = 5_000  # rooms somebody is in


class Here(Shape):
    """What a beat says of its seat."""

    name: str = ""
    may_present: bool = False


class Member(Protocol):
    """Somebody of this process who is in a room."""

    def news(self, message: dict[str, object]) -> None:
        """Take what must arrive; never waits."""

    def pointer(self, person: Person, message: dict[str, object]) -> None:
        """Take where somebody points."""

    def view(self, message: dict[str, object]) -> None:
        """Take what the presenter sees."""


class RoomHub:
    """Who is where, and what they are told."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._members: dict[str, set[Member]] = {}
        self._own: set[str] = set()
        """Seats of this process: what they do is told at once, and not again when it comes back from Kafka"""
        self._attendances: dict[str, Attendance] = {}

    def attendance(self, consult: str) -> Attendance:
        """Give who is in a room."""
        found = self._attendances.pop(consult, None) or Attendance()
        self._attendances[consult] = found
        while len(self._attendances) > ATTENDANCES_MAX:
            del self._attendances[next(iter(self._attendances))]
        return found

    @contextmanager
    def member(self, consult: str, seat: str, member: Member) -> Iterator[None]:
        """Tell a member of everything while the block lasts."""
        self._members.setdefault(consult, set()).add(member)
        self._own.add(seat)
        try:
            yield
        finally:
            self._own.discard(seat)
            self._members[consult].discard(member)
            if not self._members[consult]:
                del self._members[consult]

    def changed(self, event: ConsultEvent) -> None:
        """Tell what an event changed; it is folded already."""
        room = self._rooms.find(event.consult)
        if event.kind in {"joined", "presenter"}:
            self._news(event.consult, presenter_told(room))
        elif event.kind == "view":
            self._view(event.consult)
        elif event.kind == "message":
            self._news(event.consult, {"type": "message", "message": message_view(room.messages[-1])})
        elif event.kind == "annotation":
            self._drawn(event)

    def _drawn(self, event: ConsultEvent) -> None:
        stroke = read(Stroke, event.payload) or Stroke()
        drawn = self._rooms.find(event.consult).drawings.get(stroke.add.id) if stroke.add else None
        if drawn is not None:
            self._news(event.consult, {"type": "drawn", "drawing": drawn_view(drawn)})
        else:
            self._news(event.consult, {"type": "erased", "id": stroke.remove})

    def heard(self, gesture: Gesture, now_s: float) -> None:
        """Take a gesture from Kafka."""
        if gesture.seat not in self._own:
            self.gesture(gesture, now_s)

    def gesture(self, gesture: Gesture, now_s: float) -> None:
        """Take a gesture; one that is no gesture is nothing."""
        person = (gesture.institution, gesture.subject)
        if gesture.kind == POINTER:
            self._point(gesture, person)
        elif gesture.kind == VIEW:
            seen = read(Seen, gesture.payload)
            if seen is not None and self._rooms.find(gesture.consult).see(seen, person):
                self._view(gesture.consult)
        else:
            self._attend(gesture, person, now_s)

    def _point(self, gesture: Gesture, person: Person) -> None:
        members = self._members.get(gesture.consult)
        if not members:
            return
        try:
            pointer = Pointer.model_validate_json(gesture.payload)
        except ValidationError:
            return
        told = {"by": person_view(person), **pointer.model_dump()}
        for member in members:
            member.pointer(person, told)

    def _attend(self, gesture: Gesture, person: Person, now_s: float) -> None:
        attendance = self.attendance(gesture.consult)
        if gesture.kind == HERE:
            here = read(Here, gesture.payload) or Here()
            news = attendance.beat(gesture.seat, Seat(person, here.name, here.may_present), now_s)
        else:
            news = attendance.leave(gesture.seat)
        if news:
            self._news(gesture.consult, people_told(attendance))

    def sweep(self, consult: str, now_s: float) -> None:
        """Take those out of a room who fell silent."""
        attendance = self.attendance(consult)
        if attendance.sweep(now_s):
            self._news(consult, people_told(attendance))

    def _view(self, consult: str) -> None:
        told = view_told(self._rooms.find(consult))
        for member in self._members.get(consult, ()):
            member.view(told)

    def _news(self, consult: str, message: dict[str, object]) -> None:
        for member in self._members.get(consult, ()):
            member.news(message)
