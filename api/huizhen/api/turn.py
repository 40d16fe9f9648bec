"""Credentials for TURN servers, good for a time (draft-uberti-behave-turn-rest: coturn's `use-auth-secret`).

The name holds an end and a random word, never a person's; whoever has it can relay until the end and no longer.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

LIFE_S = 3600  # of a credential; a viewer whose relay ends then asks for another within seconds


@dataclass(frozen=True, slots=True)
class IceServer:
    """TURN servers and how to sign in there."""

    urls: tuple[str, ...]
    username: str
    credential: str


def ice_server(urls: Sequence[str], secret: str, word: str, now_s: float) -> IceServer | None:
    """Make credentials; None where the site has no TURN server. `word`: anything that cannot be guessed."""
    if not urls:
        return None
    username = f"{int(now_s) + LIFE_S}:{word}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return IceServer(tuple(urls), username, base64.b64encode(digest).decode())


def links(server: IceServer | None) -> str:
    """Give the value of a Link header as WHEP clients read it; empty where there is no server."""
    if server is None:
        return ""
    said = f'username="{server.username}"; credential="{server.credential}"; credential-type="password"'
    return ", ".join(f'<{url}>; rel="ice-server"; {said}' for url in server.urls)
