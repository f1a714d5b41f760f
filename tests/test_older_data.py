"""A data folder of an older version opens in a newer one, and what was in it is there.

`samples/data-0.1.0.tar.xz` was written by version 0.1.0: `vitascope run api licensing steering`, an
account of each kind, a title by the partner, and the viewer's list, thumb and progress on it. A
change of tables is tested on it as it stands; each version that changes them adds a sample.
"""

import asyncio
import tarfile
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

import vitascope.gateway.app  # noqa: F401  (an import within the loop would block it)
from vitascope import settings as house_settings
from vitascope.assembly.api import Api
from vitascope.operations.folder import open_folder
from vitascope.roles import gateway_of

SAMPLES = sorted((Path(__file__).parent / "samples").glob("data-*.tar.xz"))
EVERYTHING = frozenset({"api", "licensing", "steering"})


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.name)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as sample:
        sample.extractall(tmp_path, filter="data")
    return tmp_path / "data"


async def test_an_older_folder_opens_with_all_that_was_in_it(folder: Path) -> None:
    await asyncio.to_thread(open_folder, folder)
    settings = house_settings.load(None, {}, data=str(folder))
    async with AsyncExitStack() as stack:
        api = Api(settings, EVERYTHING, stack)
        door = await gateway_of(api, await api.routers())
        transport = httpx.ASGITransport(door)
        client = httpx.AsyncClient(transport=transport, base_url="http://vitascope.example")
        ask = await stack.enter_async_context(client)
        await _signed_in(ask, "partner@sample.example")
        (title,) = (await ask.get("/api/studio/titles")).json()
        assert title["wordings"][0]["name"] == "A film from before"

        await _signed_in(ask, "viewer@sample.example")
        profiles = (await ask.get("/api/profiles")).json()
        assert [profile["name"] for profile in profiles] == ["Viewer", "Second"]
        chosen = await ask.post(f"/api/profiles/{profiles[0]['id']}/choose", json={"pin": None})
        ask.headers["Authorization"] = f"Bearer {chosen.json()['tokens']['access_token']}"
        (card,) = (await ask.get("/api/my-list")).json()["cards"]
        assert card["id"] == title["id"]
        page = (await ask.get(f"/api/titles/{title['id']}")).json()
        assert page["thumb"] == "love"


async def _signed_in(ask: httpx.AsyncClient, email: str) -> None:
    ask.headers.pop("Authorization", None)
    body = {
        "email": email,
        "password": "a long sentence",
        "device": {"name": "test", "kind": "probe"},
    }
    answer = await ask.post("/api/sign-in", json=body)
    assert answer.status_code in (200, 201), answer.text
    ask.headers["Authorization"] = f"Bearer {answer.json()['tokens']['access_token']}"


def test_there_is_a_sample() -> None:
    assert SAMPLES
