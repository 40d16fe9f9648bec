"""A real Kafka that wants TLS and a login, as one outside would."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from huizhen.cli import kafka_io
from huizhen.cli.child_io import spawn
from huizhen.cli.kafka_server import KafkaServer, properties_text, server_properties, start_command
from huizhen.schemas.settings import KafkaSettings
from tests.services.broker import START_S, Broker
from tests.services.waiting import wait_until_it_serves

USER, PASSWORD = "huizhen", "only-for-tests"


class SecureBroker(Broker):
    """A broker with SASL_SSL (mechanism PLAIN) and a certificate of its own authority."""

    @property
    def authority(self) -> Path:
        """The PEM file of the authority that signed the broker."""
        return self.folder / "ca.pem"

    @property
    def settings(self) -> KafkaSettings:
        """How to reach it."""
        return super().settings.model_copy(
            update={
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": "PLAIN",
                "sasl_username": USER,
                "sasl_password": SecretStr(PASSWORD),
                "ssl_ca_location": self.authority,
            }
        )

    def start(self) -> "SecureBroker":
        """Start it and wait until it answers over TLS."""
        keystore = make_certificates(self.folder)
        kafka_io.prepare(self._server)
        self._server.properties_file.write_text(properties_text(secured(self._server, keystore)))
        self._child = spawn(start_command(self._server), self.log)
        wait_until_it_serves(lambda: kafka_io.check_kafka(self.settings, 2.0), self._child, self.log, START_S)
        return self


def secured(server: KafkaServer, keystore: Path) -> dict[str, str]:
    """Give broker settings whose client listener is SASL_SSL; the controller stays inside the process."""
    listener = f"SASL_SSL://127.0.0.1:{server.port}"
    login = f'org.apache.kafka.common.security.plain.PlainLoginModule required username="{USER}" password="{PASSWORD}"'
    return server_properties(server) | {
        "listeners": f"{listener},CONTROLLER://127.0.0.1:{server.controller_port}",
        "advertised.listeners": listener,
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": f'{login} user_{USER}="{PASSWORD}";',
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(keystore.with_name("ca.pem")),
    }


def make_certificates(folder: Path) -> Path:
    """Write `ca.pem` and a keystore (key and chain) for 127.0.0.1, good for a day; give the keystore."""
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("huizhen test authority", None, authority_key, authority_key)
    server = _certificate("127.0.0.1", authority, server_key, authority_key)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    key = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    keystore = folder / "keystore.pem"
    keystore.write_bytes(key + server.public_bytes(pem) + authority.public_bytes(pem))
    return keystore


def _certificate(
    name: str, issuer: x509.Certificate | None, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(signer, hashes.SHA256())
