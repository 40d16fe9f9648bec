"""Certificates for servers of tests: an authority of its own, and a server on 127.0.0.1, good for a day."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where they lie."""

    authority: Path
    """Who trusts this trusts the server"""
    key: Path
    chain: Path
    keystore: Path
    """Key and chain in one file, as Kafka wants it"""


def make_certificates(folder: Path) -> Certificates:
    """Write an authority and a server signed by it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificates(folder / "ca.pem", folder / "key.pem", folder / "chain.pem", folder / "keystore.pem")
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("huizhen test authority", None, authority_key, authority_key)
    server = _certificate("127.0.0.1", authority, server_key, authority_key)
    made.authority.write_bytes(authority.public_bytes(PEM))
    made.key.write_bytes(server_key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    made.chain.write_bytes(server.public_bytes(PEM) + authority.public_bytes(PEM))
    made.keystore.write_bytes(made.key.read_bytes() + made.chain.read_bytes())
    return made


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
