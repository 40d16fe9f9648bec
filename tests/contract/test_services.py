"""The real Kafka and S3 that other tests stand on."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from minio import Minio
from pydantic import SecretStr

from huizhen.cli.seaweed_io import check_s3
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import KafkaSettings, S3Settings, kafka_client_config
from tests.services.store import Store
from tests.services.waiting import wait_for


def test_a_record_of_16_mb_passes_through_the_frames_topic(kafka: KafkaSettings, tenant: str) -> None:
    value = bytes(16 * 1000 * 1000)
    config = kafka_client_config(kafka)
    producer = Producer({**config, "message.max.bytes": 17 << 20})
    producer.produce("huizhen.frames", value, tenant)
    assert producer.flush(30) == 0
    consumer = Consumer({**config, "group.id": tenant, "auto.offset.reset": "earliest"})
    consumer.subscribe(["huizhen.frames"])
    try:
        messages = iter(lambda: consumer.poll(30), None)  # other tests write to this topic too
        assert next(m.value() for m in messages if m.key() == tenant.encode()) == value
    finally:
        consumer.close()


def test_unknown_topics_are_not_created(admin: AdminClient, kafka: KafkaSettings) -> None:
    producer = Producer({**kafka_client_config(kafka), "message.timeout.ms": 2000})
    producer.produce("nobody.asked.for.this", b"x")
    producer.flush(10)
    assert "nobody.asked.for.this" not in admin.list_topics(timeout=10).topics


def test_the_store_refuses_other_keys(s3: S3Settings) -> None:
    wrong = s3.model_copy(update={"secret_key": SecretStr("somebody else's")})
    with pytest.raises(Unavailable, match="refuses our keys"):
        check_s3(wrong)


def test_the_store_says_when_the_bucket_is_missing(s3: S3Settings) -> None:
    with pytest.raises(Unavailable, match="no bucket other-bucket"):
        check_s3(s3.model_copy(update={"bucket": "other-bucket"}))


def test_what_the_store_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    store = Store(tmp_path)
    try:
        store.start_somewhere()
        client = _client(store.settings)
        for number in range(20):
            client.put_object(
                store.settings.bucket, f"o{number}", io.BytesIO(b"%d" % number * 5000), -1, part_size=5 << 20
            )
        store.kill()
        store.start()
        client = _client(store.settings)
        wait_for(lambda: _readable(client, store.settings.bucket, "o0"), 60, "the volumes are back")
        read = [client.get_object(store.settings.bucket, f"o{n}").data for n in range(20)]
        assert read == [b"%d" % n * 5000 for n in range(20)]
    finally:
        store.stop()


def test_a_server_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from huizhen.cli.child_io import spawn;"
        "print(spawn(['sleep', '600'], Path(sys.argv[1])).pid, flush=True); os.read(0, 1)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "log")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_for(lambda: _command(pid).startswith(b"sleep"), 60, "the child runs")
    parent.kill()
    parent.communicate()
    wait_for(lambda: not _command(pid), 60, "the child is gone")


def _client(s3: S3Settings) -> Minio:
    return Minio(
        s3.endpoint, s3.access_key.get_secret_value(), s3.secret_key.get_secret_value(), secure=False, region=s3.region
    )


def _readable(client: Minio, bucket: str, name: str) -> bool:
    try:
        return bool(client.get_object(bucket, name).data)
    except Exception:  # noqa: BLE001  (any failure means: not yet)
        return False


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
