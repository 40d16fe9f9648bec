"""What an embedded Apache Kafka (KRaft, one process, loopback) is told: its settings and commands, as values.

Sizes are those of one machine: few threads, small internal topics, a heap of a few hundred MB. Everything a record
passes through allows the largest record of the topic table, so that a record is refused by its topic's limit only.
"""

from dataclasses import dataclass
from pathlib import Path

from huizhen.schemas.topics import RECORD_MAX

MESSAGE_MAX_BYTES = RECORD_MAX + (1 << 20)  # above every topic's own limit
NODE_ID = 1


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """One broker and controller."""

    java: Path
    jars: Path
    log4j: Path
    folder: Path
    port: int
    controller_port: int
    heap_mib: int = 384

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def properties_file(self) -> Path:
        """The settings file of the broker."""
        return self.folder / "server.properties"

    @property
    def data(self) -> Path:
        """The log directory of the broker."""
        return self.folder / "data"


def server_properties(server: KafkaServer) -> dict[str, str]:
    """Give the broker's settings."""
    return {
        "process.roles": "broker,controller",
        "node.id": str(NODE_ID),
        "controller.quorum.voters": f"{NODE_ID}@127.0.0.1:{server.controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{server.port},CONTROLLER://127.0.0.1:{server.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{server.bootstrap}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(server.data),
        "auto.create.topics.enable": "false",  # topics come from the topic table only
        "message.max.bytes": str(MESSAGE_MAX_BYTES),
        "replica.fetch.max.bytes": str(MESSAGE_MAX_BYTES),
        "fetch.max.bytes": str(4 * MESSAGE_MAX_BYTES),
        "log.segment.bytes": str(64 << 20),
        "log.segment.delete.delay.ms": "1000",  # the disk is given back soon: a demo writes 10 GB an hour
        "log.retention.check.interval.ms": "10000",
        "log.cleaner.dedupe.buffer.size": str(16 << 20),  # 128 MB by default, a third of the heap
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "8",  # 50 by default: as many folders and files for a handful of groups
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0",
        "broker.heartbeat.interval.ms": "500",
        "broker.session.timeout.ms": "3000",  # a killed broker is let in again after this; 9 s by default
        "num.network.threads": "1",  # two cores: more threads only wait for each other
        "num.io.threads": "2",
        "socket.receive.buffer.bytes": "-1",  # the kernel's own: with 100 KB a frame comes in pieces
        "socket.send.buffer.bytes": "-1",
        "num.recovery.threads.per.data.dir": "2",
        "controlled.shutdown.enable": "false",  # nobody could take over: it would only lengthen the stop
    }


def properties_text(settings: dict[str, str]) -> str:
    """Write settings as a Java properties file."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def start_command(server: KafkaServer) -> list[str]:
    """Give the command that runs the broker."""
    return [
        str(server.java),
        f"-Xms{min(128, server.heap_mib)}m",
        f"-Xmx{server.heap_mib}m",
        "-XX:+UseSerialGC",  # a broker on two cores beside seven other processes: see docs/adr/0022
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        "-Dlog4j.shutdownHookEnabled=false",  # Kafka's own hook logs after it; the last line should be Kafka's
        f"-Dlog4j2.configurationFile={server.log4j}",
        "-cp",
        f"{server.jars}/*",
        "kafka.Kafka",
        str(server.properties_file),
    ]


def format_command(server: KafkaServer, cluster_id: str) -> list[str]:
    """Give the command that prepares an empty log directory; it leaves a prepared one alone."""
    return [
        str(server.java),
        "-Xmx128m",
        "-XX:TieredStopAtLevel=1",
        f"-Dlog4j2.configurationFile={server.log4j}",
        "-cp",
        f"{server.jars}/*",
        "kafka.tools.StorageTool",
        "format",
        "--ignore-formatted",
        f"--cluster-id={cluster_id}",  # an id may begin with a hyphen
        "--config",
        str(server.properties_file),
    ]
