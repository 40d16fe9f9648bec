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


def prepare(server: KafkaServer) -> None:
    """Write the broker's settings and format its log directory when it is new."""
    server.data.mkdir(parents=True, exist_ok=True)
    server.properties_file.write_text(properties_text(server_properties(server)))
    if (server.data / "meta.properties").exists():
        return
    command = format_command(server, cluster_id())
    done = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_S, check=False)
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise Problem(f"Kafka could not prepare {server.data} ({' '.join(last)[:300]})", way_out="look at the folder")


def admin_client(kafka: KafkaSettings) -> AdminClient:
    """Make an admin client that keeps quiet about brokers it does not reach: the caller says it in words."""
    config: dict[str, str | int | float | bool] = {**kafka_client_config(kafka), "log_level": 0}
    return AdminClient(config)


def check_kafka(kafka: KafkaSettings, timeout_s: float = 3.0) -> None:
    """Ask for the cluster's metadata, as every client does first; raises Unavailable."""
    try:
        brokers = admin_client(kafka).list_topics(timeout=timeout_s).brokers
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} ({error.args[0].str()})") from None
    if not brokers:
        raise Unavailable(f"Kafka at {kafka.bootstrap} (it knows no broker)")
