"""Bodies that are more than they seem: nothing is inflated, whatever a header says."""

import gzip

import pytest

from tests.services.fake_api import FakeApi

BOMB = gzip.compress(b'{"purpose": "live", "session": "' + b"a" * (64 << 20) + b'"}')


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
async def test_a_compressed_body_is_not_inflated_and_refused(coding: str) -> None:
    api = FakeApi()
    headers = {"content-encoding": coding, "content-type": "application/json"}
    async with api.client("viewer") as client:
        answer = await client.post("/v1/tickets", content=BOMB, headers=headers)
    assert len(BOMB) < 100_000
    assert answer.status_code in (400, 415, 422), answer.text
    assert len(answer.content) < 10_000, "it is not sent back either"
