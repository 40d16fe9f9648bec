"""Starting, and refusing to start."""

import json
import socket
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from joserfc.jwk import ECKey

from huizhen.api import main
from huizhen.api.keys_io import NoSecret
from huizhen.api.live_messages import MESSAGE_MAX_BYTES
from huizhen.schemas.settings import ApiSettings, Settings


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "configure", lambda part, level: None)


def key_file(folder: Path) -> Path:
    path = folder / "issuer.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=True)))
    return path


def test_sockets_inflate_nothing() -> None:
    config = main._config(FastAPI())
    assert config.ws_per_message_deflate is False, "a kilobyte could be a gigabyte (S1)"
    assert config.ws_max_size == MESSAGE_MAX_BYTES


def test_without_a_secret_it_does_not_start_and_says_what_to_set() -> None:
    with structlog.testing.capture_logs() as lines:
        assert main.run(Settings()) == main.CANNOT_START
    assert [line["event"] for line in lines] == ["api_not_started"]
    assert "api.issuer" in lines[0]["error"]
    assert "api.local_issuer_key" in lines[0]["error"]


def test_an_outside_issuer_needs_no_local_key(tmp_path: Path) -> None:
    assert main.local_key(Settings(api=ApiSettings(issuer="https://issuer.example"))) is None
    assert main.local_key(Settings(api=ApiSettings(local_issuer_key=key_file(tmp_path)))) is not None
    with pytest.raises(NoSecret):
        main.local_key(Settings())


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy, structlog.testing.capture_logs() as lines:
        api = ApiSettings(port=busy.getsockname()[1], local_issuer_key=key_file(tmp_path))
        assert main.run(Settings(api=api)) == main.CANNOT_START
    assert len(lines) == 1
    assert "in use" in lines[0]["error"]
    assert "api.port" in lines[0]["error"]
