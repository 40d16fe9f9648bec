"""The page's files."""

from pathlib import Path

import pytest

from tests.services.fake_api import FakeApi


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Huizhen</title>")
    (tmp_path / "assets" / "codec-1a2b.wasm").write_bytes(b"\0asm")
    (tmp_path / "assets" / "main-3c4d.js").write_text("1")
    (tmp_path.parent / "secret.txt").write_text("secret")
    return tmp_path


async def test_files_have_the_right_types_and_hashed_ones_are_kept(folder: Path) -> None:
    async with FakeApi(folder).client() as client:
        page = await client.get("/")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["cache-control"] == "no-cache"
        codec = await client.get("/assets/codec-1a2b.wasm")
        assert (codec.headers["content-type"], codec.content) == ("application/wasm", b"\0asm")
        assert "immutable" in codec.headers["cache-control"]
        script = await client.get("/assets/main-3c4d.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert (await client.get("/assets/nothing.js")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//secret.txt"]
)
async def test_nothing_outside_the_folder_is_served(folder: Path, path: str) -> None:
    async with FakeApi(folder).client() as client:
        answer = await client.get(path)
    assert "secret" not in answer.text.replace("/secret.txt", "")


async def test_a_page_that_is_not_built_says_so_and_the_api_serves() -> None:
    async with FakeApi().client() as client:
        answer = await client.get("/")
        assert answer.status_code == 503
        assert "not built" in answer.text
        assert (await client.get("/healthz")).status_code == 200
