"""Read the `sessions` topics on an own thread, hold what is announced against DICOM, and keep it for the agents."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from huizhen.processors import metrics
from huizhen.processors.announcement import Judgement, judge_geometry, judge_session
from huizhen.processors.sessions import Sessions, apply
from huizhen.schemas.errors import Bug
from huizhen.schemas.events import Announced, GeometryDeclared
from huizhen.schemas.kafka_io import EventReader, Place
from huizhen.schemas.reasons import Verdict
from huizhen.schemas.topics import tenant_of

log = structlog.get_logger()
READ_S = 5.0  # for reading the topics to their end; a broker that needs longer is not available


class SessionsReader:
    """Keeps `sessions` up to date."""

    def __init__(self, config: Mapping[str, str], topics: Sequence[str]) -> None:
        self.sessions = Sessions()
        self._reader = EventReader(config, topics, self._take, refused=_count_refused).start()

    async def catch_up(self) -> bool:
        """Read to the topics' present end; say whether that was possible in READ_S."""
        return await asyncio.to_thread(self._reader.catch_up, READ_S)

    def close(self) -> None:
        """Stop reading."""
        self._reader.close(0.5)

    def _take(self, event: Any, place: Place) -> None:
        tenant = tenant_of(place.topic)
        if tenant is None:
            raise Bug(f"{place.topic} is no topic of a tenant")
        if event is None:
            session, _, kind = place.key.partition("|")
            if kind == "announced":
                self.sessions.forget(tenant, session)
            return
        judgement = self._judge(event)
        if judgement.verdict is not Verdict.PASS:
            said = str(judgement.refusal or ", ".join(judgement.lacking))
            log.warning("judged", topic=place.topic, offset=place.offset, verdict=judgement.verdict, what=said)
        if not apply(self.sessions, event, tenant, judgement.refusal):
            log.warning("event_of_another_tenant", topic=place.topic, offset=place.offset)
        metrics.SESSIONS.set(self.sessions.count)

    def _judge(self, event: Any) -> Judgement:
        match event:
            case Announced():
                judgement = judge_session(event)
            case GeometryDeclared():
                session = self.sessions.find(event.tenant, event.session)
                judgement = judge_geometry(event, session.sources.get(event.source) if session else None)
            case _:
                return Judgement()
        metrics.JUDGED.labels(str(judgement.verdict)).inc()
        return judgement


def _count_refused(topic: str) -> None:
    metrics.EVENTS_REFUSED.labels(topic).inc()
