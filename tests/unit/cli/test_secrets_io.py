"""Secrets are made once and are their owner's."""

import json
from pathlib import Path

from joserfc.jwk import ECKey

from huizhen.cli.secrets_io import issuer_key, s3_keys, with_keys
from huizhen.schemas.settings import S3Settings


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = s3_keys(tmp_path)
    assert s3_keys(tmp_path) == first
    assert len(first[1].get_secret_value()) >= 40
    assert s3_keys(tmp_path / "other") != first


def test_keys_are_not_shown(tmp_path: Path) -> None:
    settings = with_keys(S3Settings(), tmp_path)
    assert settings.secret_key.get_secret_value() not in repr(settings)


def test_the_issuers_key_is_a_private_p_256_key_made_once(tmp_path: Path) -> None:
    path = issuer_key(tmp_path)
    text = path.read_text()
    key = ECKey.import_key(json.loads(text))
    assert key.is_private
    assert key.curve_name == "P-256"
    assert issuer_key(tmp_path).read_text() == text
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
