"""Tokens that must be refused: forged, borrowed, confused, replayed, out of time."""

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from huizhen.api.auth import LOCAL_ISSUER
from tests.services.asgi_socket import connect
from tests.services.fake_api import KEY, ORIGIN, OTHER_KEY, START_S, FakeApi
from tests.services.fake_station import FakeStation
from tests.services.sign_in import make_code


def claims(**other: object) -> dict[str, object]:
    good: dict[str, object] = {
        "iss": LOCAL_ISSUER, "aud": "huizhen", "sub": "ann", "institution": "clinic", "roles": ["viewer"],
        "iat": START_S, "exp": START_S + 600, "sid": "in-ann", "auth_time": START_S,
    }  # fmt: skip
    return {name: value for name, value in (good | other).items() if value is not None}


def signed(key: ECKey = KEY, **other: object) -> str:
    return jwt.encode({"alg": "ES256"}, claims(**other), key)


def unsigned(algorithm: str) -> str:
    parts = ({"alg": algorithm, "typ": "JWT"}, claims())
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def symmetric() -> str:
    """Signed with the public key's text as an HMAC secret: the classic confusion."""
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    return jwt.encode({"alg": "HS256"}, claims(), secret)


def tampered(**other: object) -> str:
    """A good token whose claims were replaced and whose signature was kept."""
    head, _, signature = signed().split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(**other)).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


BAD = {
    "empty": "",
    "no token at all": "let me in",
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "signed with nothing": unsigned("ES256"),
    "a symmetric algorithm": symmetric(),
    "another key": signed(OTHER_KEY),
    "another kind of key": jwt.encode({"alg": "RS256"}, claims(), RSAKey.generate_key(2048)),
    "the key itself in the header": jwt.encode(
        {"alg": "ES256", "jwk": OTHER_KEY.as_dict(private=False)}, claims(), OTHER_KEY
    ),
    "another institution pasted in": tampered(institution="elsewhere"),
    "another role pasted in": tampered(roles=["admin"]),
    "another audience": signed(aud="another-service"),
    "no audience": signed(aud=None),
    "another issuer": signed(iss="https://elsewhere.example"),
    "no issuer": signed(iss=None),
    "no expiry": signed(exp=None),
    "expired": signed(exp=START_S - 31),
    "an expiry that is no number": signed(exp="never"),
    "an expiry of NaN": signed(exp=float("nan")),
    "issued in the future": signed(iat=START_S + 31),
    "not yet valid": signed(nbf=START_S + 31),
    "no subject": signed(sub=None),
    "a subject that is no text": signed(sub=["ann"]),
    "no institution": signed(institution=None),
    "an institution that is a path": signed(institution="../clinic"),
    "every institution": signed(institution="*"),
    "roles that are no list": signed(roles="admin"),
    "ten thousand roles": signed(roles=["viewer"] * 10_000),
    "a sign-in code": make_code(KEY, "ann", "clinic", ["viewer"], START_S),
    "twice": f"{signed()}.{signed()}",
    "longer than any token": "a" * 9_000,
    "control characters": "a\x00b.c\x1b[31m.d",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_is_refused_and_written_down(name: str) -> None:
    api = FakeApi()
    async with api.client() as client:
        answer = await client.get("/v1/sessions", headers=[(b"authorization", b"Bearer " + BAD[name].encode())])
    assert answer.status_code == 401
    assert answer.json()["detail"] == "a valid bearer token is needed"
    assert [event.subject for event in api.audit.take()] == ["anonymous"]


@pytest.mark.parametrize("scheme", ["Basic", "Token", "", "BearerX"])
async def test_another_scheme_is_refused(scheme: str) -> None:
    api = FakeApi()
    async with api.client() as client:
        answer = await client.get("/v1/sessions", headers={"authorization": f"{scheme} {api.token('viewer')}"})
    assert answer.status_code == 401


async def test_a_token_in_the_address_is_no_token() -> None:
    api = FakeApi()
    async with api.client() as client:
        token = api.token("viewer")
        assert (await client.get(f"/v1/sessions?access_token={token}&token={token}")).status_code == 401


@pytest.mark.parametrize(("exp", "iat"), [(START_S - 29, START_S - 600), (START_S + 600, START_S + 29)])
async def test_clocks_may_differ_by_half_a_minute(exp: int, iat: int) -> None:
    api = FakeApi()
    async with api.client() as client:
        token = signed(exp=exp, iat=iat)
        assert (await client.get("/v1/sessions", headers={"authorization": f"Bearer {token}"})).status_code == 200


CODES = {
    "an access token": signed(),
    "another key": make_code(OTHER_KEY, "ann", "clinic", ["viewer"], START_S),
    "expired": make_code(KEY, "ann", "clinic", ["viewer"], START_S - 700),
    "without an id": make_code(KEY, "ann", "clinic", ["viewer"], START_S, jti=None),
    "an id with a line break": make_code(KEY, "ann", "clinic", ["viewer"], START_S, jti="12345678\n1 x"),
    "good for a week": make_code(KEY, "ann", "clinic", ["viewer"], START_S, exp=START_S + 7 * 86_400),
    "another audience": make_code(KEY, "ann", "clinic", ["viewer"], START_S, aud="huizhen"),
}


@pytest.mark.parametrize("name", CODES)
async def test_a_bad_sign_in_code_is_refused_and_written_down(name: str) -> None:
    api = FakeApi()
    async with api.client() as client:
        answer = await client.post("/v1/sign-in", json={"code": CODES[name]})
    assert answer.status_code == 401
    assert "access_token" not in answer.text
    assert [event.subject for event in api.audit.take()] == ["anonymous"]


async def test_a_token_lives_ten_minutes_and_a_sign_in_twelve_hours() -> None:
    api = FakeApi()
    code = make_code(KEY, "ann", "clinic", ["viewer"], api.now_s)
    async with api.client() as client:
        answer = await client.post("/v1/sign-in", json={"code": code})
        assert answer.json()["expires_in"] == 600
        lives = []
        for _ in range(80):
            api.now_s += 590
            answer = await client.post(
                "/v1/refresh", headers={"authorization": f"Bearer {answer.json()['access_token']}"}
            )
            if answer.status_code != 200:
                break
            lives.append(answer.json()["expires_in"])
    assert answer.status_code == 401
    assert lives[:72] == [600] * 72
    assert len(lives) == 12 * 3600 // 590
    assert lives[-1] == 12 * 3600 - 590 * len(lives)


async def test_a_ticket_works_once_for_its_session_and_for_a_minute() -> None:
    api = FakeApi()
    api.take(FakeStation("clinic").announced(), FakeStation("clinic", "exam-2").announced())

    async def ticket() -> str:
        async with api.client("viewer") as client:
            answer = await client.post("/v1/tickets", json={"purpose": "live", "session": "exam-1"})
        return str(answer.json()["ticket"])

    async def join(session: str, secret: str) -> int:
        async with connect(api.app, f"/v1/sessions/{session}/live", ORIGIN) as socket:
            await socket.text({"type": "join", "ticket": secret})
            message = await socket.receive()
            assert isinstance(message, dict)
            return 0 if message["type"] == "joined" else await socket.closed()

    used = await ticket()
    assert await join("exam-1", used) == 0
    assert await join("exam-1", used) == 4401
    assert await join("exam-2", await ticket()) == 4401
    late = await ticket()
    api.now_s += 60
    assert await join("exam-1", late) == 4401
    assert await join("exam-1", "") == 4401


async def test_an_institution_may_not_be_joined_by_the_same_name_of_a_session() -> None:
    """Two institutions may name their sessions alike: a ticket is for one of them."""
    api = FakeApi()
    api.take(FakeStation("clinic").announced(), FakeStation("elsewhere").announced())
    async with api.client("viewer", institution="elsewhere") as client:
        answer = await client.get("/v1/sessions/exam-1")
        assert answer.json()["tenant"] == "elsewhere"
        listed = await client.get("/v1/sessions")
    assert [one["tenant"] for one in listed.json()["items"]] == ["elsewhere"]
