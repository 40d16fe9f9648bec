from pathlib import Path

import yaml

from huizhen.schemas import asyncapi
from huizhen.schemas.topics import TABLE

FILE = Path(__file__).parents[3] / "docs" / "asyncapi.yaml"


def test_the_published_document_is_the_table() -> None:
    assert FILE.read_text("utf-8") == asyncapi.text(), "run: python -m huizhen.schemas.asyncapi > docs/asyncapi.yaml"


def test_every_topic_and_message_is_in_it() -> None:
    found = yaml.safe_load(asyncapi.text())
    assert set(found["channels"]) == {str(row.topic) for row in TABLE}
    assert found["channels"]["packets"]["address"] == "huizhen.{tenant}.packets"
    assert found["channels"]["frames"]["bindings"]["kafka"]["topicConfiguration"]["max.message.bytes"] == 16 << 20
    fields = found["components"]["messages"]["announced"]["payload"]["schema"]["fields"]
    assert {"access_mode", "consent", "study_instance_uid", "order_uid"} <= {field["name"] for field in fields}


def test_every_reference_points_somewhere() -> None:
    found = yaml.safe_load(asyncapi.text())
    for channel in found["channels"].values():
        for message in channel["messages"].values():
            assert message["$ref"].rsplit("/", 1)[1] in found["components"]["messages"]
