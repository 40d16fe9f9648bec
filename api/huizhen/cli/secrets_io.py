"""Secrets of one machine, kept in the state folder, readable by its owner only.

Its own are made at its first start. Those by which a running `up` reaches a Kafka and an S3 outside stay while it runs.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from joserfc.jwk import ECKey
from pydantic import SecretStr

from huizhen.schemas.settings import S3Settings

FOLDER, S3_KEYS, ISSUER_KEY, CONNECTION = "secrets", "s3.json", "issuer.json", "connection.json"


def _kept(folder: Path, name: str, fresh: str) -> Path:
    """Keep `fresh` under a name unless something is kept there already; give its path."""
    kept = folder / FOLDER
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = kept / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(fresh)
    return path


def s3_keys(folder: Path) -> tuple[SecretStr, SecretStr]:
    """Give the embedded S3's access key and secret key."""
    fresh = {"access_key": secrets.token_hex(10), "secret_key": secrets.token_urlsafe(30)}
    kept = json.loads(_kept(folder, S3_KEYS, json.dumps(fresh)).read_text())
    return SecretStr(kept["access_key"]), SecretStr(kept["secret_key"])


def keep_connection(folder: Path, secret_env: Mapping[str, str]) -> None:
    """Keep the secrets of a running `up` for the other commands on this machine, instead of an earlier run's."""
    forget_connection(folder)
    _kept(folder, CONNECTION, json.dumps(dict(secret_env)))


def connection(folder: Path) -> dict[str, str]:
    """Give the secrets of a running `up`, as environment variables."""
    path = folder / FOLDER / CONNECTION
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def forget_connection(folder: Path) -> None:
    """Remove them: the `up` ends."""
    (folder / FOLDER / CONNECTION).unlink(missing_ok=True)


def with_keys(s3: S3Settings, folder: Path) -> S3Settings:
    """Give the S3 settings with this machine's keys."""
    access, secret = s3_keys(folder)
    return s3.model_copy(update={"access_key": access, "secret_key": secret})


def issuer_key(folder: Path) -> Path:
    """Give the file of the local issuer's private key (JWK, EC P-256)."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
    return _kept(folder, ISSUER_KEY, json.dumps(key.as_dict(private=True)))
