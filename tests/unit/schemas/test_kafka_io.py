"""The reader's and the publisher's threads, with a client that talks to nobody."""

import threading
from collections.abc import Mapping
from typing import Any, cast

from confluent_kafka import Consumer

from huizhen.schemas.errors import BadId, BadInput
from huizhen.schemas.events import Progress
from huizhen.schemas.kafka_io import EventReader, Place, Publisher
from huizhen.schemas.routing import to_record

WAIT_S = 10.0
GOOD = to_record(Progress("clinic", "exam-1", "probe", 1, 0, 7, "0" * 64), "p", 0)
TOPIC = GOOD.topic


class FakeMessage:
    def __init__(self, offset: int, key: bytes = b"exam-1|progress|probe", headers: Any = GOOD.headers) -> None:
        self._offset, self._key, self._headers = offset, key, headers

    def error(self) -> None: ...
    def topic(self) -> str:
        return TOPIC

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self._offset

    def timestamp(self) -> tuple[int, int]:
        return 1, 0

    def key(self) -> bytes:
        return self._key

    def value(self) -> bytes | None:
        return GOOD.value

    def headers(self) -> Any:
        if self._headers is None:
            raise SystemError("returned a result with an exception set")
        return self._headers


class FakeConsumer:
    def __init__(self, messages: list[FakeMessage]) -> None:
        self._messages = messages

    def poll(self, timeout: float) -> FakeMessage | None:
        if not self._messages:
            threading.Event().wait(0.001)
            return None
        return self._messages.pop(0)

    def consume(self, most: int, timeout: float) -> list[FakeMessage]:
        return []

    def list_topics(self, topic: str, timeout: float) -> Any:
        found = type("Found", (), {"error": None, "partitions": {0: None}})
        return type("Metadata", (), {"topics": {topic: found}})

    def get_watermark_offsets(self, where: Any, timeout: float) -> tuple[int, int]:
        return 0, 3

    def assign(self, places: Any) -> None: ...
    def close(self) -> None: ...


class Reader(EventReader):
    fake: FakeConsumer

    def _make(self, more: Mapping[str, str] | None = None) -> Consumer:
        return cast(Consumer, self.fake)


def reader(messages: list[FakeMessage], handler: Any) -> tuple[Reader, list[str], list[BaseException]]:
    refused: list[str] = []
    left: list[BaseException] = []
    Reader.fake = FakeConsumer(messages)
    made = Reader({}, [TOPIC], handler, refused=refused.append, leave=left.append)
    made.start()
    return made, refused, left


def read(messages: list[FakeMessage], handler: Any) -> tuple[list[str], list[BaseException]]:
    made, refused, left = reader(messages, handler)
    assert made.catch_up(WAIT_S)
    made.close()
    return refused, left


def test_a_key_or_a_headers_name_that_is_no_text_ends_no_reader() -> None:
    found: list[int] = []
    bad = [FakeMessage(0, key=b"\xff\xfe"), FakeMessage(1, headers=None), FakeMessage(2)]
    refused, left = read(bad, lambda event, place: found.append(place.offset))
    assert (found, refused, left) == ([2], ["sessions"] * 2, [])


def test_an_event_that_the_handler_refuses_is_counted_and_passed_over() -> None:
    found: list[int] = []

    def handler(event: Any, place: Place) -> None:
        if place.offset == 1:
            raise BadId(kind="source", text="x", rule="y")
        found.append(place.offset)

    refused, left = read([FakeMessage(0), FakeMessage(1), FakeMessage(2)], handler)
    assert (found, refused, left) == ([0, 2], ["sessions"], [])
    assert issubclass(BadId, BadInput)


def test_a_bug_in_a_handler_is_left_with_and_not_survived_in_silence() -> None:
    bug = ZeroDivisionError()

    def handler(event: Any, place: Place) -> None:
        raise bug

    made, refused, left = reader([FakeMessage(0)], handler)
    assert not made.catch_up(0.2)
    made.close()
    assert (refused, left) == ([], [bug])


def test_a_bug_in_a_delivery_reports_handler_is_left_with() -> None:
    left: list[BaseException] = []
    told = threading.Event()
    bug = ZeroDivisionError()

    def leave(error: BaseException) -> None:
        left.append(error)
        told.set()

    def delivered(*_: object) -> None:
        raise bug

    made = Publisher({"bootstrap.servers": "127.0.0.1:1"}, overrides={"message.timeout.ms": 100}, leave=leave)
    made.send_raw("t", "k", b"v", [], delivered)
    assert told.wait(WAIT_S)
    assert left == [bug]
