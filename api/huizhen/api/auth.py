"""Verify and issue bearer tokens (RFC 7519, RFC 9068 in spirit): algorithms pinned, issuer, audience and times checked.

Pure: keys and the time are arguments. `keys_io` fetches them.
"""

from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet

from huizhen.api.principal import Principal, from_claims
from huizhen.schemas.errors import BadId

LEEWAY_S = 30  # clocks differ that much between machines without time service
TOKEN_MAX_CHARS = 8_192  # a token with many roles is under 2,000
ACCESS_S = 600
SIGNED_IN_MAX_S = 12 * 3600  # a shift; then a person signs in again
LOCAL_ISSUER = "urn:huizhen:local"
SIGN_IN_AUDIENCE = "huizhen-sign-in"
LOCAL_ALGORITHMS = ("ES256",)
OIDC_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Asymmetric ones only: with a shared secret whoever can verify could also sign"""


class BadToken(Exception):
    """A token that is refused; the message is for our log, never for its bearer."""


class UnknownKey(BadToken):
    """Signed with a key we do not have (yet)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a token must say."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]


def claims_of(token: str, keys: KeySet | ECKey, rules: Rules, now_s: float) -> dict[str, object]:
    """Verify a token and give its claims; raises BadToken."""
    if len(token) > TOKEN_MAX_CHARS:
        raise BadToken(f"{len(token)} characters, limit {TOKEN_MAX_CHARS} (TOKEN_MAX_CHARS)")
    try:
        decoded = jwt.decode(token, keys, algorithms=list(rules.algorithms))
        _registry(rules, now_s).validate(decoded.claims)
    except InvalidKeyIdError as error:
        raise UnknownKey(str(error)) from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadToken(f"{type(error).__name__}: {error}") from error
    return decoded.claims


def _registry(rules: Rules, now_s: float) -> jwt.JWTClaimsRegistry:
    wanted: dict[str, jwt.ClaimsOption] = {
        "aud": {"essential": True, "value": rules.audience},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    if rules.issuer:
        wanted["iss"] = {"essential": True, "value": rules.issuer}
    return jwt.JWTClaimsRegistry(now=int(now_s), leeway=LEEWAY_S, **wanted)


def principal_of(token: str, keys: KeySet | ECKey, rules: Rules, now_s: float) -> Principal:
    """Verify a bearer token; raises BadToken."""
    claims = claims_of(token, keys, rules, now_s)
    try:
        return from_claims(claims)
    except BadId as error:
        raise BadToken(str(error)) from error


def local_rules(audience: str) -> Rules:
    """Give the rules of tokens that the local issuer made."""
    return Rules(LOCAL_ISSUER, audience, LOCAL_ALGORITHMS)


def issue(principal: Principal, key: ECKey, audience: str, now_s: float) -> tuple[str, int]:
    """Sign an access token; return it and its life in seconds (none is left 12 h after sign-in)."""
    until_s = min(now_s + ACCESS_S, principal.signed_in_at_s + SIGNED_IN_MAX_S)
    life_s = int(until_s - now_s)
    if life_s <= 0:
        raise BadToken("signed in too long ago")
    claims: dict[str, object] = {
        "iss": LOCAL_ISSUER,
        "aud": audience,
        "sub": str(principal.subject),
        "institution": str(principal.institution),
        "roles": sorted(principal.roles),
        "name": principal.name,
        "iat": int(now_s),
        "exp": int(now_s) + life_s,
        "auth_time": int(principal.signed_in_at_s),
        "sid": principal.sign_in,
    }
    return jwt.encode({"alg": LOCAL_ALGORITHMS[0], "kid": key.thumbprint()}, claims, key), life_s
