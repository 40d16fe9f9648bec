"""Which pages may open sockets."""

import pytest

from huizhen.api.origins import allowed_origins, origin_of
from huizhen.schemas.settings import ApiSettings


def test_without_a_public_address_it_is_where_we_listen() -> None:
    assert allowed_origins(ApiSettings(), 8080) == {"http://127.0.0.1:8080", "http://localhost:8080"}


def test_a_public_address_and_named_origins_are_allowed_and_nothing_else() -> None:
    api = ApiSettings(public_url="https://Huizhen.example/page/", origins=["https://other.example:8443"])
    assert allowed_origins(api, 8080) == {"https://huizhen.example", "https://other.example:8443"}


@pytest.mark.parametrize(
    ("address", "origin"),
    [("https://a.example/x?y#z", "https://a.example"), ("HTTP://A.example:80", "http://a.example:80")],
)
def test_an_origin_is_scheme_host_and_port(address: str, origin: str) -> None:
    assert origin_of(address) == origin
