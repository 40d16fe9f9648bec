"""What is kept of a fault that failed: every record of every topic, the bucket's listing, and what the checker says."""

import json
from pathlib import Path

from huizhen.cli.ledger_check.report import table
from huizhen.cli.ledger_check.topics_io import records
from huizhen.cli.seaweed_io import s3_client
from huizhen.schemas.errors import BadInput, HuizhenError
from huizhen.schemas.kafka_io import headers_of
from huizhen.schemas.settings import Settings
from huizhen.schemas.topics import Topic
from tests.faults.checks.ledger import ledger_check

ANSWER_S = 30.0


def keep_evidence(folder: Path, settings: Settings, session: str, journals: list[Path]) -> str:
    """Write all that is left of a session into a folder; gives the checker's table, or why there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for topic in Topic:
            _keep_topic(folder / f"{topic}.jsonl", settings, topic)
        client = s3_client(settings.s3, ANSWER_S)
        listed = client.list_objects(settings.s3.bucket, f"{settings.station.tenant}/", recursive=True)
        (folder / "bucket.txt").write_text("".join(f"{each.size} {each.object_name}\n" for each in listed))
        found = table(ledger_check(settings, session, journals))
    except (HuizhenError, OSError, ValueError) as error:
        found = f"the checker could not read everything: {error}"
    (folder / "ledger.txt").write_text(found + "\n")
    return found


def _keep_topic(path: Path, settings: Settings, topic: Topic) -> None:
    """Write a line per record, and the values one after the other into a file beside it."""
    with path.open("w") as lines, path.with_suffix(".values").open("wb") as values:
        for message in records(settings.kafka, topic):
            value = message.value()
            value = value if isinstance(value, bytes) else b""
            line = {
                "topic": message.topic(), "partition": message.partition(), "offset": message.offset(),
                "key": str(message.key()), "headers": _headers(message), "at": values.tell(), "size": len(value),
            }  # fmt: skip
            lines.write(json.dumps(line) + "\n")
            values.write(value)


def _headers(message: object) -> list[tuple[str, str]]:
    try:
        return [(name, str(value)) for name, value in headers_of(message)]
    except BadInput:
        return [("no text", "")]
