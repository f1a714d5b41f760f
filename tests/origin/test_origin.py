"""C1, C4: the origin over HTTP, as edges see it."""

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response

from tests.asgi import asgi
from tests.playback.setup import BYTES, RING, Setup
from vitascope.kernel import path_tokens
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.packages import PackagePage
from vitascope.origin.routes import routes

PREFIX = "ast_film/v1"


def problem(request: Request[Any, Any, Any], error: VitascopeError) -> Response[dict[str, Any]]:
    return Response({"code": error.code, "detail": error.detail}, status_code=error.status)


@pytest.fixture
async def client(setup: Setup) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar([routes(setup.origin)], exception_handlers={VitascopeError: problem})
    transport = asgi(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://origin") as made:
        yield made


Ask = Callable[..., Any]


@pytest.fixture
def ask(client: httpx.AsyncClient, setup: Setup) -> Ask:
    async def asking(
        path: str, *, purpose: str = path_tokens.ORIGIN, of: str = PREFIX, **headers: str
    ) -> httpx.Response:
        token = path_tokens.sign(RING, purpose, of, setup.clock.now_ms() + 60_000)
        return await client.get(
            path, headers={"Authorization": f"Vitascope-Edge {token}"} | headers
        )

    return asking


async def test_an_edge_gets_the_package_sealed_and_the_bytes_it_names_before_anybody_plays(
    ask: Ask,
) -> None:
    told = await ask(f"/origin/{PREFIX}")
    seal = told.headers["X-Vitascope-Seal"]
    assert path_tokens.is_sealed(RING, PREFIX, told.content, seal)
    whole = await ask(f"/origin/{PREFIX}/v240.mp4")
    assert whole.content == BYTES["v240"]
    assert whole.headers["Content-Length"] == "40000"
    expected = told.json()["files"]["v240.mp4"]
    assert expected == {"sha256": hashlib.sha256(whole.content).hexdigest(), "size": 40_000}


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=100-199", 100, 200), ("bytes=39999-", 39_999, 40_000), ("bytes=0-99999", 0, 40_000)],
)
async def test_a_range_is_answered_as_asked(ask: Ask, asked: str, start: int, end: int) -> None:
    part = await ask(f"/origin/{PREFIX}/v240.mp4", Range=asked)
    assert (part.status_code, part.content) == (206, BYTES["v240"][start:end])
    assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/40000"


MANY = "9" * 5000  # digits, which Python does not read as a number
BEYOND = [f"bytes={MANY}-", f"bytes={MANY}-{MANY}", f"bytes=-{MANY}", "bytes=" + "0-1," * 1000]


@pytest.mark.parametrize(
    "asked", ["bytes=40000-", "bytes=5-4", "bytes=-5", "bytes=0-1,4-5", "x", *BEYOND]
)
async def test_a_range_that_is_not_there_is_refused(ask: Ask, asked: str) -> None:
    assert (await ask(f"/origin/{PREFIX}/v240.mp4", Range=asked)).status_code == 416


async def test_what_was_not_published_or_is_taken_down_is_refused(ask: Ask, setup: Setup) -> None:
    assert (await ask(f"/origin/{PREFIX}/nothing.mp4")).status_code == 404
    unknown = await ask("/origin/ast_film/v9", of="ast_film/v9")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no-such-package")
    assert (await ask(f"/origin/{PREFIX}/v240.mp4")).status_code == 200
    setup.catalog.taken_down = True
    for path in (f"/origin/{PREFIX}", f"/origin/{PREFIX}/v240.mp4"):
        refused = await ask(path)
        assert (refused.status_code, refused.json()["code"]) == (404, "no-such-package")


async def test_the_origin_answers_edges_only(client: httpx.AsyncClient, ask: Ask) -> None:
    for path in (f"/origin/{PREFIX}", f"/origin/{PREFIX}/v240.mp4", "/origin/published"):
        of = path_tokens.ALL_PACKAGES if path.endswith("published") else PREFIX
        assert (await ask(path, of=of)).status_code == 200
        assert (await client.get(path)).status_code == 403
        assert (await ask(path, of=of, purpose=path_tokens.EDGE)).status_code == 403
        assert (await ask(path, of="ast_other/v1")).status_code == 403


async def test_which_versions_there_are_is_told_sealed(ask: Ask) -> None:
    told = await ask("/origin/published?after=0&limit=5", of=path_tokens.ALL_PACKAGES)
    seal = told.headers["X-Vitascope-Seal"]
    assert path_tokens.is_sealed(RING, path_tokens.ALL_PACKAGES, told.content, seal)
    page = msgspec.json.decode(told.content, type=PackagePage)
    assert (page.prefixes, page.upto, page.more) == ((PREFIX,), 1, False)
