"""Three Kafka brokers on one machine, each also a controller, with a fault proxy before each.

Clients and brokers reach a broker by its proxy, which its advertised listener names; controllers talk directly. Topics
have three replicas, and a write is acknowledged when two have it.
"""

import secrets
import shutil
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka.admin import AdminClient

from huizhen.cli.child_io import last_line, spawn, stop
from huizhen.cli.jars_io import fetch_jars
from huizhen.cli.java_io import find_java
from huizhen.cli.kafka_io import admin_client, cluster_id
from huizhen.cli.kafka_server import KafkaServer, format_command, properties_text, server_properties, start_command
from huizhen.cli.ports_io import Claims, free_ports
from huizhen.schemas.bundled import bundled
from huizhen.schemas.settings import KafkaSettings
from tests.faults.services.proxy import CALM, FaultProxy, Weather
from tests.services.broker import CACHE
from tests.services.signalled import Signalled
from tests.services.waiting import wait_for

NODES = 3
HEAP_MIB = 256
START_S = 300.0
FORMAT_S = 120.0
STOP_S = 20.0


class Node(Signalled):
    """One of the brokers."""

    killed_within_s = STOP_S

    def __init__(self, number: int, server: KafkaServer, voters: str) -> None:
        self.number = number
        self.server = server
        self.log = server.folder / "kafka.log"
        self.proxy = FaultProxy(server.port, seed=number)
        self._voters = voters

    def write_properties(self) -> None:
        """Write what the broker reads at its start."""
        ours = {
            "node.id": str(self.number),
            "controller.quorum.voters": self._voters,
            "advertised.listeners": f"PLAINTEXT://{self.proxy.address}",
            "default.replication.factor": str(NODES),
            "min.insync.replicas": "2",
            "offsets.topic.replication.factor": str(NODES),
            "broker.session.timeout.ms": "6000",  # a machine that runs tests is busy: nobody is dead after 3 s
            "controller.quorum.fetch.timeout.ms": "4000",
            "controller.quorum.election.timeout.ms": "2000",
            "replica.lag.time.max.ms": "10000",  # a follower that is cut off holds writes up for so long
        }
        self.server.properties_file.write_text(properties_text(server_properties(self.server) | ours))

    def start(self) -> None:
        """Start it; it answers some seconds later."""
        self._child = spawn(start_command(self.server), self.log)

    def end(self) -> None:
        """Leave nothing running."""
        if self._child is not None:
            self.resume()
            stop(self._child, 1.0)
        self.proxy.close()


class Cluster:
    """Three brokers, from nothing to answering, and back to whole after a fault."""

    def __init__(self, folder: Path) -> None:
        self._claims = Claims()
        ports = free_ports(2 * NODES, self._claims)
        java, jars, log4j = find_java(), fetch_jars(CACHE), bundled("kafka/log4j2.properties")
        pairs = list(zip(ports[:NODES], ports[NODES:], strict=True))
        voters = ",".join(f"{number}@127.0.0.1:{controller}" for number, (_, controller) in enumerate(pairs, 1))
        self.nodes = [
            Node(number, KafkaServer(java, jars, log4j, folder / f"kafka-{number}", port, controller, HEAP_MIB), voters)
            for number, (port, controller) in enumerate(pairs, 1)
        ]

    @property
    def settings(self) -> KafkaSettings:
        """How to reach it: by the proxies."""
        bootstrap = ",".join(node.proxy.address for node in self.nodes)
        return KafkaSettings(
            bootstrap=bootstrap, partitions=4, replication_factor=NODES, min_insync_replicas=2, retention_bytes=1 << 30
        )

    def start(self) -> "Cluster":
        """Format and start all, and wait until they know each other."""
        self._format()
        for node in self.nodes:
            node.start()
        wait_for(self._knows_all, START_S, f"all brokers answer; {[last_line(node.log) for node in self.nodes]}")
        return self

    def _format(self) -> None:
        """Format one and copy it: the brokers differ in two ids, and each format is a JVM that starts."""
        for node in self.nodes:
            node.server.folder.mkdir(parents=True)
            node.write_properties()
        first = self.nodes[0].server
        first.data.mkdir()
        command = format_command(first, cluster_id())
        done = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_S, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        for node in self.nodes[1:]:
            shutil.copytree(first.data, node.server.data)
            meta = node.server.data / "meta.properties"
            lines = [
                line
                for line in meta.read_text().splitlines()
                if line.partition("=")[0] not in ("node.id", "directory.id")
            ]
            own = urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode().lstrip("-")
            meta.write_text("\n".join([*lines, f"node.id={node.number}", f"directory.id={own}", ""]))

    def _admin(self) -> AdminClient:
        return admin_client(self.settings)

    def _knows_all(self) -> bool:
        for node in self.nodes:
            assert node.is_running, f"broker {node.number} ended: {last_line(node.log)}"
        return self._brokers() == NODES

    def _brokers(self) -> int:
        try:
            return len(self._admin().list_topics(timeout=5).brokers)
        except Exception:  # noqa: BLE001 - whatever the client says: not yet
            return 0

    @property
    def is_whole(self) -> bool:
        """Say whether every partition has all its replicas in sync, and a leader."""
        try:
            topics = self._admin().list_topics(timeout=5).topics.values()
        except Exception:  # noqa: BLE001 - whatever the client says: not yet
            return False
        partitions = [each for topic in topics for each in topic.partitions.values()]
        return all(each.leader > 0 and len(each.isrs) == len(each.replicas) for each in partitions)

    def leader(self, topic: str) -> int:
        """Give the number of the broker that leads a topic's first partition, 0 where none does or nobody says."""
        try:
            return max(0, int(self._admin().list_topics(topic, timeout=5).topics[topic].partitions[0].leader))
        except Exception:  # noqa: BLE001 - whatever the client says: not yet
            return 0

    def cut(self) -> None:
        """Let nobody reach a broker, nor a broker another."""
        for node in self.nodes:
            node.proxy.weather = Weather(is_cut=True)

    def heal(self) -> None:
        """Start what is dead, wake what is frozen, make the weather calm, and wait until all replicas are in sync."""
        for node in self.nodes:
            node.proxy.weather = CALM
            if node.is_running:
                node.resume()
            else:
                node.start()
        wait_for(lambda: self.is_whole, START_S, "all replicas are in sync")

    def close(self) -> None:
        """Leave nothing running."""
        for node in self.nodes:
            node.end()
        self._claims.close()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Run a cluster while the block lasts."""
    made = Cluster(folder)
    try:
        yield made.start()
    finally:
        made.close()
        for node in made.nodes:
            shutil.rmtree(node.server.data, ignore_errors=True)
