"""Sign-in codes, as `huizhen up` prints them."""

import itertools
import time

from joserfc import jwt
from joserfc.jwk import ECKey

NUMBERS = itertools.count(1)


def make_code(
    key: ECKey, subject: str, institution: str, roles: list[str], now_s: float | None = None, **claims: object
) -> str:
    """Make a one-use code good for ten minutes."""
    made_s = int(time.time() if now_s is None else now_s)
    said: dict[str, object] = {
        "aud": "huizhen-sign-in", "sub": subject, "institution": institution, "roles": roles, "name": subject,
        "jti": f"code-{time.time_ns()}-{next(NUMBERS)}", "iat": made_s, "exp": made_s + 600, **claims,
    }  # fmt: skip
    return jwt.encode({"alg": "ES256"}, said, key)
