"""Claims become a principal."""

import pytest

from huizhen.api.principal import from_claims, pseudonym
from huizhen.api.roles import Role
from huizhen.schemas.errors import BadId

CLAIMS: dict[str, object] = {
    "iss": "https://issuer.example", "sub": "ann", "institution": "clinic", "roles": ["viewer", "cook"],
    "exp": 1000, "iat": 400, "sid": "s1", "auth_time": 300, "name": "Ann",
}  # fmt: skip


def test_claims_are_read() -> None:
    principal = from_claims(CLAIMS)
    assert (str(principal.subject), str(principal.institution)) == ("ann", "clinic")
    assert principal.roles == {Role.VIEWER}
    assert (principal.expires_at_s, principal.signed_in_at_s, principal.sign_in) == (1000, 300, "s1")


def test_without_a_sign_in_time_the_issue_time_counts() -> None:
    claims = {name: value for name, value in CLAIMS.items() if name not in {"auth_time", "sid"}}
    assert (from_claims(claims).signed_in_at_s, from_claims(claims).sign_in) == (400, "")


@pytest.mark.parametrize("subject", ["auth0|5f7c8ec7c33c6c004bbafe82", "Ann.Smith@example.org", "a" * 200, "ann\n"])
def test_a_subject_in_another_alphabet_is_hashed(subject: str) -> None:
    made = pseudonym("https://issuer.example", subject)
    assert made == pseudonym("https://issuer.example", subject)
    assert made != pseudonym("https://other.example", subject)
    assert subject.strip() not in made
    assert len(made) == 34


@pytest.mark.parametrize("name", ["sub", "institution", "roles"])
def test_a_missing_claim_is_refused(name: str) -> None:
    with pytest.raises(BadId):
        from_claims({key: value for key, value in CLAIMS.items() if key != name})


def test_the_name_for_display_is_in_no_repr() -> None:
    assert repr(from_claims(CLAIMS)) == "Principal(ann@clinic)"
