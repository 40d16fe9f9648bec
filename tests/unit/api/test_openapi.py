"""The OpenAPI document is valid and current."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from huizhen.api.openapi_file import document

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"
METHODS = {"get", "post", "delete", "options"}


def test_the_document_is_valid() -> None:
    validate(json.loads(document()))


def test_the_file_is_current() -> None:
    assert FILE.read_text("utf-8") == document(), "run: python -m huizhen.api.openapi_file docs/openapi.json"


def operations() -> list[tuple[str, dict[str, object]]]:
    paths = json.loads(document())["paths"]
    return [(f"{method} {path}", one) for path, item in paths.items() for method, one in item.items()]


@pytest.mark.parametrize(("name", "operation"), operations(), ids=[name for name, _ in operations()])
def test_every_operation_says_what_it_does_and_how_it_fails(name: str, operation: dict[str, object]) -> None:
    assert name.split(" ", maxsplit=1)[0] in METHODS
    assert operation["description"]
    if "/v1/" in name:
        responses = operation["responses"]
        assert isinstance(responses, dict)
        assert {"401", "422", "429", "503"} <= set(responses)
        assert "application/problem+json" in responses["422"]["content"]
        assert "security" in operation or name == "post /v1/sign-in"
