"""What the live socket and the video do alike while somebody watches: the right to be here, and the tick."""

from huizhen.api.access import Access, still
from huizhen.api.audit import Doing
from huizhen.api.guard import deny
from huizhen.api.live_join import refusal
from huizhen.api.parts import Parts
from huizhen.api.session import Session
from huizhen.api.views import counts_view
from huizhen.schemas.ids import StreamId
from huizhen.schemas.states import SessionState

TICK_S = 0.25  # the page marks "late" within half a second
ENDED = frozenset({SessionState.SEALED, SessionState.SEALED_BY_TIMEOUT, SessionState.FAILED})


def check(parts: Parts, access: Access, doing: Doing) -> None:
    """Ask again whether somebody may watch; raises SocketProblem, written down, where not."""
    principal = parts.presence.now(access.principal, parts.now_s)
    denied = still(access, principal, parts.world.queue, parts.now_s)
    if denied is not None:
        deny(parts, doing, access.principal, denied)
        raise refusal(denied)


def tick(parts: Parts, session: Session, stream: StreamId, dropped: int) -> dict[str, object]:
    """Say how far the source is by now."""
    source = session.source(stream.source)
    number, captured_at_ns = source.newest, source.newest_at_ns
    newest = parts.hub.newest(stream)
    if newest is not None and newest.order[0] >= number:
        number, captured_at_ns = newest.order[0], newest.meta.head.clock.captured_at_cloud_ns
    return {
        "type": "tick",
        "server_time_ns": str(parts.now_ns()),
        "newest": number,
        "newest_captured_at_ns": str(captured_at_ns),
        "state": session.state,
        "counts": counts_view(source).model_dump(),
        "dropped": dropped,
    }
