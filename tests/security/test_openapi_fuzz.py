"""Whatever is sent, the answer is one the OpenAPI document describes: schemathesis on every operation."""

import itertools
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from huizhen.api.openapi import SOCKETS
from huizhen.api.roles import Role
from tests.services.fake_api import FakeApi
from tests.services.fake_archive import archived
from tests.services.fake_station import FakeStation

EXAMPLES = 8  # per operation: a smoke test of seconds


def clinic() -> FakeApi:
    api = FakeApi(requests_per_minute=1_000_000)
    station = FakeStation("clinic")
    entry, content = archived(station, 2)
    api.objects.by_key[entry.object_key] = content
    api.take(station.announced(), station.geometry(), entry)
    api.world.ending = True  # streams end at once
    return api


@schemathesis.serializer("application/sdp")
def sdp(_: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode("utf-8", "replace")


@schemathesis.serializer("application/dicom")
def dicom(_: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


API = clinic()
DOCUMENT = {name: value for name, value in API.app.openapi().items() if name != SOCKETS}
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = API.app
PEOPLE = itertools.count()


@pytest.mark.parametrize("signed_in", [True, False])
@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_described(case: "schemathesis.Case[Any]", signed_in: bool) -> None:
    token = API.token(*Role, subject=f"somebody-{next(PEOPLE)}")
    case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"} if signed_in else {},
        excluded_checks=[positive_data_acceptance],  # a cursor is any text to the document, ours alone to us
    )
