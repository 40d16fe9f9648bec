"""The checker on a real session: sound as it is, and each planted fault found. Real Kafka, archive and S3."""

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from pydantic import SecretStr

from huizhen.cli.ledger_check import topics_io
from huizhen.cli.ledger_check.bucket_io import read_bucket
from huizhen.cli.ledger_check.topics_io import read_topics
from huizhen.producers.journal import Entry, Kind
from huizhen.producers.journal_io import Journal
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import KafkaSettings, S3Settings, Settings
from tests.services.forked import huizhen
from tests.services.hospital import Hospital, Running
from tests.services.waiting import wait_for
from tests.unit.sinks import exam

FRAMES = 10  # two instances, of 8 and of 2 frames


class Checked:
    """A stored session, its journal, and the checker as a person runs it."""

    def __init__(self, hospital: Hospital, kafka: KafkaSettings, s3: S3Settings, folder: Path) -> None:
        self.prefix = f"{hospital.stream.tenant}/{hospital.stream.session}/"
        self.bucket = s3.bucket
        self._words = (
            *("ledger-check", "--json", "--no-lag"),
            *("--session", str(hospital.stream.session), "--journal", str(folder / "journals")),
        )
        self._env = {
            **os.environ,
            "HUIZHEN_STATE": str(folder / "state"),
            "HUIZHEN_STATION__TENANT": str(hospital.stream.tenant),
            "HUIZHEN_KAFKA__BOOTSTRAP": kafka.bootstrap,
            "HUIZHEN_S3__ENDPOINT": s3.endpoint,
            "HUIZHEN_S3__BUCKET": s3.bucket,
            "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
            "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
        }

    def run(self, *more: str) -> tuple[int, dict[str, Any]]:
        done = huizhen(*self._words, *more, env=self._env)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def found(self) -> set[str]:
        code, said = self.run()
        assert code == 1
        return {each["check"] for each in said["findings"]}


def journal(folder: Path, hospital: Hospital) -> None:
    session = str(hospital.stream.session)
    made = Journal(folder / "journals" / session, session, 1 << 20)
    for number in range(FRAMES):
        head = exam.meta(number).head
        digests = bytes.fromhex(head.frame_digest), bytes.fromhex(head.pixel_digest)
        made.append(Entry(Kind.FRAME, "probe", number, 0, 1, 1, *digests), exam.coded(exam.COLOUR, number))
    made.close()


@contextmanager
def put_aside(client: Minio, bucket: str, key: str) -> Iterator[bytes]:
    """Give an object's bytes; afterwards it is as it was."""
    response = client.get_object(bucket, key)
    value = response.read()
    response.release_conn()
    yield value
    put(client, bucket, key, value)


def put(client: Minio, bucket: str, key: str, value: bytes) -> None:
    client.put_object(bucket, key, io.BytesIO(value), len(value))


@pytest.mark.timeout(180)
def test_a_real_session_is_sound_and_every_planted_fault_is_found(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], s3_client: Minio, tmp_path: Path
) -> None:
    archive = start()
    hospital.open()
    hospital.frames(*range(FRAMES))
    hospital.seal(FRAMES)
    wait_for(lambda: hospital.commands("session_stored"), 30, "the session is stored")
    journal(tmp_path, hospital)
    checked = Checked(hospital, settings.kafka, settings.s3, tmp_path)
    code, said = checked.run()
    assert (code, said["findings"], said["captured"], said["stored"]) == (0, [], FRAMES, FRAMES)
    assert [name for name, standing in said["checks"].items() if standing != "ok"] == ["L7", "L8", "L9"]

    keys = [str(each.object_name) for each in s3_client.list_objects(checked.bucket, checked.prefix, recursive=True)]
    first, second = sorted(key for key in keys if "/exact/" in key)
    with put_aside(s3_client, checked.bucket, first) as value:
        put(s3_client, checked.bucket, first, value[:-20] + b"!" + value[-19:])
        assert checked.found() == {"L1", "L2"}, "corrupted: not readable, so its frames are gone too"
        s3_client.remove_object(checked.bucket, first)
        assert checked.found() == {"L1"}, "lost"
        put(s3_client, checked.bucket, first, value)
        double = first.replace("/exact/", "/supplement/")
        put(s3_client, checked.bucket, double, value)
        assert checked.found() == {"L6"}, "doubled"
        s3_client.remove_object(checked.bucket, double)
    foreign = second.replace(str(hospital.stream.tenant), "other-clinic", 1)
    with put_aside(s3_client, checked.bucket, second) as value:
        put(s3_client, checked.bucket, foreign, value)
        assert "L3" in checked.found(), "cross-tenant"
        s3_client.remove_object(checked.bucket, foreign)
    (tmp_path / "before.json").write_text(json.dumps(said))
    hospital.frames(*range(FRAMES))
    wait_for(lambda: archive.committed("huizhen.frames", hospital) >= 2 * FRAMES, 60, "the replay was read")
    assert checked.run("--before", str(tmp_path / "before.json"))[0] == 0, "a replay changes nothing"


def test_a_bucket_that_cannot_be_read_is_said_in_one_line_with_the_way_out(s3: S3Settings) -> None:
    keys = "check s3.access_key, s3.secret_key and s3.bucket"
    for changes, said in (
        ({"bucket": "no-such-bucket"}, f"bucket no-such-bucket (NoSuchBucket): {keys}"),
        ({"secret_key": SecretStr("wrong")}, f"bucket {s3.bucket} (SignatureDoesNotMatch): {keys}"),
        ({"secret_key": SecretStr("")}, "set s3.access_key and s3.secret_key"),
        ({"endpoint": "127.0.0.1:9"}, "S3 at 127.0.0.1:9 (NewConnectionError) is not available; trying again in 1 s"),
    ):
        with pytest.raises(Unavailable) as caught:
            read_bucket(s3.model_copy(update=changes), {})
        assert str(caught.value).endswith(said)
        assert "\n" not in str(caught.value)


def test_a_broker_that_is_away_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics_io, "METADATA_S", 0.5)
    with pytest.raises(Unavailable, match=r"^Kafka at 127\.0\.0\.1:9 \([^\n]*\) is not available"):
        read_topics(KafkaSettings(bootstrap="127.0.0.1:9"), {})
