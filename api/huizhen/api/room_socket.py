"""A participant's socket in a consultation room; the right to be here is asked twice a second."""

import asyncio
import time

from fastapi import APIRouter, WebSocket

from huizhen.api.access import still_in_room
from huizhen.api.attendance import BEAT_S, PEOPLE_MAX
from huizhen.api.consult import FINAL
from huizhen.api.guard import deny
from huizhen.api.live_join import doing, refusal, shake_hands
from huizhen.api.live_messages import TOO_MANY, TOO_SLOW, Pace, SocketProblem
from huizhen.api.parts import Parts, parts_of
from huizhen.api.room import Person
from huizhen.api.room_acts import RoomActs
from huizhen.api.room_join import ENDED, ROUTE, Entry, enter
from huizhen.api.room_messages import (
    SUBPROTOCOL,
    Draw,
    Enter,
    Erase,
    Point,
    Present,
    Show,
    people_told,
    person_view,
    read_asked,
    room_told,
)
from huizhen.api.room_outbox import RoomOutbox
from huizhen.api.socket_io import both, hear, say, serve

TICK_S = 0.5  # who lost the right is out within a second; five are promised
MESSAGES_PER_SECOND = 90  # a pointer and a view at 30 a second each, and as much again
NEWS_PER_SECOND = 10  # drawings and hand-overs, each an event on the log; a hand draws two
router = APIRouter(prefix="/v1")


@router.websocket("/rooms/{consult}")
async def room(websocket: WebSocket, consult: str) -> None:
    """Be in a consultation's room; see docs/topics/room.md for the messages."""
    parts = parts_of(websocket)
    if not await shake_hands(websocket, parts, parts.origins, SUBPROTOCOL, ROUTE):
        return
    await serve(websocket, parts, "room_failed", lambda: _enter_and_stay(websocket, parts, consult))


async def _enter_and_stay(websocket: WebSocket, parts: Parts, consult: str) -> None:
    entry = await enter(websocket, parts, consult)
    who = entry.access.principal
    with parts.seats.person(who.institution, who.subject) as free:
        if not free:
            raise SocketProblem(TOO_MANY, "You are here in too many places", "close another page first")
        if parts.room_hub.attendance(consult).is_full_for((who.institution, who.subject)):
            raise SocketProblem(TOO_MANY, "The room is full", f"at most {PEOPLE_MAX} people")
        await Participant(websocket, parts, entry).run()


class Participant:
    """Somebody in the room."""

    def __init__(self, websocket: WebSocket, parts: Parts, entry: Entry) -> None:
        self._websocket = websocket
        self._parts = parts
        self._entry = entry
        self._consult = entry.consult.id
        self._acts = RoomActs(parts, entry)
        self._outbox = RoomOutbox()
        self._wake = asyncio.Event()
        self._pace = Pace(MESSAGES_PER_SECOND)
        self._news_pace = Pace(NEWS_PER_SECOND)
        self._beat_s = 0.0

    def news(self, message: dict[str, object]) -> None:
        """Take what must arrive."""
        self._outbox.news(message)
        self._wake.set()

    def pointer(self, person: Person, message: dict[str, object]) -> None:
        """Take where somebody points; one's own is on the screen already."""
        if person != self._acts.person:
            self._outbox.pointer(person, message)
            self._wake.set()

    def view(self, message: dict[str, object]) -> None:
        """Take what the presenter sees; whoever presents saw it first."""
        if self._acts.room.presenter != self._acts.person:
            self._outbox.view(message)
            self._wake.set()

    async def run(self) -> None:
        """Stay until the participant leaves or must; raises SocketProblem."""
        with self._parts.room_hub.member(self._consult, self._acts.seat, self):
            await self._acts.enter()
            try:
                await self._say(self._joined())
                await both(self._listen(), self._send())
            finally:
                await self._acts.leave()

    def _joined(self) -> dict[str, object]:
        asked = self._entry.consult.requested
        return {
            "type": "joined",
            "consult": self._consult,
            "session": asked.session,
            "tenant": asked.tenant,
            "you": {**(person_view(self._acts.person) or {}), "may_present": self._entry.may_present},
            "state": self._entry.consult.state,
            "reason": asked.reason,
            "room": room_told(self._acts.room),
            "people": people_told(self._parts.room_hub.attendance(self._consult))["people"],
            "server_time_ns": str(self._parts.now_ns()),
        }

    async def _listen(self) -> None:
        while True:
            said = await hear(self._websocket, read_asked)
            if said is None:
                return
            if self._pace.exceeded(time.monotonic()):
                raise SocketProblem(TOO_MANY, "Too many messages", f"at most {MESSAGES_PER_SECOND} a second")
            match said:
                case Point():
                    self._acts.point(said.pointer)
                case Show():
                    self._tell_if(self._acts.show(said.n, said.view, time.monotonic()))
                case Draw() | Erase() | Present():
                    await self._change(said)
                case Enter():
                    raise SocketProblem(1007, "You are in already")

    async def _change(self, asked: Draw | Erase | Present) -> None:
        if self._news_pace.exceeded(time.monotonic()):
            self._tell_if(f"at most {NEWS_PER_SECOND} changes a second")
            return
        match asked:
            case Draw():
                self._tell_if(await self._acts.draw(asked.drawing))
            case Erase():
                self._tell_if(await self._acts.erase(asked.id))
            case Present():
                self._tell_if(await self._acts.present((asked.institution, asked.subject)))

    def _tell_if(self, refused: str) -> None:
        if refused:
            self.news({"type": "refused", "detail": refused})

    async def _send(self) -> None:
        tick_s = 0.0
        while True:
            now_s = time.monotonic()
            if now_s >= tick_s:
                tick_s = now_s + TICK_S
                await self._tick(now_s)
            for message in self._outbox.take(now_s):
                await self._say(message)
            if self._outbox.is_overrun:
                raise SocketProblem(TOO_SLOW, "The link is too slow", "come back to see the room as it is")
            self._wake.clear()
            wait_s = min(tick_s - time.monotonic(), self._outbox.due_s(time.monotonic()))
            try:
                async with asyncio.timeout(max(0.0, wait_s)):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _tick(self, now_s: float) -> None:
        self._check()
        if now_s >= self._beat_s:
            self._beat_s = now_s + BEAT_S
            self._acts.beat()
            self._parts.room_hub.sweep(self._consult, now_s)
        await self._acts.settle(now_s)
        await self._say({"type": "tick", "server_time_ns": str(self._parts.now_ns())})

    def _check(self) -> None:
        if self._entry.consult.state in FINAL:
            raise SocketProblem(ENDED, "The consultation ended", self._entry.consult.state)
        access, now_s = self._entry.access, self._parts.now_s
        denied = still_in_room(access, self._parts.presence.now(access.principal, now_s), now_s)
        if denied is not None:
            deny(self._parts, doing(self._parts, ROUTE), access.principal, denied)
            raise refusal(denied)

    async def _say(self, message: dict[str, object]) -> None:
        await say(self._websocket, message)
