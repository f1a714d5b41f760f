"""A data folder of an older version opens in a newer one, and what was in it is there.

`samples/data-0.1.0.tar.xz` was written by version 0.1.0: `vitascope run api licensing steering`, an
account of each kind, a title by the partner, and the viewer's list and thumb on it. In
`samples/film-0.1.0.tar.xz` a worker published a film of two seconds besides, and the viewer watched
1.2 s of it; its master and all but the smallest rendition were taken out afterwards. Both were
written before subtitle files could be handed in. `samples/whole-0.1.0.tar.xz` was written by the
last commit before the seams were recut: the same film with subtitles, watched as far; an announced
series on the viewer's list; a title for Germany alone; half of an upload. A change of tables is
tested on them as they stand; each version that changes them adds a sample.
"""

import asyncio
import base64
import importlib
import tarfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

# An import within the loop would block it.
import vitascope.engines.cache.memory
import vitascope.engines.leases.rows
import vitascope.engines.rows.sqlite
import vitascope.engines.text.sqlite
import vitascope.engines.work.dbos
import vitascope.gateway.app  # noqa: F401
from vitascope import settings as service_settings
from vitascope.assembly.domains import PARTS, parts_of
from vitascope.assembly.process import Process
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.operations.folder import open_folder
from vitascope.operations.manifest import Representation, read_manifest
from vitascope.roles import public_application

for part in PARTS:
    importlib.import_module(f"vitascope.assembly.providers.{part}")

SAMPLES = Path(__file__).parent / "samples"
AN_EDGE = {"VITASCOPE_PLAYBACK__FALLBACK_EDGES": "http://edge-a.localhost:8401"}


@asynccontextmanager
async def opened(sample: Path, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service of today on the data folder of a sample."""
    await asyncio.to_thread(unpack, sample, folder)
    await asyncio.to_thread(open_folder, folder / "data")
    settings = service_settings.load(None, AN_EDGE, data=str(folder / "data"))
    async with AsyncExitStack() as stack:
        api = Process(settings, parts_of({"api"}, settings), stack)
        await api.open()
        door = await public_application(api)
        transport = httpx.ASGITransport(door)
        client = httpx.AsyncClient(transport=transport, base_url="http://vitascope.example")
        yield await stack.enter_async_context(client)


def unpack(sample: Path, folder: Path) -> None:
    with tarfile.open(sample) as packed:
        packed.extractall(folder, filter="data")


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("data-*")), ids=lambda file: file.name)
async def test_an_older_folder_opens_with_all_that_was_in_it(sample: Path, tmp_path: Path) -> None:
    async with opened(sample, tmp_path) as ask:
        await _signed_in(ask, "partner@sample.example")
        (title,) = (await ask.get("/api/studio/titles")).json()["titles"]
        assert title["wordings"][0]["name"] == "A film from before"
        assert await _seated(ask) == ["Viewer", "Second"]
        (card,) = (await ask.get("/api/my-list")).json()["cards"]
        assert card["id"] == title["id"]
        page = (await ask.get(f"/api/titles/{title['id']}")).json()
        assert page["thumb"] == "love"


@pytest.mark.parametrize(
    "sample", [SAMPLES / "film-0.1.0.tar.xz", SAMPLES / "whole-0.1.0.tar.xz"], ids=lambda f: f.name
)
async def test_a_film_of_an_older_folder_is_decrypted_and_decoded(
    sample: Path, tmp_path: Path
) -> None:
    async with opened(sample, tmp_path) as ask:
        await _signed_in(ask, "partner@sample.example")
        (job,) = (await ask.get("/api/studio/jobs")).json()["jobs"]
        assert job["state"] == "live"
        await _seated(ask)
        (watched,) = (await ask.get("/api/history")).json()["items"]
        assert (watched["card"]["name"], watched["position_ms"]) == ("A film from before", 1200)
        answer = await ask.post("/api/play", json={"content_id": watched["card"]["id"]})
        assert answer.json()["resume_position_ms"] == 1200
        smallest, key = await _smallest_and_its_key(ask, answer.json())
    (film,) = (tmp_path / "data" / "blobs" / "assets").glob(f"*/*/{_file_of(smallest)}")
    assert await _frames(film, key) == 48


async def test_what_partners_had_begun_in_an_older_folder_goes_on(tmp_path: Path) -> None:
    async with opened(SAMPLES / "whole-0.1.0.tar.xz", tmp_path) as ask:
        await _signed_in(ask, "partner@sample.example")
        titles = (await ask.get("/api/studio/titles")).json()["titles"]
        windows = {title["wordings"][0]["name"]: title["windows"] for title in titles}
        assert windows["Only in Germany"] == [{"country": "DE", "from_ms": 0, "until_ms": None}]
        uploads = (await ask.get("/api/studio/uploads")).json()
        (upload,) = [one for one in uploads if one["state"] == "uploading"]
        kept = await ask.head(f"/api/uploads/{upload['id']}", headers={"Tus-Resumable": "1.0.0"})
        assert (kept.headers["Upload-Offset"], kept.headers["Upload-Length"]) == ("66380", "132760")


async def test_a_viewer_of_an_older_folder_finds_what_they_may_see(tmp_path: Path) -> None:
    async with opened(SAMPLES / "whole-0.1.0.tar.xz", tmp_path) as ask:
        assert await _seated(ask) == ["viewer", "Second"]
        listed = [card["name"] for card in (await ask.get("/api/my-list")).json()["cards"]]
        assert listed == ["A film from before", "A series from before"]
        page = (await ask.get("/api/catalog", params={"sort": "name"})).json()
        assert [card["name"] for card in page["cards"]] == listed  # not the one for Germany
        found = (await ask.get("/api/search", params={"q": "series"})).json()
        assert [card["name"] for card in found["cards"]] == ["A series from before"]


async def _frames(film: Path, key: str) -> int:
    """Returns how many frames are decoded from an encrypted file."""
    decoded = await SandboxedMedia().run(
        Tool.FFMPEG,
        [
            "-xerror",
            "-decryption_key",
            key,
            "-i",
            "{in.film}",
            "-map",
            "0:v",
            "-f",
            "framecrc",
            "-",
        ],
        inputs={"film": Input(path=film)},
    )
    return len([line for line in decoded.stdout.splitlines() if not line.startswith(b"#")])


def _file_of(stream: Representation) -> str:
    return Path(httpx.URL(stream.urls[0]).path).name


async def _smallest_and_its_key(
    ask: httpx.AsyncClient, play: dict[str, dict[str, str]]
) -> tuple[Representation, str]:
    """The rendition of the fewest bits, and its content key in hex, as manifest and licence say."""
    manifest = await ask.get(play["manifests"]["dash"])
    streams = read_manifest(manifest.text, "http://vitascope.example")
    smallest = min((s for s in streams if s.kind == "video"), key=lambda s: s.bandwidth)
    kid = base64.urlsafe_b64encode(bytes.fromhex(smallest.key_id or "")).rstrip(b"=").decode()
    licence = await ask.post(
        play["licence"]["clear_key_url"],
        json={"kids": [kid], "type": "temporary"},
        headers={"X-Licence-Token": play["licence"]["token"]},
    )
    (item,) = licence.json()["keys"]
    return smallest, base64.urlsafe_b64decode(item["k"] + "==").hex()


async def _seated(ask: httpx.AsyncClient) -> list[str]:
    """The viewer in their first profile; the names of all profiles."""
    await _signed_in(ask, "viewer@sample.example")
    profiles = (await ask.get("/api/profiles")).json()
    chosen = await ask.post(f"/api/profiles/{profiles[0]['id']}/choose", json={"pin": None})
    ask.headers["Authorization"] = f"Bearer {chosen.json()['tokens']['access_token']}"
    return [profile["name"] for profile in profiles]


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


def test_there_are_samples() -> None:
    assert [file.name for file in sorted(SAMPLES.glob("*-0.1.0.tar.xz"))] == [
        "data-0.1.0.tar.xz",
        "film-0.1.0.tar.xz",
        "whole-0.1.0.tar.xz",
    ]
