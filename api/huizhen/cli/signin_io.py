"""The sign-in link of the local issuer: the only place where a secret is shown."""

import json
import secrets
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from huizhen.cli.deployment_io import Deployment

CODE_LIFE_S = 12 * 3600  # a link in a terminal is good for a working day, once
SUBJECT = "local-user"
ROLES = ("requester", "expert", "viewer", "qc", "ops", "admin")
"""Whoever starts everything on a machine may see and do everything of its institution"""


def sign_in_code(key_file: Path, institution: str, now_s: float, subject: str = SUBJECT) -> str:
    """Sign a one-use sign-in code with the local issuer's key."""
    from huizhen.api.auth import LOCAL_ALGORITHMS, SIGN_IN_AUDIENCE

    key = ECKey.import_key(json.loads(key_file.read_text()))
    claims: dict[str, object] = {
        "aud": SIGN_IN_AUDIENCE,
        "sub": subject,
        "institution": institution,
        "roles": list(ROLES),
        "jti": secrets.token_urlsafe(16),
        "iat": int(now_s),
        "exp": int(now_s) + CODE_LIFE_S,
    }
    return jwt.encode({"alg": LOCAL_ALGORITHMS[0], "kid": key.thumbprint()}, claims, key)


def sign_in_link(deployment: Deployment) -> str:
    """Give the address that signs a person in, once; the bare page where the issuer is somebody else's."""
    key_file = deployment.settings.api.local_issuer_key
    if key_file is None:
        return deployment.page
    code = sign_in_code(key_file, deployment.settings.processor.tenants[0], time.time())
    return f"{deployment.page}/#signin={code}"  # a fragment: browsers send it to no server and to no log


def welcome(deployment: Deployment) -> str:
    """Give the last lines of a start: where to go and how to end."""
    return f"\nOpen this link, it signs you in once:\n{sign_in_link(deployment)}\n\nCtrl-C or `huizhen down` ends it."
