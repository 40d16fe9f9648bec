"""All sessions the topics tell of; bounded, the longest announced go first."""

from collections.abc import Callable, Iterable

from huizhen.api.session import Session
from huizhen.schemas.events import Announced, FrameVerdict, GeometryDeclared, LedgerEntry, Progress, Sealed, SealReport

SESSIONS_MAX = 5_000  # with all their frames' flags about 100 MiB at half an hour each
KINDS = (Announced, GeometryDeclared, Progress, Sealed, FrameVerdict, LedgerEntry, SealReport)


class Sessions:
    """Folds events into sessions, by institution and session."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[str, str], Session] = {}

    def take(self, event: object) -> Session | None:
        """Fold an event in; return the session it changed, or None where it tells of none."""
        if not isinstance(event, KINDS):
            return None
        key = (event.tenant, event.session)
        session = self._by_id.get(key)
        if session is None:
            session = self._by_id[key] = Session(*key)
        session.take(event)
        self._bound()
        return session

    def erase(self, tenant: str, key: str) -> None:
        """Take a tombstone's word: with its announcement a session's identity and the session itself are gone."""
        session, _, kind = key.partition("|")
        found = self._by_id.get((tenant, session))
        if found is not None and kind == "announced":
            found.announced = None

    def find(self, tenant: str, session: str) -> Session | None:
        """Give an announced session."""
        found = self._by_id.get((tenant, session))
        return found if found is not None and found.announced is not None else None

    def where(self, wanted: Callable[[Session], bool]) -> list[Session]:
        """Give the announced sessions that are wanted, newest first."""
        return sorted((one for one in self._shown() if wanted(one)), key=order, reverse=True)

    def _shown(self) -> Iterable[Session]:
        return (one for one in self._by_id.values() if one.announced is not None)

    def _bound(self) -> None:
        if len(self._by_id) > SESSIONS_MAX:
            oldest = min(self._by_id, key=lambda key: order(self._by_id[key]))
            del self._by_id[oldest]


def order(session: Session) -> tuple[int, str, str]:
    """Give the place of a session in lists: by its announcement."""
    at_ns = session.announced.begun_at_ns if session.announced is not None else 0
    return at_ns, session.tenant, session.session
