"""Events as Avro binary: `.avsc` files under avro/ are the truth, the dataclasses in events.py their Python face.

The header `ce_dataschema` names schema and version (`urn:huizhen:schema:progress:1`). A reader takes the writer's
version where it knows it and its own newest otherwise, which is safe because fields are only ever appended to the outer
record (Apache Avro 1.12, schema resolution); records nested in others never change.
"""

import dataclasses
import io
import json
import types
import typing
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import fastavro

from huizhen.schemas import events
from huizhen.schemas.envelope import Envelope
from huizhen.schemas.errors import BadEnvelope, shown

SCHEMA_URN = "urn:huizhen:schema:"
CONTENT_TYPE = "avro/binary"
VERSIONS: dict[type, int] = {
    events.Announced: 2,
    events.GeometryDeclared: 1,
    events.Progress: 1,
    events.Sealed: 1,
    events.FrameVerdict: 1,
    events.LedgerEntry: 1,
    events.SealReport: 2,
    events.ConsultEvent: 1,
    events.Gesture: 1,
    events.Command: 2,
    events.AuditEvent: 1,
}
T = TypeVar("T")
PRIMITIVES = {str: "string", int: "long", float: "double", bool: "boolean", bytes: "bytes"}


def name_of(kind: type) -> str:
    """Give the schema's file and URN name: `LedgerEntry` is `ledger_entry`."""
    return "".join("_" + c.lower() if c.isupper() else c for c in kind.__name__).lstrip("_")


KINDS = {name_of(kind): kind for kind in VERSIONS}


def schema_of(kind: type) -> dict[str, Any]:
    """Derive the Avro record schema of an event's dataclass; a test holds the newest `.avsc` to it."""
    hints = typing.get_type_hints(kind)
    fields = []
    for item in dataclasses.fields(kind):
        entry: dict[str, Any] = {"name": item.name, "type": _type(hints[item.name])}
        if item.default is not dataclasses.MISSING:
            entry["default"] = item.default
        elif item.default_factory is not dataclasses.MISSING:
            made = item.default_factory()
            entry["default"] = dataclasses.asdict(made) if dataclasses.is_dataclass(made) else made  # type: ignore[arg-type] # an instance
        fields.append(entry)
    doc = (kind.__doc__ or "").strip()
    return {"type": "record", "name": kind.__name__, "namespace": "org.huizhen", "doc": doc, "fields": fields}


def _type(hint: Any) -> Any:
    if isinstance(hint, types.GenericAlias):
        return {"type": "array", "items": _type(typing.get_args(hint)[0])}
    return PRIMITIVES[hint] if hint in PRIMITIVES else schema_of(hint)


@cache
def _parsed(name: str, version: int) -> Any:
    file = resources.files("huizhen.schemas").joinpath("avsc", f"{name}.v{version}.avsc")
    return fastavro.parse_schema(json.loads(file.read_text("utf-8")))


def dataschema(kind: type) -> str:
    """Give the URN of the newest schema of an event."""
    return f"{SCHEMA_URN}{name_of(kind)}:{VERSIONS[kind]}"


def encode(event: Any) -> bytes:
    """Encode an event with its newest schema."""
    kind = type(event)
    out = io.BytesIO()
    fastavro.schemaless_writer(out, _parsed(name_of(kind), VERSIONS[kind]), _plain(event))
    return out.getvalue()


def _plain(value: Any) -> Any:
    """Turn dataclasses into dicts; `dataclasses.asdict` also copies every value, at ten times the cost."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    names = getattr(value, "__dataclass_fields__", None)
    return value if names is None else {name: _plain(getattr(value, name)) for name in names}


def decode(envelope: Envelope, value: bytes) -> Any:
    """Decode any of our events by its `dataschema`; raises BadEnvelope."""
    name, _, version = envelope.dataschema.removeprefix(SCHEMA_URN).partition(":")
    kind = KINDS.get(name)
    if kind is None or not version.isdecimal() or int(version) < 1:
        raise BadEnvelope(f"dataschema {shown(envelope.dataschema)} is not known")
    newest = VERSIONS[kind]
    return decode_as(kind, value, min(int(version), newest))


def decode_as(kind: type[T], value: bytes, written: int) -> T:
    """Decode an event that was written with a version not above ours; raises BadEnvelope."""
    name = name_of(kind)
    try:
        found = fastavro.schemaless_reader(io.BytesIO(value), _parsed(name, written), _parsed(name, VERSIONS[kind]))
    except (EOFError, ValueError, IndexError, TypeError, OverflowError, MemoryError, RecursionError) as error:
        raise BadEnvelope(f"the value is no Avro {name}: {type(error).__name__}") from error
    made: T = _build(kind, found)
    return made


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, found: Any) -> Any:
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], value) for name, value in found.items()})


def _value(hint: Any, value: Any) -> Any:
    if isinstance(hint, types.GenericAlias):
        item = typing.get_args(hint)[0]
        return value if item in PRIMITIVES else [_build(item, one) for one in value]
    return value if hint in PRIMITIVES else _build(hint, value)
