"""D2, D3, D8, D9: the browsing pages over HTTP, as the web app asks for them."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from litestar import Litestar
from litestar.middleware import DefineMiddleware

from tests.asgi import asgi
from tests.catalog.conftest import as_gateway, problem
from tests.catalog.setup import GROWN, KID, asset, film, series
from tests.conftest import OpenRows
from tests.homepage.setup import Setup
from tests.homepage.shelf import watch
from vitascope.catalog import Artwork
from vitascope.homepage.routes import routes
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Viewer
from vitascope.viewing.routes import routes as viewing_routes

ME, CHILD = {"X-Who": "viewer"}, {"X-Who": "kid"}


@pytest.fixture
async def setup(open_sqlite: OpenRows, clock: HeldClock) -> Setup:
    setup = await Setup().open(open_sqlite, clock)
    await setup.catalog.save(
        film("Open", genres=("comedy",), artwork=Artwork(landscape="wide.webp"))
    )
    await setup.catalog.save(film("Grown", genres=("horror",), maturity=Maturity.SIXTEEN))
    await setup.catalog.save(series("Saga", 1))
    await setup.catalog.publish(TitleId("ttl_open"), asset("ttl_open"))
    await setup.learn()
    return setup


@pytest.fixture
async def client(setup: Setup) -> AsyncIterator[AsyncClient]:
    async def may_see(title_id: TitleId, viewer: Viewer) -> None:
        await setup.catalog.page(title_id, viewer)

    app = Litestar(
        [routes(setup.homepage), viewing_routes(setup.viewing, may_see)],
        middleware=[DefineMiddleware(as_gateway)],
        exception_handlers={VitascopeError: problem},
    )
    async with AsyncClient(transport=asgi(app), base_url="http://service") as client:
        yield client


async def test_nobody_browses_without_a_profile(client: AsyncClient) -> None:
    for path in ("homepage", "titles/ttl_open", "search?q=a", "my-list", "history"):
        assert (await client.get(f"/api/{path}")).status_code == 401
        refused = await client.get(f"/api/{path}", headers={"X-Who": "partner"})
        assert (refused.status_code, refused.json()["code"]) == (403, "profile-needed")


async def test_one_finds_lists_and_likes_a_title(client: AsyncClient) -> None:
    found = (await client.get("/api/search?q=opne", headers=ME)).json()
    title_id = found["cards"][0]["id"]
    assert (await client.put(f"/api/my-list/{title_id}", headers=ME)).status_code == 204
    thumb = {"thumb": "love"}
    assert (await client.put(f"/api/thumbs/{title_id}", json=thumb, headers=ME)).is_success
    page = (await client.get(f"/api/titles/{title_id}", headers=ME)).json()
    assert (page["in_list"], page["thumb"]) == (True, "love")
    assert page["resume"]["content_id"] == title_id
    listed = (await client.get("/api/my-list", headers=ME)).json()
    assert [card["id"] for card in listed["cards"]] == [title_id]
    assert (await client.delete(f"/api/my-list/{title_id}", headers=ME)).status_code == 204
    taken_back = {"thumb": None}
    assert (await client.put(f"/api/thumbs/{title_id}", json=taken_back, headers=ME)).is_success
    page = (await client.get(f"/api/titles/{title_id}", headers=ME)).json()
    assert (page["in_list"], page["thumb"]) == (False, None)


async def test_a_wrong_thumb_or_title_is_refused(client: AsyncClient) -> None:
    wrong = await client.put("/api/thumbs/ttl_open", json={"thumb": "meh"}, headers=ME)
    assert wrong.status_code == 400
    unknown = await client.put("/api/my-list/ttl_unknown", headers=ME)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no-such-title")


async def test_home_comes_in_pages(client: AsyncClient) -> None:
    home = (await client.get("/api/homepage?device_type=phone", headers=ME)).json()
    assert home["billboard"]["tile"]["card"]["name"] == "Open"
    assert {"id", "kind", "heading", "reason", "tiles", "next_page_token"} <= set(home["rows"][0])
    bad = await client.get("/api/homepage?page_token=nonsense", headers=ME)
    assert (bad.status_code, bad.json()["code"]) == (400, "bad-page-token")


@pytest.mark.parametrize("path", ["homepage", "titles/ttl_open"])
async def test_a_page_that_is_there_already_is_not_sent_again_until_it_differs(
    client: AsyncClient, path: str
) -> None:
    first = await client.get(f"/api/{path}", headers=ME)
    assert first.headers["cache-control"] == "private, no-cache"
    asked = {**ME, "If-None-Match": first.headers["etag"]}
    again = await client.get(f"/api/{path}", headers=asked)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    await client.put("/api/my-list/ttl_open", headers=ME)
    changed = await client.get(f"/api/{path}", headers=asked)
    assert changed.status_code == 200
    assert changed.json() != first.json()


async def test_what_one_profile_has_already_is_nothing_to_another(client: AsyncClient) -> None:
    mine = await client.get("/api/homepage", headers=ME)
    asked = {**CHILD, "If-None-Match": mine.headers["etag"]}
    theirs = await client.get("/api/homepage", headers=asked)
    assert theirs.status_code == 200
    assert "ttl_grown" not in theirs.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/titles/ttl_grown"),
        ("PUT", "/api/my-list/ttl_grown"),
        ("PUT", "/api/thumbs/ttl_grown"),
    ],
)
async def test_a_child_asking_by_name_gets_no_such_title(
    client: AsyncClient, method: str, path: str
) -> None:
    """D9: and the answer is the same as for a title that never was."""
    body = {"thumb": "up"} if "thumbs" in path else None
    refused = await client.request(method, path, json=body, headers=CHILD)
    unknown = await client.request(method, path.replace("grown", "never"), json=body, headers=CHILD)
    assert refused.status_code == unknown.status_code == 404
    assert refused.json() == unknown.json()


async def test_no_answer_to_a_child_names_what_is_not_for_children(
    client: AsyncClient, setup: Setup
) -> None:
    """D9"""
    await setup.viewing.add_to_list(KID.profile_id, TitleId("ttl_grown"))
    for path in ("homepage", "search?q=grown", "search?q=horror", "my-list", "history"):
        answer = await client.get(f"/api/{path}", headers=CHILD)
        assert answer.status_code == 200
        told = answer.text.lower().replace('"query":"grown"', "").replace('"query":"horror"', "")
        assert "grown" not in told
        assert "horror" not in told


async def test_what_is_removed_from_history_leaves_home_at_once(
    client: AsyncClient, setup: Setup
) -> None:
    await watch(setup, "ttl_open", 30_000, profile=GROWN.profile_id)
    home = (await client.get("/api/homepage", headers=ME)).json()
    assert home["rows"][0]["kind"] == "continue"
    assert (await client.delete("/api/history/ttl_open", headers=ME)).status_code == 204
    home = (await client.get("/api/homepage", headers=ME)).json()
    assert "continue" not in [row["kind"] for row in home["rows"]]
    assert (await client.get("/api/history", headers=ME)).json()["items"] == []


async def test_search_and_catalogue_take_the_shorter_shapes(client: AsyncClient) -> None:
    both = [
        (await client.get(f"/api/search?{ask}=opne", headers=ME)).json() for ask in ("q", "query")
    ]
    assert both[0]["cards"] == both[1]["cards"] != []
    few = (await client.get("/api/search?query=opne&limit=1", headers=ME)).json()
    assert len(few["cards"]) == 1
    for wrong in ("query=a&limit=0", "query=a&limit=41", "q=a&query=b"):
        assert (await client.get(f"/api/search?{wrong}", headers=ME)).status_code == 400
    other = await client.get("/api/search?query=opne&profile_id=pro_other", headers=ME)
    assert (other.status_code, other.json()["code"]) == (403, "other-profile")
    assert (await client.get("/api/homepage?device_type=toaster", headers=ME)).status_code == 400
