"""`huizhen verify` as a person runs it, on a real S3: sound, corrupted, missing, chain broken."""

import io
import os
import subprocess
import sys
from pathlib import Path

from minio import Minio

from huizhen.schemas.settings import S3Settings
from tests.unit.sinks.desk import Desk
from tests.unit.sinks.test_chain import desk, manifests  # noqa: F401 - a fixture


def verify(s3: S3Settings, folder: Path) -> tuple[int, str]:
    env = {
        **os.environ,
        "HUIZHEN_STATE": str(folder / "state"),
        "HUIZHEN_STATION__TENANT": "clinic",
        "HUIZHEN_S3__ENDPOINT": s3.endpoint,
        "HUIZHEN_S3__BUCKET": s3.bucket,
        "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
    }
    command = [sys.executable, "-m", "huizhen.cli", "verify", "exam-1"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def put(client: Minio, s3: S3Settings, key: str, value: bytes) -> None:
    client.put_object(s3.bucket, key, io.BytesIO(value), len(value))


def test_a_stored_session_is_verified_and_each_fault_is_named(
    desk: Desk,  # noqa: F811
    s3: S3Settings,
    s3_client: Minio,
    tmp_path: Path,
) -> None:
    for key, value in desk.store.objects.items():
        put(s3_client, s3, key, value)
    code, said = verify(s3, tmp_path)
    assert (code, said.split(": ")[-1]) == (0, "all as it was stored\n")
    first, second, _ = sorted(key for key in desk.store.objects if key.endswith(".dcm"))
    put(s3_client, s3, first, desk.store.objects[first] + b"!")
    s3_client.remove_object(s3.bucket, second)
    code, said = verify(s3, tmp_path)
    assert code == 1
    assert f"object {first} is not what was stored" in said
    assert f"object {second} is gone" in said
    assert said.endswith("2 faults\n")
    s3_client.remove_object(s3.bucket, manifests(desk)[0])
    code, said = verify(s3, tmp_path)
    assert (code, "the chain is broken" in said) == (1, True)
