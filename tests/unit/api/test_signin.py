"""One-use codes."""

import pytest

from huizhen.api.auth import BadToken
from huizhen.api.signin import LocalIssuer
from tests.services.fake_api import KEY, START_S
from tests.services.sign_in import make_code


def test_a_code_works_once() -> None:
    issuer = LocalIssuer(KEY, "huizhen", {})
    code = make_code(KEY, "ann", "clinic", ["viewer"], START_S)
    principal, jti = issuer.sign_in(code, START_S + 5)
    assert (principal.subject, principal.sign_in, principal.signed_in_at_s) == ("ann", jti, START_S + 5)
    with pytest.raises(BadToken, match="used already"):
        issuer.sign_in(code, START_S + 6)


def test_a_code_used_before_a_restart_stays_used() -> None:
    code = make_code(KEY, "ann", "clinic", ["viewer"], START_S, jti="used-before")
    issuer = LocalIssuer(KEY, "huizhen", {"used-before": START_S + 600.0})
    with pytest.raises(BadToken, match="used already"):
        issuer.sign_in(code, START_S)


def test_old_codes_are_forgotten_once_nobody_can_use_them() -> None:
    used = {"old-one": 5.0}
    LocalIssuer(KEY, "huizhen", used).sign_in(make_code(KEY, "ann", "clinic", [], START_S), START_S)
    assert "old-one" not in used
    assert len(used) == 1
