"""Where keys come from."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from huizhen.api.keys_io import NoSecret, OidcTokens, load_local_key


def write(path: Path, content: object, mode: int = 0o600) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)
    return path


def test_a_private_key_of_the_right_kind_is_read(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256")
    loaded = load_local_key(write(tmp_path / "key", key.as_dict(private=True)))
    assert loaded.thumbprint() == key.thumbprint()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "secret",
        "{}",
        "[1]",
        ECKey.generate_key("P-256").as_dict(private=False),
        ECKey.generate_key("P-384").as_dict(private=True),
        RSAKey.generate_key(2048).as_dict(private=True),
        OctKey.generate_key(256).as_dict(private=True),
    ],
)
def test_weak_sample_and_foreign_secrets_are_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(NoSecret, match="EC P-256"):
        load_local_key(write(tmp_path / "key", content))


def test_a_key_that_others_may_read_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = write(tmp_path / "key", ECKey.generate_key("P-256").as_dict(private=True), 0o640)
    with pytest.raises(NoSecret, match="chmod 600"):
        load_local_key(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSecret, match="cannot be read"):
        load_local_key(tmp_path / "nothing")


@pytest.mark.parametrize("issuer", ["http://issuer.example", "ftp://127.0.0.1", "issuer.example", "file:///etc/passwd"])
def test_an_issuer_is_reached_by_https_alone(issuer: str) -> None:
    with pytest.raises(NoSecret, match="https"):
        OidcTokens(issuer, "huizhen")
