"""Signing in, renewing and signing out over HTTP."""

from pathlib import Path

import pytest

from huizhen.api import rate
from huizhen.api.id_file_io import IdFile
from huizhen.api.presence import Presence
from tests.services.fake_api import KEY, START_S, FakeApi
from tests.services.sign_in import make_code


def started(folder: Path) -> FakeApi:
    """An api as after a start on this state."""
    api = FakeApi()
    kept = IdFile(folder / "ended")
    api.parts.ended = kept
    api.parts.presence = Presence(kept.load(api.now_s))
    return api


async def test_a_sign_out_holds_over_a_restart(tmp_path: Path) -> None:
    api = started(tmp_path)
    async with api.client() as client:
        codes = [make_code(KEY, "ann", "clinic", ["viewer"], START_S) for _ in range(2)]
        tokens = [(await client.post("/v1/sign-in", json={"code": code})).json()["access_token"] for code in codes]
        ended, other = ({"authorization": f"Bearer {token}"} for token in tokens)
        assert (await client.post("/v1/sign-out", headers=ended)).status_code == 204
    async with started(tmp_path).client() as client:
        assert (await client.get("/v1/sessions", headers=ended)).status_code == 401
        assert (await client.post("/v1/refresh", headers=ended)).status_code == 401
        assert (await client.get("/v1/sessions", headers=other)).status_code == 200
        assert (await client.post("/v1/refresh", headers=other)).status_code == 200
    assert "ann" not in (tmp_path / "ended").read_text()


async def test_nobody_can_lock_others_out_with_bad_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "FAILED_SIGN_INS_PER_MINUTE", 5)
    api = FakeApi()
    async with api.client() as client:
        tried = [(await client.post("/v1/sign-in", json={"code": "bad"})).status_code for _ in range(7)]
        assert tried == [401] * 5 + [429] * 2
        for number in range(70):
            code = make_code(KEY, f"person-{number}", "clinic", ["viewer"], START_S)
            assert (await client.post("/v1/sign-in", json={"code": code})).status_code == 200
