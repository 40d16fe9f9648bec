"""`huizhen verify` as a person runs it, on a real S3: sound, corrupted, missing, chain broken."""

import hashlib
import io
import os
import time
from pathlib import Path

from minio import Minio

from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas.events import LedgerEntry, SealReport
from huizhen.schemas.settings import KafkaSettings, S3Settings
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.store import DICOM
from huizhen.sinks.store_io import S3Store
from tests.services.forked import huizhen
from tests.unit.sinks.desk import Desk
from tests.unit.sinks.test_chain import desk, manifests  # noqa: F401 - a fixture


def verify(s3: S3Settings, kafka: KafkaSettings, folder: Path, *more: str) -> tuple[int, str]:
    env = {
        **os.environ,
        "HUIZHEN_STATE": str(folder / "state"),
        "HUIZHEN_STATION__TENANT": "clinic",
        "HUIZHEN_KAFKA__BOOTSTRAP": kafka.bootstrap,
        "HUIZHEN_S3__ENDPOINT": s3.endpoint,
        "HUIZHEN_S3__BUCKET": s3.bucket,
        "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
    }
    done = huizhen("verify", "exam-1", *more, env=env)
    return done.returncode, done.stdout + done.stderr


def put(client: Minio, s3: S3Settings, key: str, value: bytes) -> None:
    client.put_object(s3.bucket, key, io.BytesIO(value), len(value))


def test_a_stored_session_is_verified_and_each_fault_is_named(
    desk: Desk,  # noqa: F811
    s3: S3Settings,
    kafka: KafkaSettings,
    s3_client: Minio,
    tmp_path: Path,
) -> None:
    for key, value in desk.store.objects.items():
        sha256, lock = hashlib.sha256(value).hexdigest(), desk.store.locks.get(key)
        S3Store(s3).put(key, io.BytesIO(value), len(value), sha256, DICOM, lock=lock)
    assert desk.report is not None
    code, said = verify(s3, kafka, tmp_path)
    assert (code, said.splitlines()[0]) == (1, "no report on the ledger names the end of the chain")
    ensure_topics(kafka, ["clinic"])
    log = KafkaLog(kafka, time.time_ns)
    log.publish([*desk.of(LedgerEntry), *desk.of(SealReport)])
    log.close()
    code, said = verify(s3, kafka, tmp_path)
    assert (code, said.split(": ")[-1]) == (0, "all as it was stored\n")
    first, second, _ = sorted(key for key in desk.store.objects if key.endswith(".dcm"))
    put(s3_client, s3, first, desk.store.objects[first] + b"!")
    s3_client.remove_object(s3.bucket, second)
    code, said = verify(s3, kafka, tmp_path)
    assert code == 1
    assert f"object {first} is not what was stored" in said
    assert f"object {second} is gone" in said
    assert said.endswith("2 faults\n")
    newest = manifests(desk)[1]
    s3_client.remove_object(s3.bucket, newest)
    digest = desk.report.manifest_sha256
    code, said = verify(s3, kafka, tmp_path)
    assert f"manifest {digest[:16]}… was deleted or written over; version" in said, "the lock kept it"
    assert "the chain is broken" not in said
    away = s3.model_copy(update={"bucket": "no-such-bucket"})
    code, said = verify(away, kafka, tmp_path, "--manifest", digest)
    assert (code, said.count("\n"), "NoSuchBucket" in said) == (1, 1, True)
