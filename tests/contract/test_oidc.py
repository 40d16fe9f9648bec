"""An outside issuer over HTTP: discovery, cached keys, rotation, and an issuer that is away."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from huizhen.api import keys_io
from huizhen.api.auth import BadToken
from huizhen.api.keys_io import OidcTokens
from huizhen.schemas.errors import Unavailable

NOW_S = 1_800_000_000


class Issuer:
    """An OIDC issuer on a loopback port."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.asked: list[str] = []
        self.claimed_issuer = ""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                body = json.dumps(issuer.document(self.path)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/realm"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def document(self, path: str) -> dict[str, Any]:
        if path == "/realm/.well-known/openid-configuration":
            return {"issuer": self.claimed_issuer or self.url, "jwks_uri": f"{self.url}/keys"}
        public = KeySet(self.keys).as_dict(private=False)
        return {"keys": list(public["keys"])}

    def token(self, key: Any, algorithm: str, **other: object) -> str:
        claims = {
            "iss": self.url, "aud": "huizhen", "sub": "auth0|ann", "institution": "clinic", "roles": ["viewer"],
            "iat": NOW_S, "exp": NOW_S + 60, **other,
        }  # fmt: skip
        return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


def ec_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


async def test_keys_are_fetched_once_for_many_tokens(issuer: Issuer) -> None:
    ec, rsa = ec_key(), RSAKey.generate_key(2048, auto_kid=True)
    issuer.keys = [ec, rsa]
    tokens = OidcTokens(issuer.url, "huizhen")
    found = await asyncio.gather(
        *(tokens.principal_of(issuer.token(key, name), NOW_S) for key, name in [(ec, "ES256"), (rsa, "RS256")] * 5)
    )
    assert {one.institution for one in found} == {"clinic"}
    assert len({one.subject for one in found}) == 1
    assert issuer.asked == ["/realm/.well-known/openid-configuration", "/realm/keys"]


async def test_a_new_key_is_asked_for_but_not_for_every_stranger(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = ec_key(), ec_key()
    issuer.keys = [old]
    tokens = OidcTokens(issuer.url, "huizhen")
    await tokens.principal_of(issuer.token(old, "ES256"), NOW_S)
    for _ in range(10):
        with pytest.raises(BadToken):
            await tokens.principal_of(issuer.token(new, "ES256"), NOW_S)
    assert len(issuer.asked) == 2
    issuer.keys = [old, new]
    monkeypatch.setattr(keys_io, "KEYS_AGAIN_S", 0.0)
    assert (await tokens.principal_of(issuer.token(new, "ES256"), NOW_S)).institution == "clinic"
    assert len(issuer.asked) == 4


@pytest.mark.parametrize("other", [{"aud": "other"}, {"iss": "https://other.example"}, {"exp": NOW_S - 31}])
async def test_tokens_for_others_are_refused(issuer: Issuer, other: dict[str, object]) -> None:
    key = ec_key()
    issuer.keys = [key]
    with pytest.raises(BadToken):
        await OidcTokens(issuer.url, "huizhen").principal_of(issuer.token(key, "ES256", **other), NOW_S)


async def test_an_issuer_that_names_another_is_not_believed(issuer: Issuer) -> None:
    key = ec_key()
    issuer.keys, issuer.claimed_issuer = [key], "https://other.example"
    with pytest.raises(Unavailable):
        await OidcTokens(issuer.url, "huizhen").principal_of(issuer.token(key, "ES256"), NOW_S)


async def test_an_issuer_that_goes_away_does_not_shut_people_out(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ec_key()
    issuer.keys = [key]
    tokens = OidcTokens(issuer.url, "huizhen")
    token = issuer.token(key, "ES256")
    await tokens.principal_of(token, NOW_S)
    issuer.close()
    monkeypatch.setattr(keys_io, "KEYS_FRESH_S", 0.0)
    assert (await tokens.principal_of(token, NOW_S)).institution == "clinic"


async def test_an_issuer_that_was_never_reached_is_said() -> None:
    key = ec_key()
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, {"sub": "ann"}, key)
    with pytest.raises(Unavailable, match="issuer of tokens"):
        await OidcTokens("http://127.0.0.1:9", "huizhen").principal_of(token, NOW_S)
