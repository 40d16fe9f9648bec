import contextlib
import copy
import dataclasses
import io
import json
import typing
from importlib import resources
from typing import Any

import fastavro
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse
from hypothesis import given
from hypothesis import strategies as st

from huizhen.schemas import avro, avsc_files, events, routing
from huizhen.schemas.envelope import from_headers
from huizhen.schemas.errors import BadEnvelope, BadId

ANNOUNCED = events.Announced(
    alliance="al", tenant="clinic", campus="main", room="r1", station="s1", session="exam-1", epoch=1,
    announced_at_ns=5,
    sources=[events.SourceInfo("probe", "probe", "1.2", "us", 1, 30, "01", [19.5], ["ISO_10918_1"])],
    modality="US", access_mode="B", partitions=8, study_instance_uid="1.2.3", patient_name="王^小",
    consent=events.Consent(True, 4, "nurse", "consult"),
)  # fmt: skip
COMMAND = events.Command("clinic", "s1", "resend", 9, "exam-1", "probe", 3, 7)


@pytest.mark.parametrize("kind", avro.VERSIONS, ids=avro.name_of)
def test_the_newest_avsc_is_its_dataclass(kind: type) -> None:
    file = avsc_files.FOLDER / f"{avro.name_of(kind)}.v{avro.VERSIONS[kind]}.avsc"
    assert file.read_text("utf-8") == avsc_files.text_of(kind)


@pytest.mark.parametrize("kind", avro.VERSIONS, ids=avro.name_of)
def test_every_released_version_can_be_read_and_only_appends(kind: type) -> None:
    folder = resources.files("huizhen.schemas").joinpath("avsc")
    texts = [
        folder.joinpath(f"{avro.name_of(kind)}.v{version}.avsc").read_text("utf-8")
        for version in range(1, avro.VERSIONS[kind] + 1)
    ]
    newest = json.loads(texts[-1])
    for text in texts:
        older = json.loads(text)
        assert newest["fields"][: len(older["fields"])] == older["fields"]
        assert all("default" in field for field in newest["fields"][len(older["fields"]) :])
        checker = ReaderWriterCompatibilityChecker()
        for reader, writer in ((newest, older), (older, newest)):
            found = checker.get_compatibility(parse(json.dumps(reader)), parse(json.dumps(writer)))
            assert found.compatibility is SchemaCompatibilityType.compatible


@pytest.mark.parametrize("event", [ANNOUNCED, COMMAND])
def test_an_event_comes_back_from_its_record(event: Any) -> None:
    record = routing.to_record(event, "id-1", 7)
    assert routing.read_event(list(record.headers), record.value) == event
    assert from_headers(record.headers).time_ns == 0  # 7 ns are below the microsecond of ce_time


def test_records_go_to_their_topic_under_their_key() -> None:
    assert (routing.to_record(ANNOUNCED, "1", 0).topic, routing.key_of(ANNOUNCED)) == (
        "huizhen.clinic.sessions",
        "exam-1|announced",
    )
    assert (routing.to_record(COMMAND, "1", 0).topic, routing.key_of(COMMAND)) == ("huizhen.clinic.commands", "s1")


def made(kind: type, tenant: str) -> Any:
    """An event of any kind, as two institutions could both write it."""
    values: dict[type, Any] = {str: "exam-1", int: 1, float: 1.0, bool: True}
    hints = typing.get_type_hints(kind)
    filled = {
        one.name: values.get(hints[one.name], [])
        for one in dataclasses.fields(kind)
        if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    }
    return kind(**{**filled, "tenant": tenant})


@pytest.mark.parametrize("kind", routing.TOPIC_OF, ids=avro.name_of)
def test_two_institutions_events_of_one_session_id_never_share_a_key(kind: type) -> None:
    ours, theirs = (routing.to_record(made(kind, tenant), "1", 0) for tenant in ("clinic", "evil"))
    assert ours.topic != theirs.topic or ours.key != theirs.key or kind is events.FrameVerdict


@pytest.mark.parametrize("kind", routing.TOPIC_OF, ids=avro.name_of)
def test_an_event_is_taken_from_its_own_topic_only(kind: type) -> None:
    event = made(kind, "clinic")
    own = routing.to_record(event, "1", 0).topic
    routing.check_place(event, own)
    foreign = {"huizhen.evil.sessions", "huizhen.clinic.commands", "huizhen.frames", "huizhen.ledger", "other"} - {own}
    for topic in foreign:
        with pytest.raises(BadEnvelope):
            routing.check_place(event, topic)


def test_an_announcement_for_another_institution_is_refused() -> None:
    with pytest.raises(BadEnvelope, match=r"huizhen.clinic.sessions stands on 'huizhen.evil.sessions'"):
        routing.check_place(ANNOUNCED, "huizhen.evil.sessions")


def test_a_tenant_that_is_none_is_refused() -> None:
    with pytest.raises(BadId):
        routing.check_place(dataclasses.replace(ANNOUNCED, tenant="evil.x/.."), "huizhen.evil.sessions")


def test_a_part_of_an_event_is_no_event() -> None:
    with pytest.raises(BadEnvelope, match="Consent"):
        routing.check_place(ANNOUNCED.consent, "huizhen.clinic.sessions")


def test_a_tombstone_is_nothing() -> None:
    assert routing.read_event([], None) is None


def newer(kind: type) -> dict[str, Any]:
    schema = copy.deepcopy(avro.schema_of(kind))
    schema["fields"].append({"name": "new_field", "type": "string", "default": "x"})
    return schema


def test_an_old_reader_reads_a_newer_writer() -> None:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, newer(events.Command), {**routing.as_json(COMMAND), "new_field": "from the future"})
    record = routing.to_record(COMMAND, "id", 0)
    headers: list[tuple[str, bytes | None]] = [
        (n, b"urn:huizhen:schema:command:2" if n == "ce_dataschema" else v) for n, v in record.headers
    ]
    assert routing.read_event(headers, out.getvalue()) == COMMAND


def test_a_new_reader_reads_an_older_writer() -> None:
    found = fastavro.schemaless_reader(
        io.BytesIO(avro.encode(COMMAND)), avro.schema_of(events.Command), newer(events.Command)
    )
    assert found["new_field"] == "x"
    assert found["last"] == 7


@pytest.mark.parametrize(
    "urn", ["", "urn:huizhen:schema:nothing:1", "urn:huizhen:schema:command:0", "urn:huizhen:schema:command:x"]
)
def test_an_unknown_schema_is_refused(urn: str) -> None:
    record = routing.to_record(COMMAND, "id", 0)
    headers: list[tuple[str, bytes | None]] = [
        (n, urn.encode() if n == "ce_dataschema" else v) for n, v in record.headers
    ]
    with pytest.raises(BadEnvelope):
        routing.read_event(headers, record.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_refused(value: bytes) -> None:
    with contextlib.suppress(BadEnvelope):
        avro.decode_as(events.Command, value, 1)
