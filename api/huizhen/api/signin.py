"""Sign in with the local issuer: a one-use code becomes an access token, which is renewed until 12 h have passed."""

from dataclasses import replace

from joserfc.jwk import ECKey

from huizhen.api.auth import (
    LOCAL_ALGORITHMS,
    SIGN_IN_AUDIENCE,
    SIGNED_IN_MAX_S,
    BadToken,
    Rules,
    claims_of,
    issue,
)
from huizhen.api.principal import Principal, from_claims
from huizhen.schemas.errors import BadId

CODE_LIFE_MAX_S = 24 * 3600  # a code printed in a terminal may lie there for a day, not longer
USED_MAX = 10_000
JTI_MAX_CHARS = 100


class LocalIssuer:
    """Turns sign-in codes into tokens; each code works once.

    `used`: the codes used earlier, each with its expiry in seconds since 1970; kept by the caller (`id_file_io`).
    """

    def __init__(self, key: ECKey, audience: str, used: dict[str, float]) -> None:
        self._key = key
        self._audience = audience
        self._used = used

    def sign_in(self, code: str, now_s: float) -> tuple[Principal, str]:
        """Check a code and use it up; return who it is and the code's id. Raises BadToken."""
        rules = Rules("", SIGN_IN_AUDIENCE, LOCAL_ALGORITHMS)
        claims = claims_of(code, self._key, rules, now_s)
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 8 <= len(jti) <= JTI_MAX_CHARS or not jti.isascii() or not jti.isprintable():
            raise BadToken("a sign-in code without a usable jti")
        try:
            principal = from_claims(claims)
        except BadId as error:
            raise BadToken(str(error)) from error
        if principal.expires_at_s > now_s + CODE_LIFE_MAX_S:
            raise BadToken("a sign-in code that lives longer than a day")
        self._use(jti, principal.expires_at_s, now_s)
        return replace(principal, sign_in=jti, signed_in_at_s=now_s), jti

    def _use(self, jti: str, expires_at_s: float, now_s: float) -> None:
        for old in [one for one, until_s in self._used.items() if until_s + SIGNED_IN_MAX_S < now_s]:
            del self._used[old]
        if jti in self._used:
            raise BadToken("a sign-in code that was used already")
        if len(self._used) >= USED_MAX:
            raise BadToken(f"more than {USED_MAX} sign-in codes in use (USED_MAX)")
        self._used[jti] = expires_at_s

    def token(self, principal: Principal, now_s: float) -> tuple[str, int]:
        """Sign an access token; return it and its life in seconds. Raises BadToken 12 h after sign-in."""
        return issue(principal, self._key, self._audience, now_s)
