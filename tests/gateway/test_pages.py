"""The web app's files: cached by name, compressed once, deep links to the app."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.application import application, client_of
from vitascope.kernel.clock import HeldClock

SCRIPT = "document.documentElement.dataset.light = 'dark';"
PAGE = f"<!doctype html><script>{SCRIPT}</script><script type=module src=/assets/a-1.js></script>"


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets" / "a-1.js").write_text("export const a = 1;\n" * 200)
    (folder / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("nobody's business")
    return folder


@pytest.fixture
async def client(data: Path, clock: HeldClock, web: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with application(data, clock, web=web) as (app, _), client_of(app) as made:
        yield made


@pytest.mark.parametrize("path", ["/", "/titles/ttl_1", "/watch/epi_2?t=30", "/studio"])
async def test_deep_links_are_the_apps_own_affair(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.text == PAGE
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/artwork/none.jpg",
        "/wire/nothing",
        "/assets/gone-2.js",
        "/none.png",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
    ],
)
async def test_what_is_not_there_is_not_the_app(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "nobody" not in answer.text


async def test_names_with_a_hash_are_kept_for_a_year(client: httpx.AsyncClient) -> None:
    for encoding in ("br", "gzip", "identity"):
        answer = await client.get("/assets/a-1.js", headers={"Accept-Encoding": encoding})
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert answer.text.startswith("export const a")


async def test_an_unchanged_page_is_not_sent_again(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/")).headers["etag"]
    again = await client.get("/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_page_runs_its_own_scripts_and_no_others(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/")).headers["content-security-policy"]
    digest = b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "object-src 'none'" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "localhost" not in policy, "no edge is named"
    assert "content-security-policy" not in (await client.get("/assets/a-1.js")).headers


async def test_an_app_that_is_still_being_built_is_found_later(
    data: Path, clock: HeldClock, tmp_path: Path
) -> None:
    folder = tmp_path / "later"
    async with application(data, clock, web=folder) as (app, _), client_of(app) as client:
        for path, language, words in (
            ("/", "en-GB,fr", "not ready"),
            ("/studio", "fr", "pas prête"),
        ):
            early = await client.get(path, headers={"Accept-Language": language})
            assert (early.status_code, words in early.text) == (503, True)
            assert '<meta http-equiv="refresh"' in early.text
        assert (await client.get("/none.png")).status_code == 404
        folder.mkdir()
        (folder / "index.html").write_text(PAGE)
        assert (await client.get("/")).text == PAGE
