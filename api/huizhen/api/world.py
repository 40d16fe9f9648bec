"""What the topics tell, in memory: sessions, the queue, and what those who follow them are to hear.

It lives on the event loop's thread alone; `events_io` hands it the records. Pure but for waking waiters.
"""

import dataclasses
from collections.abc import Callable

from huizhen.api.consult import FINAL
from huizhen.api.queue import Queue
from huizhen.api.ring import Entry, Ring, Rings
from huizhen.api.rooms import Rooms
from huizhen.api.sessions import Sessions
from huizhen.schemas.events import ConsultEvent, FrameVerdict, GeometryDeclared, Gesture, LedgerEntry

RINGS_MAX = 64  # sessions followed by SSE at a time, about 1 MB each
RING_SIZE = 2_000  # events kept per followed session: a minute of verdicts at 30 frames/s
QUEUE_RING_SIZE = 1_000
SESSION_KINDS: dict[type, str] = {FrameVerdict: "verdict", LedgerEntry: "ledger", GeometryDeclared: "geometry"}
LEFT_OUT = frozenset({"frame_digests", "object_key", "dicom_json"})
"""Long or inner fields that readers of event streams are not sent"""


class World:
    """Folds every event and passes it on to those who follow."""

    def __init__(self) -> None:
        self.sessions = Sessions()
        self.queue = Queue()
        self.rooms = Rooms()
        self.session_rings = Rings(RINGS_MAX, RING_SIZE)
        self.queue_ring = Ring(QUEUE_RING_SIZE)
        self.ready = False
        """Whether everything that stood in the topics at the start has been folded"""
        self.ending = False
        """Whether the process is about to stop: event streams end, their readers come back elsewhere or later"""
        self.on_consult: Callable[[ConsultEvent], None] = lambda event: None
        self.on_room: Callable[[ConsultEvent], None] = lambda event: None
        """Hears what changed a room"""
        self.on_gesture: Callable[[Gesture], None] = lambda gesture: None

    def take(self, event: object, entry_id: str) -> None:
        """Fold one record; `entry_id`: where it stands, `topic/partition/offset`."""
        if isinstance(event, Gesture):
            self.on_gesture(event)
            return
        if isinstance(event, ConsultEvent):
            self._consult(event, entry_id)
            return
        session = self.sessions.take(event)
        if session is not None:
            kind = SESSION_KINDS.get(type(event), "session")
            self.session_rings.append((session.tenant, session.session), Entry(entry_id, kind, event))

    def _consult(self, event: ConsultEvent, entry_id: str) -> None:
        changed = self.queue.take(event)
        if changed is not None:
            self.queue_ring.append(Entry(entry_id, "consult", changed.id))
        consult = self.queue.find(event.consult)
        if consult is not None and consult.state not in FINAL and self.rooms.take(event) is not None:
            self.on_room(event)
        self.on_consult(event)

    def erase(self, tenant: str, key: str) -> None:
        """Take a tombstone's word on the sessions topic of a tenant."""
        self.sessions.erase(tenant, key)


def told(event: object) -> dict[str, object]:
    """Give an event's fields as readers of event streams get them: ns as text, no identity, no long lists."""
    if not dataclasses.is_dataclass(event) or isinstance(event, type):
        return {}
    found = dataclasses.asdict(event)
    return {
        name: str(value) if name.endswith("_ns") else value for name, value in found.items() if name not in LEFT_OUT
    }
