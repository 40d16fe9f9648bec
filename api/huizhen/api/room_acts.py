"""What one participant does in a room: gestures pass at once, changes are events on the log.

The presenter's view passes as a gesture and is written to the log when it stands still, or every few seconds while it
moves: whoever comes in, and the api after a restart, see where the room is.
"""

from dataclasses import replace

from huizhen.api.parts import Parts
from huizhen.api.room import DRAWINGS_MAX, Person, Room
from huizhen.api.room_hub import GONE, HERE, POINTER, VIEW, Here
from huizhen.api.room_join import Entry
from huizhen.api.room_shapes import Drawing, Entered, Pointer, Seen, Shape, Stroke, Turn, View
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import ConsultEvent, Gesture

STILL_S = 1.0
MOVING_S = 5.0  # an hour of a moving view is 720 events
FASTER = "somebody was faster"


class RoomActs:
    """One participant's doings."""

    def __init__(self, parts: Parts, entry: Entry) -> None:
        principal = entry.access.principal
        self._parts = parts
        self._entry = entry
        self.person: Person = (principal.institution, principal.subject)
        self.seat = parts.secret()
        self._unwritten: Seen | None = None
        self._moved_s = self._wrote_s = 0.0
        asked = entry.consult.requested
        self._event = ConsultEvent(
            consult=entry.consult.id, kind="", at_ns=0, subject=principal.subject, institution=principal.institution,
            tenant=asked.tenant, session=asked.session,
        )  # fmt: skip

    @property
    def room(self) -> Room:
        """The room as it is now."""
        return self._parts.world.rooms.find(self._entry.consult.id)

    async def enter(self) -> None:
        """Come in."""
        await self._write("joined", Entered(may_present=self._entry.may_present))
        self.beat()

    async def leave(self) -> None:
        """Go; that the log cannot be reached keeps nobody."""
        self._gesture(GONE, "{}")
        try:
            await self._write_view()
            await self._write("left", Entered())
        except Unavailable:  # the beats that end tell it too: left is for the record
            return

    def beat(self) -> None:
        """Say that this seat is taken."""
        here = Here(name=self._entry.access.principal.name, may_present=self._entry.may_present)
        self._gesture(HERE, here.model_dump_json())

    def point(self, pointer: Pointer) -> None:
        """Point."""
        self._gesture(POINTER, pointer.model_dump_json())

    def show(self, n: int, view: View, now_s: float) -> str:
        """Show what the presenter sees; say why not."""
        if self.room.presenter != self.person:
            return "somebody else presents"
        seen = Seen(term=self.room.term, n=n, view=view)
        self._unwritten, self._moved_s = seen, now_s
        self._gesture(VIEW, seen.model_dump_json())
        return ""

    async def settle(self, now_s: float) -> None:
        """Write the view to the log where it stands still, or was not written for long."""
        if self._unwritten is not None and (now_s - self._moved_s >= STILL_S or now_s - self._wrote_s >= MOVING_S):
            await self._write_view()
            self._wrote_s = now_s

    async def draw(self, drawing: Drawing) -> str:
        """Draw; say why not."""
        await self._write("annotation", Stroke(add=drawing))
        if drawing.id in self.room.drawings:
            return ""
        return f"there are {DRAWINGS_MAX} drawings: remove some first"

    async def erase(self, name: str) -> str:
        """Remove a drawing; say why not."""
        if not self.room.may_remove(name, self.person):
            return "" if name not in self.room.drawings else "only who drew it, or the presenter, removes it"
        await self._write("annotation", Stroke(remove=name))
        return ""

    async def present(self, to: Person) -> str:
        """Hand the lead over, or take it where its holder is gone; say why not."""
        here = {seat.person: seat for seat in self._parts.room_hub.attendance(self._entry.consult.id).people}
        if to not in here or not here[to].may_present:
            return "who is to present must be here, and see everything"
        holder = self.room.presenter
        if holder != self.person and (to != self.person or holder in here):
            return "only the presenter hands over"
        await self._write_view()
        institution, subject = to
        await self._write("presenter", Turn(term=self.room.term + 1, subject=subject, institution=institution))
        return "" if self.room.presenter == to else FASTER

    async def _write_view(self) -> None:
        seen, self._unwritten = self._unwritten, None
        if seen is not None:
            await self._write("view", seen)

    async def _write(self, kind: str, said: Shape) -> None:
        event_id, at_ns = self._parts.secret(), self._parts.now_ns()
        payload = said.model_dump_json(exclude_none=True)
        await self._parts.log.append(replace(self._event, kind=kind, event_id=event_id, at_ns=at_ns, payload=payload))

    def _gesture(self, kind: str, payload: str) -> None:
        institution, subject = self.person
        self._parts.gestures.send(
            Gesture(
                self._entry.consult.id, kind, self._parts.now_ns(), subject, institution, self._event.tenant, self.seat,
                payload,
            )
        )  # fmt: skip
