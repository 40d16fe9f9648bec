"""Rate limits."""

import pytest

from huizhen.api import rate
from huizhen.api.rate import Rates
from tests.services.fake_api import FakeApi


def test_a_subject_is_told_to_wait_and_others_are_not() -> None:
    rates = Rates(3)
    assert [rates.of_subject("clinic", "ann") for _ in range(3)] == [None] * 3
    wait_s = rates.of_subject("clinic", "ann")
    assert wait_s is not None
    assert 1 <= wait_s <= 60
    assert rates.of_subject("clinic", "bob") is None
    assert rates.of_subject("elsewhere", "ann") is None


def test_stored_frames_are_counted_apart() -> None:
    rates = Rates(1)
    assert rates.of_subject("clinic", "ann") is None
    assert [rates.of_subject("clinic", "ann", frames=True) for _ in range(100)] == [None] * 100
    assert rates.of_subject("clinic", "ann") is not None


def test_failed_sign_ins_are_counted_by_address_and_altogether(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "FAILED_SIGN_INS_PER_MINUTE", 2)
    monkeypatch.setattr(rate, "ALL_FAILED_SIGN_INS_PER_MINUTE", 3)
    rates = Rates(1)
    assert [rates.of_failed_sign_in("a") is None for _ in range(3)] == [True, True, False]
    assert [rates.of_failed_sign_in("b") is None for _ in range(2)] == [True, False]


async def test_too_many_requests_are_answered_429_and_not_audited_as_access() -> None:
    api = FakeApi(requests_per_minute=2)
    async with api.client("viewer") as client:
        answers = [await client.get("/v1/sessions") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1
    assert len(api.audit.take()) == 2


async def test_a_flood_of_bad_tokens_does_not_shut_out_good_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "STRANGERS_PER_MINUTE", 5)
    api = FakeApi()
    async with api.client() as client:
        while (await client.get("/v1/sessions")).status_code == 401:
            continue
        assert (await client.get("/v1/sessions")).status_code == 429
    async with api.client("viewer") as client:
        assert (await client.get("/v1/sessions")).status_code == 200
