"""Notes of the journal: what changes besides pixels, as JSON; events inside are Avro in base64."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from huizhen.schemas import avro
from huizhen.schemas.events import Announced, GeometryDeclared
from huizhen.schemas.ranges import Ranges


@dataclass(frozen=True, slots=True)
class Note:
    """A change of what the journal says besides pixels; what is absent stays as it was."""

    epoch: int | None = None
    boot: str = ""
    announced: Announced | None = None
    geometries: tuple[GeometryDeclared, ...] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    acked: Mapping[str, Ranges] = field(default_factory=dict)
    dropped: Mapping[str, Mapping[str, Ranges]] = field(default_factory=dict)
    """By reason, then by source"""
    ended: bool | None = None
    sealed: bool | None = None


def write_note(note: Note) -> bytes:
    """Encode a note."""
    said: dict[str, Any] = {
        "epoch": note.epoch,
        "boot": note.boot or None,
        "announced": _event(note.announced) if note.announced else None,
        "geometries": [_event(geometry) for geometry in note.geometries] or None,
        "rates": dict(note.rates) or None,
        "acked": {name: numbers.flat() for name, numbers in note.acked.items()} or None,
        "dropped": {reason: {n: r.flat() for n, r in sources.items()} for reason, sources in note.dropped.items()}
        or None,
        "ended": note.ended,
        "sealed": note.sealed,
    }
    return json.dumps({name: value for name, value in said.items() if value is not None}).encode()


def read_note(payload: bytes) -> Note:
    """Parse what `write_note` made; the record's CRC has vouched for it."""
    said = json.loads(payload)
    announced = said.get("announced")
    return Note(
        epoch=said.get("epoch"),
        boot=said.get("boot", ""),
        announced=_read(Announced, announced) if announced else None,
        geometries=tuple(_read(GeometryDeclared, one) for one in said.get("geometries", ())),
        rates=said.get("rates", {}),
        acked={name: _ranges(flat) for name, flat in said.get("acked", {}).items()},
        dropped={
            reason: {name: _ranges(flat) for name, flat in sources.items()}
            for reason, sources in said.get("dropped", {}).items()
        },
        ended=said.get("ended"),
        sealed=said.get("sealed"),
    )


def _ranges(flat: list[int]) -> Ranges:
    return Ranges(zip(flat[::2], flat[1::2], strict=True))


def _event(event: Announced | GeometryDeclared) -> list[Any]:
    return [avro.VERSIONS[type(event)], base64.b64encode(avro.encode(event)).decode()]


def _read(kind: Any, said: list[Any]) -> Any:
    return avro.decode_as(kind, base64.b64decode(said[1]), min(said[0], avro.VERSIONS[kind]))
