"""A real Kafka that wants TLS and a login, as one outside would."""

import subprocess
from pathlib import Path

from pydantic import SecretStr

from huizhen.cli import kafka_io
from huizhen.cli.child_io import spawn
from huizhen.cli.kafka_server import KafkaServer, format_command, properties_text, server_properties, start_command
from huizhen.schemas.settings import KafkaSettings
from tests.services.broker import START_S, Broker
from tests.services.certificates import Certificates, make_certificates
from tests.services.waiting import wait_until_it_serves

USER, PASSWORD = "huizhen", "only-for-tests"


class SecureBroker(Broker):
    """A broker with SASL_SSL (SCRAM-SHA-512, PLAIN too) and a certificate of its own authority."""

    @property
    def authority(self) -> Path:
        """The PEM file of the authority that signed the broker."""
        return self.folder / "ca.pem"

    @property
    def settings(self) -> KafkaSettings:
        """How to reach it, by the mechanism that is the default."""
        return super().settings.model_copy(
            update={
                "security_protocol": "SASL_SSL",
                "sasl_username": USER,
                "sasl_password": SecretStr(PASSWORD),
                "ssl_ca_location": self.authority,
            }
        )

    def start(self) -> "SecureBroker":
        """Start it and wait until it answers over TLS."""
        certificates = make_certificates(self.folder)
        format_with_login(self._server)
        kafka_io.prepare(self._server)
        self._server.properties_file.write_text(properties_text(secured(self._server, certificates)))
        self._child = spawn(start_command(self._server), self.log)
        wait_until_it_serves(lambda: kafka_io.check_kafka(self.settings, 2.0), self._child, self.log, START_S)
        return self


def format_with_login(server: KafkaServer) -> None:
    """Prepare the log directory with a SCRAM login in it, as KRaft wants it; a prepared one is left alone."""
    server.data.mkdir(parents=True, exist_ok=True)
    server.properties_file.write_text(properties_text(server_properties(server)))
    login = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
    command = [*format_command(server, kafka_io.cluster_id()), "--add-scram", login]
    subprocess.run(command, capture_output=True, timeout=START_S, check=True)


def secured(server: KafkaServer, certificates: Certificates) -> dict[str, str]:
    """Give broker settings whose client listener is SASL_SSL; the controller stays inside the process."""
    listener = f"SASL_SSL://127.0.0.1:{server.port}"
    login = f'org.apache.kafka.common.security.plain.PlainLoginModule required username="{USER}" password="{PASSWORD}"'
    return server_properties(server) | {
        "listeners": f"{listener},CONTROLLER://127.0.0.1:{server.controller_port}",
        "advertised.listeners": listener,
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "SASL_SSL",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "listener.name.sasl_ssl.plain.sasl.jaas.config": f'{login} user_{USER}="{PASSWORD}";',
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificates.keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.authority),
    }
