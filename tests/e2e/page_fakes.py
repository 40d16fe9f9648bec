"""What the API of the page's tests has instead of Kafka and S3."""

import time

from huizhen.api.files import Stored
from huizhen.api.room_hub import RoomHub
from huizhen.api.world import World
from huizhen.schemas.events import AuditEvent, ConsultEvent, Gesture


class Memory:
    """Objects, used codes and audit events, in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.audited: list[AuditEvent] = []

    async def get(self, key: str, sha256: str) -> bytes:
        """Give an object."""
        return self.objects[key]

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        """Keep an object."""
        self.objects[key] = content

    async def under(self, prefix: str, limit: int) -> list[Stored]:
        """List objects."""
        return [Stored(key, len(self.objects[key])) for key in sorted(self.objects) if key.startswith(prefix)][:limit]

    def add(self, jti: str, expires_at_s: float) -> None:
        """Forget a used code: the issuer remembers it."""

    def write(self, event: AuditEvent) -> None:
        """Keep an audit event."""
        self.audited.append(event)


class Gestures:
    """Gestures that this process hears at once."""

    def __init__(self, hub: RoomHub) -> None:
        self._hub = hub

    def send(self, gesture: Gesture) -> None:
        """Tell everybody."""
        self._hub.gesture(gesture, time.monotonic())


class Log:
    """A log of consultations that is read back at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._offset = 0

    async def append(self, event: ConsultEvent) -> None:
        """Fold an event in."""
        self._offset += 1
        self._world.take(event, f"consults/0/{self._offset}")
