"""Credentials that a TURN server with the same secret accepts until they end."""

import base64
import hashlib
import hmac

from huizhen.api.turn import LIFE_S, ice_server, links

URLS = ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"]


def test_credentials_are_what_coturn_makes_of_the_secret() -> None:
    server = ice_server(URLS, "north", "word", 1_800_000_000.9)
    assert server is not None
    assert server.username == f"{1_800_000_000 + LIFE_S}:word"
    expected = hmac.digest(b"north", server.username.encode(), hashlib.sha1)
    assert server.credential == base64.b64encode(expected).decode()


def test_a_site_without_relays_names_none() -> None:
    assert ice_server([], "north", "word", 0) is None
    assert links(None) == ""


def test_the_link_header_names_each_relay_with_its_credentials() -> None:
    server = ice_server(URLS, "north", "word", 0)
    assert server is not None
    said = links(server).split(", ")
    assert [one.split(";")[0] for one in said] == [f"<{url}>" for url in URLS]
    for one in said:
        assert one.split("; ")[1:] == [
            'rel="ice-server"', f'username="{server.username}"', f'credential="{server.credential}"',
            'credential-type="password"',
        ]  # fmt: skip
