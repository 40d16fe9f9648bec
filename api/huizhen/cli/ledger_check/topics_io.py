"""The checker's own reading of the topics: a raw consumer, from the first record to the end that was there."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from huizhen.cli.ledger_check.acts import Act, told
from huizhen.cli.ledger_check.history import Refusal, Session
from huizhen.schemas import events
from huizhen.schemas.decision import Choice, read_decision
from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.kafka_io import headers_of
from huizhen.schemas.ranges import from_flat, union
from huizhen.schemas.record import FrameHead, read_frame_headers, read_packet_headers
from huizhen.schemas.rejected import Origin, read_rejected
from huizhen.schemas.routing import read_event
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import Topic, kind_of, tenant_of

SILENCE_S = 15.0  # a broker that has records and sends none for so long is away
METADATA_S = 10.0
READ = (
    Topic.AUDIT, Topic.SESSIONS, Topic.LEDGER, Topic.PACKETS, Topic.BACKFILL, Topic.FRAMES, Topic.REJECTED,
    Topic.UNCLAIMED,
)  # fmt: skip
Sessions = dict[tuple[str, str], Session]
RawHeaders = Sequence[tuple[str, bytes | None]]


def read_topics(kafka: KafkaSettings, sessions: Sessions) -> list[Act]:
    """Read all topics of the broker that say what became of frames; give what was audited. Raises Unavailable."""
    reading = Reading(sessions)
    for topic in READ:
        for message in records(kafka, topic):
            reading.take(topic, message)
    return list(reading.audit.values())


def read_ledger(kafka: KafkaSettings, sessions: Sessions) -> None:
    """Read the ledger alone; raises Unavailable."""
    reading = Reading(sessions)
    for message in records(kafka, Topic.LEDGER):
        reading.take(Topic.LEDGER, message)


def newest_manifest(kafka: KafkaSettings, tenant: str, session: str) -> str:
    """Give the SHA-256 of the manifest that a session's newest report names; empty: no report. Raises Unavailable."""
    sessions: Sessions = {}
    read_ledger(kafka, sessions)
    found = sessions.get((tenant, session))
    return found.reports[-1].manifest_sha256 if found is not None and found.reports else ""


def records(kafka: KafkaSettings, topic: Topic) -> Iterator[Message]:
    """Give every record of a topic, of all institutions, up to the end as it is now; raises Unavailable."""
    ours: dict[str, Any] = {
        "group.id": "huizhen-checker",
        "enable.auto.commit": "false",
        "enable.partition.eof": True,
        "fetch.wait.max.ms": "10",  # a topic's end is said by an empty answer, which a broker holds back for so long
        "log_level": "0",  # what is wrong is said in one line, and by librdkafka with addresses
    }
    consumer = Consumer({**kafka_client_config(kafka), **ours})
    try:
        there = consumer.list_topics(timeout=METADATA_S).topics
        names = sorted(name for name in there if name.startswith("huizhen.") and kind_of(name) == topic)
        left = {(name, number) for name in names for number in there[name].partitions}
        consumer.assign([TopicPartition(name, number, OFFSET_BEGINNING) for name, number in sorted(left)])
        heard_s = time.monotonic()
        while left:
            message = consumer.poll(1.0)
            error = message.error() if message is not None else None
            if message is not None and error is None:
                yield message
                heard_s = time.monotonic()
            elif message is not None and error is not None and error.code() == KafkaError._PARTITION_EOF:
                left.discard((str(message.topic()), int(message.partition() or 0)))
                heard_s = time.monotonic()
            elif time.monotonic() > heard_s + SILENCE_S:  # also while the client only tells of errors
                raise Unavailable(f"Kafka at {kafka.bootstrap} (no record for {SILENCE_S:g} s)")
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} ({error.args[0].str()})") from None
    finally:
        consumer.close()


def origin_of(message: Message) -> Origin:
    """Give where a record stands."""
    return Origin(str(message.topic()), int(message.partition() or 0), int(message.offset() or 0))


class Reading:
    """Sorts records into the histories of their sessions; what cannot be parsed was refused by its reader too."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._packets: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._decided: dict[Origin, Choice] = {}
        self.audit: dict[str, Act] = {}
        """By the event's id: what was told twice is one"""

    def take(self, topic: Topic, message: Message) -> None:
        """Sort a record in."""
        try:
            headers: RawHeaders = headers_of(message)
            if topic in (Topic.REJECTED, Topic.UNCLAIMED):
                self._refusal(headers, origin_of(message))
            elif topic is Topic.FRAMES:
                meta = read_frame_headers(headers)
                if meta.exact:
                    self._whole(meta.head)
            elif topic in (Topic.PACKETS, Topic.BACKFILL):
                packet = read_packet_headers(headers)
                seen = self._packets[topic, str(packet.head.frame)]
                seen.add(packet.index)
                if len(seen) == packet.count:
                    self._whole(packet.head)
            else:
                self.event(read_event(list(headers), message.value()))
        except BadInput:
            return

    def _session(self, tenant: str, session: str) -> Session:
        return self._sessions.setdefault((tenant, session), Session(tenant, session))

    def _whole(self, head: FrameHead) -> None:
        stream = head.frame.stream
        self._session(stream.tenant, stream.session).source(stream.source).acknowledged.add(int(head.frame.number))

    def event(self, event: Any) -> None:
        """Sort an event in; what a station says after a later epoch was announced is a fenced producer's."""
        match event:
            case events.Announced():
                session = self._session(event.tenant, event.session)
                session.epoch = max(session.epoch, event.epoch)
            case events.Progress() | events.Sealed() if event.epoch < self._session(event.tenant, event.session).epoch:
                return
            case events.AuditEvent():
                self.audit[event.event_id] = told(event)
                decision = read_decision(event)
                if decision is not None:
                    self._decided[decision.place] = decision.choice
            case events.LedgerEntry():
                self._session(event.tenant, event.session).source(event.source).entries.append(event)
            case events.SealReport():
                self._session(event.tenant, event.session).reports.append(event)
            case events.Progress():
                source = self._session(event.tenant, event.session).source(event.source)
                source.progress_frames = max(source.progress_frames, event.captured)
                source.dropped = union(source.dropped, from_flat(event.dropped))
            case events.Sealed():
                for each in event.sources:
                    source = self._session(event.tenant, event.session).source(each.source)
                    source.sealed_frames = each.frames
                    source.dropped = union(source.dropped, from_flat(each.dropped))

    def _refusal(self, headers: RawHeaders, place: Origin) -> None:
        rejection = read_rejected(headers)
        head = head_of(rejection.original)
        if head is None:
            return
        stream = head.frame.stream
        tenant = tenant_of(rejection.origin.topic) or tenant_of(place.topic) or ""
        refusal = Refusal(
            stream.source,
            int(head.frame.number),
            rejection.reason,
            tenant,
            head.frame_digest if rejection.is_whole_frame else "",
            self._decided.get(place),
        )
        self._session(stream.tenant, stream.session).source(stream.source).refused.append(refusal)


def head_of(original: RawHeaders) -> FrameHead | None:
    """Read which frame a refused record was of; None where it does not say."""
    for read in (read_packet_headers, read_frame_headers):
        try:
            return read(original).head
        except BadInput:
            continue
    return None
