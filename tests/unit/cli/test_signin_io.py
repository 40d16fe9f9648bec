"""The sign-in link works with the api's local issuer, once."""

import json
import re
import time
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from huizhen.api.auth import BadToken
from huizhen.api.roles import Role
from huizhen.api.signin import LocalIssuer
from huizhen.cli.secrets_io import issuer_key
from huizhen.cli.signin_io import ROLES, sign_in_code

PAGE_TAKES = re.compile(r"[A-Za-z0-9._~-]{8,4096}")  # api/web/src/api/token.ts


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return issuer_key(tmp_path)


def issuer(key_file: Path) -> LocalIssuer:
    return LocalIssuer(ECKey.import_key(json.loads(key_file.read_text())), "huizhen", {})


def test_a_code_signs_a_person_in_once(key_file: Path) -> None:
    now_s = time.time()
    local, code = issuer(key_file), sign_in_code(key_file, "clinic-7", now_s)
    assert PAGE_TAKES.fullmatch(code)
    principal, _ = local.sign_in(code, now_s + 60)
    assert principal.institution == "clinic-7"
    assert principal.roles == frozenset(Role(role) for role in ROLES)
    with pytest.raises(BadToken, match="used already"):
        local.sign_in(code, now_s + 61)


def test_codes_differ_and_end(key_file: Path) -> None:
    now_s = time.time()
    assert sign_in_code(key_file, "clinic", now_s) != sign_in_code(key_file, "clinic", now_s)
    with pytest.raises(BadToken):
        issuer(key_file).sign_in(sign_in_code(key_file, "clinic", now_s), now_s + 13 * 3600)


def test_another_machines_key_opens_nothing(key_file: Path, tmp_path: Path) -> None:
    code = sign_in_code(issuer_key(tmp_path / "other"), "clinic", time.time())
    with pytest.raises(BadToken):
        issuer(key_file).sign_in(code, time.time())
