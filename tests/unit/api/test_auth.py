"""Tokens are verified by pinned rules; tests/security/test_tokens.py has the attacks."""

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from huizhen.api.auth import OIDC_ALGORITHMS, BadToken, Rules, UnknownKey, issue, local_rules, principal_of
from huizhen.api.roles import Role
from tests.services.fake_api import KEY, START_S, FakeApi

CLAIMS = {"aud": "huizhen", "sub": "ann", "institution": "clinic", "roles": ["viewer"], "exp": START_S + 9}
ISSUER = "https://issuer.example"
RULES = Rules(ISSUER, "huizhen", OIDC_ALGORITHMS)


def test_what_is_issued_is_verified() -> None:
    token, life_s = issue(FakeApi().principal("expert", "trainee"), KEY, "huizhen", START_S)
    principal = principal_of(token, KEY, local_rules("huizhen"), START_S + 1)
    assert life_s == 600
    assert principal.roles == {Role.EXPERT, Role.TRAINEE}
    assert principal.key == ("ann", "clinic", "in-ann")
    assert principal.expires_at_s == START_S + 600


def test_nothing_is_issued_twelve_hours_after_the_sign_in() -> None:
    principal = FakeApi().principal("expert")
    _, life_s = issue(principal, KEY, "huizhen", START_S + 12 * 3600 - 5)
    assert life_s == 5
    with pytest.raises(BadToken, match="too long ago"):
        issue(principal, KEY, "huizhen", START_S + 12 * 3600)


@pytest.mark.parametrize(("algorithm", "key"), [("ES256", KEY), ("RS256", RSAKey.generate_key(2048))])
def test_a_key_is_found_by_its_name_in_a_set(algorithm: str, key: ECKey | RSAKey) -> None:
    key.ensure_kid()
    keys = KeySet([ECKey.generate_key("P-256"), key])
    token = jwt.encode({"alg": algorithm, "kid": key.kid}, {"iss": ISSUER, **CLAIMS}, key)
    assert principal_of(token, keys, RULES, START_S).subject == "ann"


def test_a_key_that_is_not_in_the_set_is_told_apart() -> None:
    keys = KeySet([ECKey.generate_key("P-256"), ECKey.generate_key("P-256")])
    token = jwt.encode({"alg": "ES256", "kid": "new"}, {"iss": ISSUER, **CLAIMS}, KEY)
    with pytest.raises(UnknownKey):
        principal_of(token, keys, RULES, START_S)
