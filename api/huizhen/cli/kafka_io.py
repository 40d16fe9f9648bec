"""Prepare an embedded Kafka and ask any Kafka whether it serves."""

import base64
import subprocess
import uuid

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from huizhen.cli.kafka_server import KafkaServer, format_command, properties_text, server_properties
from huizhen.cli.problem import Problem
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import KafkaSettings, kafka_client_config

FORMAT_S = 60.0


def cluster_id() -> str:
    """Make a new Kafka cluster id: 22 characters of URL-safe base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


def prepare(server: KafkaServer) -> str:
    """Write the broker's settings and format its log directory when it is new; give the id of its cluster."""
    server.data.mkdir(parents=True, exist_ok=True)
    server.properties_file.write_text(properties_text(server_properties(server)))
    meta = server.data / "meta.properties"
    if not meta.exists():
        _format(server)
    return cluster_of(meta.read_text())


def cluster_of(meta: str) -> str:
    """Read the cluster id from the text of `meta.properties`; empty when it is not there."""
    found = [line.partition("=")[2].strip() for line in meta.splitlines() if line.startswith("cluster.id=")]
    return found[0] if found else ""


def _format(server: KafkaServer) -> None:
    command = format_command(server, cluster_id())
    done = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_S, check=False)
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise Problem(f"Kafka could not prepare {server.data} ({' '.join(last)[:300]})", way_out="look at the folder")


def admin_client(kafka: KafkaSettings) -> AdminClient:
    """Make an admin client that keeps quiet about brokers it does not reach: the caller says it in words."""
    config: dict[str, str | int | float | bool] = {**kafka_client_config(kafka), "log_level": 0}
    return AdminClient(config)


def check_kafka(kafka: KafkaSettings, timeout_s: float = 3.0, cluster: str = "") -> None:
    """Ask for the cluster's metadata, as every client does first; raises Unavailable.

    `cluster`: the id it must have, as an address may be answered by somebody else's Kafka; empty: any.
    """
    try:
        found = admin_client(kafka).list_topics(timeout=timeout_s)
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} ({error.args[0].str()})") from None
    if not found.brokers:
        raise Unavailable(f"Kafka at {kafka.bootstrap} (it knows no broker)")
    if cluster and found.cluster_id != cluster:
        raise Unavailable(f"Kafka at {kafka.bootstrap} (another Kafka answers there)")
