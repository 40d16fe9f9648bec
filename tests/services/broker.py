"""A real Apache Kafka for tests: one process, own folder, free ports."""

import shutil
from dataclasses import replace
from pathlib import Path

from huizhen.cli import kafka_io
from huizhen.cli.child_io import spawn, stop
from huizhen.cli.jars_io import fetch_jars
from huizhen.cli.java_io import find_java
from huizhen.cli.kafka_server import KafkaServer, start_command
from huizhen.cli.ports_io import Claims, free_ports
from huizhen.schemas.bundled import bundled
from huizhen.schemas.settings import KafkaSettings
from tests.services.signalled import Signalled
from tests.services.waiting import wait_until_it_serves

CACHE = Path.home() / ".cache" / "huizhen"
START_S = 180.0  # it needs three seconds; machines that run tests are busy
STOP_S = 10.0


class Broker(Signalled):
    """Start, kill, pause and stop one broker; its port stays the same."""

    killed_within_s = STOP_S

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "kafka.log"
        self._claims = Claims()
        self._new_ports()

    def _new_ports(self) -> None:
        port, controller = free_ports(2, self._claims)
        jars = fetch_jars(CACHE)
        log4j = bundled("kafka/log4j2.properties")
        self._server = KafkaServer(find_java(), jars, log4j, self.folder, port, controller)

    @property
    def settings(self) -> KafkaSettings:
        """How to reach it."""
        return KafkaSettings(bootstrap=self._server.bootstrap, partitions=4, retention_bytes=1 << 30)

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        assert self._child is not None, "the broker does not run"
        return self._child.pid

    def start(self) -> "Broker":
        """Start it and wait until it answers a metadata request."""
        kafka_io.prepare(self._server)
        self._child = spawn(start_command(self._server), self.log)
        wait_until_it_serves(lambda: kafka_io.check_kafka(self.settings, 1.0), self._child, self.log, START_S)
        return self

    def start_somewhere(self) -> "Broker":
        """Start it, on other ports when somebody took ours between choice and use."""
        try:
            return self.start()
        except AssertionError:
            self.stop()
            self._new_ports()
            return self.start()

    def on_port(self, port: int) -> "Broker":
        """Advertise another port (for a proxy in between); before `start`."""
        self._server = replace(self._server, port=port)
        return self

    def kill(self) -> None:
        """Kill -9, as a crash would; what does not run is left alone."""
        if self._child is not None:
            super().kill()

    def stop(self) -> None:
        """End it; its logs stay."""
        if self._child is not None:
            stop(self._child, STOP_S)
            self._child = None
        self._claims.close()

    def remove_data(self) -> None:
        """Give the disk back."""
        shutil.rmtree(self._server.data, ignore_errors=True)
