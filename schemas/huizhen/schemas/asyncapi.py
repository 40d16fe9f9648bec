"""The topics as an AsyncAPI 3.0 document: `python -m huizhen.schemas.asyncapi > docs/asyncapi.yaml`."""

import json
import sys
from typing import Any

import yaml

from huizhen.schemas import avro
from huizhen.schemas.settings import KafkaSettings
from huizhen.schemas.topics import TABLE, Row, topics_for

PLACEHOLDER = "tenant"
BINARY = {
    "packet.v1": ("application/octet-stream", "A packet of a coded frame: docs/topics/wire.md"),
    "frame.v1": ("image/jphc", "A JPEG 2000 Part 15 codestream; provenance in the header huizhen-provenance"),
    "rejected.v1": (
        "application/octet-stream",
        "The refused bytes whole; the original's headers are prefixed orig_, or all in huizhen-orig-headers."
        " Of what its station could not read: masked pixels or nothing, and where the station keeps the original",
    ),
}


def _message(name: str) -> dict[str, Any]:
    if name in BINARY:
        content_type, summary = BINARY[name]
        return {"name": name, "contentType": content_type, "summary": summary}
    kind = avro.KINDS[name]
    payload = {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "schema": avro.schema_of(kind)}
    return {
        "name": name,
        "contentType": avro.CONTENT_TYPE,
        "summary": (kind.__doc__ or "").strip(),
        "headers": {"type": "object", "properties": {"ce_dataschema": {"const": avro.dataschema(kind)}}},
        "payload": payload,
    }


def _channel(row: Row, address: str, config: dict[str, str]) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": address,
        "title": str(row.topic),
        "description": f"{row.summary}. Key: {row.key}. From {row.writers} to {row.readers}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in row.holds},
        "bindings": {
            "kafka": {
                "topicConfiguration": {
                    "cleanup.policy": [config["cleanup.policy"]],
                    "max.message.bytes": int(config["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }
    if row.per_tenant:
        channel["parameters"] = {PLACEHOLDER: {"description": "Id of the institution"}}
    return channel


def document() -> dict[str, Any]:
    """Build the AsyncAPI document of all topics."""
    specs = dict(zip(TABLE, topics_for([PLACEHOLDER], KafkaSettings()), strict=True))
    channels, operations = {}, {}
    for row, spec in specs.items():
        address = spec.name.replace(f".{PLACEHOLDER}.", f".{{{PLACEHOLDER}}}.") if row.per_tenant else spec.name
        channels[str(row.topic)] = _channel(row, address, spec.config)
        for action, who in (("send", row.writers), ("receive", row.readers)):
            operations[f"{action}_{row.topic}"] = {
                "action": action,
                "channel": {"$ref": f"#/channels/{row.topic}"},
                "summary": f"{who} {'write' if action == 'send' else 'read'} it",
            }
    names = sorted({name for row in TABLE for name in row.holds})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Huizhen", "version": "1", "description": "CloudEvents 1.0 in Kafka binary mode throughout."},
        "defaultContentType": avro.CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": {name: _message(name) for name in names}},
    }


def text() -> str:
    """Give the document as YAML."""
    plain = json.loads(json.dumps(document()))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    sys.stdout.write(text())
