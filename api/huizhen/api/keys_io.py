"""Where keys come from: the local issuer's file, or an OIDC issuer's key set (OpenID Connect Discovery 1.0)."""

import asyncio
import json
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from huizhen.api.auth import OIDC_ALGORITHMS, BadToken, Rules, UnknownKey, local_rules, principal_of
from huizhen.api.principal import Principal
from huizhen.schemas.errors import Unavailable

KEYS_FRESH_S = 600.0  # how long a key set is used before it is asked for again
KEYS_AGAIN_S = 30.0  # at most one question in this time, however many tokens name unknown keys
FETCH_TIMEOUT_S = 5.0
DOCUMENT_MAX_BYTES = 1 << 20
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
log = structlog.get_logger()


class NoSecret(Exception):
    """The api has no key to check tokens with, or a weak one: it does not start."""


def load_local_key(path: Path) -> ECKey:
    """Read the local issuer's private key (JWK, EC P-256, file readable by its owner only); raises NoSecret."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8")
    except OSError as error:
        raise NoSecret(f"the key of the local issuer cannot be read ({error.strerror}): {path}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NoSecret(f"others may read the key of the local issuer: chmod 600 {path}")
    try:
        key = ECKey.import_key(json.loads(text))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NoSecret(f"no private JWK of type EC P-256 in {path}: `huizhen up` makes one") from error
    if key.curve_name != "P-256" or not key.is_private:
        raise NoSecret(f"no private JWK of type EC P-256 in {path}: `huizhen up` makes one")
    return key


class LocalTokens:
    """Checks tokens of the local issuer."""

    def __init__(self, key: ECKey, audience: str) -> None:
        self._key = key
        self._rules = local_rules(audience)

    async def principal_of(self, token: str, now_s: float) -> Principal:
        """Verify a bearer token; raises BadToken."""
        return principal_of(token, self._key, self._rules, now_s)


class OidcTokens:
    """Checks tokens of an OIDC issuer with its published keys, which are cached."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer = issuer.rstrip("/")
        self._rules = Rules(issuer, audience, OIDC_ALGORITHMS)
        self._keys: KeySet | None = None
        self._asked_s = float("-inf")
        self._lock = asyncio.Lock()
        _check_url(issuer)

    async def principal_of(self, token: str, now_s: float) -> Principal:
        """Verify a bearer token; raises BadToken, or Unavailable while the issuer's keys cannot be had."""
        keys = await self._fresh(KEYS_FRESH_S)
        try:
            return principal_of(token, keys, self._rules, now_s)
        except UnknownKey:
            return principal_of(token, await self._fresh(KEYS_AGAIN_S), self._rules, now_s)

    async def _fresh(self, age_s: float) -> KeySet:
        async with self._lock:
            if time.monotonic() - self._asked_s >= (age_s if self._keys else KEYS_AGAIN_S):
                self._asked_s = time.monotonic()
                self._keys = await self._fetch() or self._keys
            if self._keys is None:
                raise Unavailable("the issuer of tokens", KEYS_AGAIN_S)
            return self._keys

    async def _fetch(self) -> KeySet | None:
        try:
            async with httpx.AsyncClient(timeout=FETCH_TIMEOUT_S, follow_redirects=False) as client:
                found = await _get(client, self._issuer + "/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                    raise BadToken("the discovery document names another issuer")
                address = str(found.get("jwks_uri", ""))
                _check_url(address)
                keys = KeySet.import_key_set(await _get(client, address))  # type: ignore[arg-type] # checked by joserfc
        except (httpx.HTTPError, JoseError, BadToken, NoSecret, ValueError, TypeError, KeyError) as error:
            log.warning("issuer_keys_not_fetched", error=type(error).__name__)
            return None
        return keys


async def _get(client: httpx.AsyncClient, address: str) -> dict[str, object]:
    async with client.stream("GET", address) as answer:
        answer.raise_for_status()
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > DOCUMENT_MAX_BYTES:
                raise ValueError(f"a document above {DOCUMENT_MAX_BYTES} bytes (DOCUMENT_MAX_BYTES)")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("a document that is no JSON object")
    return found


def _check_url(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise NoSecret("the issuer of tokens must be reached by https (api.issuer)")
