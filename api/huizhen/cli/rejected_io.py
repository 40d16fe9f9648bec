"""Read what stands on `rejected`, put records back, and write decisions to the audit trail."""

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from huizhen.cli.ledger_check.topics_io import origin_of, records
from huizhen.cli.rejected import Waiting, Wanted, replay_headers, waiting
from huizhen.schemas.decision import Choice, Decision, read_decision, to_audit
from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.ids import SessionId, SubjectId, TenantId
from huizhen.schemas.kafka_io import headers_of
from huizhen.schemas.rejected import Origin, read_rejected
from huizhen.schemas.routing import read_event, to_record
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import PARTITIONER, RECORD_MAX, Topic

DELIVER_S = 30.0
Found = tuple[Waiting, bytes]
"""A record and the original's bytes"""


def decisions(kafka: KafkaSettings) -> dict[Origin, Decision]:
    """Read what was decided, by place, the newest; raises Unavailable."""
    found: dict[Origin, Decision] = {}
    for message in records(kafka, Topic.AUDIT):
        try:
            decision = read_decision(read_event(headers_of(message), message.value()))
        except BadInput:
            continue  # another event's fault, which its own readers told
        if decision is not None:
            found[decision.place] = decision
    return found


def refused(kafka: KafkaSettings, wanted: Wanted) -> Iterator[Found]:
    """Give the records that are meant, one at a time; raises Unavailable."""
    decided = decisions(kafka)
    for message in chain(records(kafka, Topic.REJECTED), records(kafka, Topic.UNCLAIMED)):
        value = message.value() or b""
        try:
            rejection = read_rejected(headers_of(message))
        except BadInput:
            continue  # no record of ours: nothing says where it belongs
        stamp = int(message.timestamp()[1])
        each = waiting((origin_of(message), stamp), rejection, message.key() or b"", len(value), decided)
        if wanted.takes(each):
            yield each, bytes(value)


class Desk:
    """Where a person decides; `by`: who, `why`: in their words, `alliance`: whose audit has what belongs to nobody."""

    def __init__(self, kafka: KafkaSettings, by: SubjectId, why: str, alliance: str) -> None:
        ours: dict[str, Any] = {
            "acks": "all",
            "enable.idempotence": "true",
            "partitioner": PARTITIONER,
            "message.max.bytes": RECORD_MAX,
            "message.timeout.ms": int(DELIVER_S * 1000),
            "allow.auto.create.topics": "false",
        }
        self._producer = Producer({**kafka_client_config(kafka), **ours})
        self._by, self._why, self._alliance = by, why, alliance
        self._failed = ""

    def replay(self, found: Found) -> None:
        """Put a record back where it came from and note the decision; raises Refused, Unavailable.

        The note is written after the record: where this ends between the two, the record may go back twice, and the
        frame is counted once all the same.
        """
        each, value = found
        self._send(each.rejection.origin.topic, each.key, value, replay_headers(each))
        self._note(each, Choice.REPLAY)

    def discard(self, found: Found) -> None:
        """Note that a record will not be replayed; its bytes stay as long as the topic keeps them."""
        self._note(found[0], Choice.DISCARD)

    def _note(self, each: Waiting, choice: Choice) -> None:
        at_ns = time.time_ns()
        session = SessionId(each.session) if each.head else ""
        decision = Decision(
            choice, each.place, TenantId(each.tenant or self._alliance), session, self._by, at_ns, self._why
        )
        event = to_audit(decision)
        record = to_record(event, event.event_id, at_ns)
        self._send(record.topic, record.key.encode(), record.value or b"", list(record.headers))

    def _send(self, topic: str, key: bytes, value: bytes, headers: list[tuple[str, Any]]) -> None:
        self._failed = "no delivery report"
        try:
            self._producer.produce(topic, value, key, headers=headers, on_delivery=self._delivered)
        except KafkaException as error:
            raise Unavailable(f"topic {topic} ({error.args[0].name()})") from None
        self._producer.flush(2 * DELIVER_S)
        if self._failed:
            raise Unavailable(f"topic {topic} ({self._failed})")

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._failed = error.name() if error is not None else ""
