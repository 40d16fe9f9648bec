"""What the embedded SeaweedFS is told."""

import json
from pathlib import Path

from pydantic import SecretStr

from huizhen.cli.seaweed_server import SeaweedServer, identities, start_command
from huizhen.schemas.settings import S3Settings

SERVER = SeaweedServer(Path("/weed"), Path("/s/s3"), 8333, 12001, 12002, 12003, min_free_bytes=1 << 30)


def test_it_sends_no_statistics_home_and_listens_on_loopback_only() -> None:
    command = start_command(SERVER)
    assert "-master.telemetry=false" in command
    assert "-ip.bind=127.0.0.1" in command


def test_the_archive_is_not_shown_without_a_login() -> None:
    command = start_command(SERVER)
    assert "-filer.disableHttp" in command
    assert f"-s3.config={SERVER.identities_file}" in command
    assert "-s3.autoCreateBucket=false" in command


def test_two_servers_do_not_meet_on_a_fixed_port() -> None:
    assert {"-s3.port.iceberg=0", "-s3.port.lance=0"} <= set(start_command(SERVER))


def test_the_disk_keeps_some_space() -> None:
    assert "-volume.minFreeSpace=1024MiB" in start_command(SERVER)


def test_the_given_keys_are_the_only_ones() -> None:
    s3 = S3Settings(access_key=SecretStr("a"), secret_key=SecretStr("b"))
    (identity,) = json.loads(identities(s3))["identities"]
    assert identity["credentials"] == [{"accessKey": "a", "secretKey": "b"}]


def test_its_socket_files_are_known() -> None:
    assert [str(path) for path in SERVER.sockets] == [
        "/tmp/seaweedfs-s3-8333.sock",
        "/tmp/seaweedfs-s3-grpc-18333.sock",
        "/tmp/seaweedfs-filer-12003.sock",
    ]
