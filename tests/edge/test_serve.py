"""C1, C4: byte ranges from disk, misses served through, and nothing kept that was not verified."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.clocks import PATIENT_S
from tests.edge.real_servers import PREFIX, PlantedOrigin, RunningEdge, edge
from vitascope.edge.settings import EdgeSettings
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.path_tokens import KeyRing
from vitascope.steering import EdgeReport, InventoryChange, InventoryMark

FILM = os.urandom(3_000_000)
FILES = {"v720.mp4": FILM, "a-en-2.mp4": os.urandom(200_000), "thumbs-0.jpg": b"jpeg"}
FOREIGN = KeyRing(current="k1", keys={"k1": b"x" * 32})


@pytest.fixture
async def origin() -> AsyncIterator[PlantedOrigin]:
    async with PlantedOrigin(FILES).running() as planted:
        yield planted


@pytest.fixture
async def appliance(origin: PlantedOrigin, tmp_path: Path) -> AsyncIterator[RunningEdge]:
    async with edge(origin.url, tmp_path / "cache") as running:
        yield running


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def body(
    web: aiohttp.ClientSession, url: str, asked: str | None = None
) -> tuple[int, bytes, Mapping[str, str]]:
    headers = {"Range": asked} if asked else {}
    async with web.get(url, headers=headers) as response:
        return response.status, await response.read(), response.headers


async def test_a_miss_is_served_through_and_then_from_disk(
    appliance: RunningEdge,
    origin: PlantedOrigin,
    web: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, sent = asyncio.get_running_loop(), []
    sendfile = loop.sendfile

    async def counted(transport: Any, file: Any, offset: int, count: int, **more: Any) -> int:
        sent.append((offset, count))
        return await sendfile(transport, file, offset, count, **more)

    monkeypatch.setattr(loop, "sendfile", counted)
    link = appliance.link("v720.mp4")
    missed = await body(web, link, "bytes=1000-200999")
    await appliance.fill()
    asked = len(origin.reads)
    held = await body(web, link, "bytes=1000-200999")
    assert sent == [(1000, 200_000)], "from disk by the kernel, and only that"
    assert missed[:2] == held[:2] == (206, FILM[1000:201_000])
    assert len(origin.reads) == asked, "the second answer came from disk"
    for name in ("ETag", "Content-Range", "Content-Type", "Last-Modified", "Cache-Control"):
        assert missed[2][name] == held[2][name]
    assert held[2]["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "asked", [None, "bytes=0-0", "bytes=2999999-", "bytes=-10", "bytes=5-99999999", "bytes=7-100"]
)
async def test_disk_and_origin_answer_alike(
    asked: str | None, appliance: RunningEdge, web: aiohttp.ClientSession
) -> None:
    missed = await body(web, appliance.link("v720.mp4"), asked)
    await appliance.fill()
    held = await body(web, appliance.link("v720.mp4"), asked)
    assert missed[:2] == held[:2]
    assert missed[2].get("Content-Range") == held[2].get("Content-Range")


async def test_a_range_beyond_the_file_is_416_with_its_size(
    appliance: RunningEdge, web: aiohttp.ClientSession
) -> None:
    for _ in range(2):
        status, _, headers = await body(web, appliance.link("v720.mp4"), "bytes=3000000-")
        assert (status, headers["Content-Range"]) == (416, "bytes */3000000")
        await appliance.fill()


async def test_a_known_etag_is_304(appliance: RunningEdge, web: aiohttp.ClientSession) -> None:
    _, _, headers = await body(web, appliance.link("a-en-2.mp4"))
    await appliance.fill()
    known = {"If-None-Match": headers["ETag"]}
    async with web.get(appliance.link("a-en-2.mp4"), headers=known) as response:
        assert response.status == 304


async def test_head_tells_the_size_without_bytes(
    appliance: RunningEdge, web: aiohttp.ClientSession
) -> None:
    async with web.head(appliance.link("v720.mp4")) as response:
        assert (response.status, response.headers["Content-Length"]) == (200, "3000000")


async def test_the_first_viewer_does_not_wait_for_the_whole_file(
    appliance: RunningEdge, origin: PlantedOrigin, web: aiohttp.ClientSession
) -> None:
    origin.gate = asyncio.Event()
    async with asyncio.timeout(PATIENT_S):
        status, got, _ = await body(web, appliance.link("v720.mp4"), "bytes=0-999")
    assert (status, got) == (206, FILM[:1000])
    assert len(appliance.appliance.filler) == 1
    origin.gate.set()


async def test_many_viewers_of_one_file_cost_one_fill_and_one_bill(
    appliance: RunningEdge, origin: PlantedOrigin, web: aiohttp.ClientSession
) -> None:
    asking = [body(web, appliance.link("v720.mp4"), f"bytes={n}-{n + 9}") for n in range(30)]
    answers = await asyncio.gather(*asking)
    await appliance.fill()
    assert [got for _, got, _ in answers] == [FILM[n : n + 10] for n in range(30)]
    assert origin.packages == 1
    assert [asked for _, asked in origin.reads].count(None) == 1


async def test_refused_tokens_open_nothing(
    appliance: RunningEdge, origin: PlantedOrigin, web: aiohttp.ClientSession
) -> None:
    good = appliance.link("v720.mp4")
    token = good.split("/")[4]
    for link in (
        appliance.link("v720.mp4", s=-1),
        appliance.link("v720.mp4", ring=FOREIGN),
        good.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B")),
        appliance.link("v720.mp4", prefix="ast_two/v1").replace("ast_two/v1", PREFIX),
        good.replace(token, "nonsense"),
    ):
        status, got, headers = await body(web, link)
        assert status == 403
        assert b"path-token-refused" in got
        assert headers["Access-Control-Allow-Origin"] == "*", "a player must be able to read why"
    assert origin.packages == 0


async def test_no_picture_above_the_token_s_lines_is_sent(
    appliance: RunningEdge, web: aiohttp.ClientSession
) -> None:
    """Which is what holds a plan to its quality where a title has no keys."""
    assert (await body(web, appliance.link("v720.mp4", lines=576)))[0] == 403
    admitted = appliance.link("v720.mp4", lines=576).replace("/s/", "/admitted/s/", 1)
    assert (await body(web, admitted))[0] == 403
    for name, lines in (("v720.mp4", 720), ("a-en-2.mp4", 576), ("thumbs-0.jpg", 576)):
        assert (await body(web, appliance.link(name, lines=lines)))[:2] == (200, FILES[name])


@pytest.mark.parametrize(
    "name", ["nothing.mp4", ".package", "%2e%2e%2fv1%2fv720.mp4", "..%2f..%2fx"]
)
async def test_what_is_not_on_the_bill_is_404(
    name: str, appliance: RunningEdge, web: aiohttp.ClientSession
) -> None:
    import yarl

    async with web.get(yarl.URL(appliance.link(name), encoded=True)) as response:
        assert response.status == 404


async def test_an_unknown_version_is_404(
    appliance: RunningEdge, web: aiohttp.ClientSession
) -> None:
    assert (await body(web, appliance.link("v720.mp4", prefix="ast_two/v1")))[0] == 404


async def test_a_damaged_origin_is_never_kept_and_soon_refused(
    appliance: RunningEdge, origin: PlantedOrigin, web: aiohttp.ClientSession, tmp_path: Path
) -> None:
    origin.files["v720.mp4"] = FILM[:2_000_000] + b"\0" + FILM[2_000_001:]
    await body(web, appliance.link("v720.mp4"), "bytes=0-9")
    await appliance.fill()
    status, got, _ = await body(web, appliance.link("v720.mp4"), "bytes=0-9")
    assert (status, b"corrupt-origin" in got) == (502, True)
    assert not list((tmp_path / "cache").rglob("v720.mp4"))
    assert not list((tmp_path / "cache").rglob("*.part"))
    assert appliance.appliance.cache.used_bytes == 0


async def test_an_unsealed_bill_is_not_believed(
    appliance: RunningEdge, origin: PlantedOrigin, web: aiohttp.ClientSession
) -> None:
    origin.ring = KeyRing(current="k1", keys={"k1": b"x" * 32})
    origin._check = lambda request, prefix: None  # type: ignore[method-assign]
    assert (await body(web, appliance.link("v720.mp4")))[0] == 502


async def test_an_origin_that_is_gone_is_503_and_what_is_held_is_served(
    tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    async with PlantedOrigin(FILES).running() as origin:
        async with edge(origin.url, tmp_path) as running:
            await body(web, running.link("a-en-2.mp4"))
            await running.fill()
        url = origin.url
    async with edge(url, tmp_path) as again:
        assert (await body(web, again.link("a-en-2.mp4")))[1] == FILES["a-en-2.mp4"]
        assert (await body(web, again.link("v720.mp4")))[0] == 503


async def test_the_disk_limit_evicts_what_was_used_least_recently(
    origin: PlantedOrigin, tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    settings = EdgeSettings(disk_bytes=3_100_000)
    async with edge(origin.url, tmp_path, settings) as running:
        await body(web, running.link("a-en-2.mp4"))
        await running.fill()
        status, got, _ = await body(web, running.link("v720.mp4"))
        await running.fill()
        assert (status, got) == (200, FILM)
        cache = running.appliance.cache
        assert cache.used_bytes <= settings.disk_bytes
        assert cache.find(PREFIX, "v720.mp4")
        assert cache.find(PREFIX, "a-en-2.mp4") is None
        assert not (tmp_path / PREFIX / "a-en-2.mp4").exists()
        assert (await body(web, running.link("a-en-2.mp4")))[1] == FILES["a-en-2.mp4"]


async def test_what_is_pinned_stays_and_what_does_not_fit_is_passed_through(
    origin: PlantedOrigin, tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    settings = EdgeSettings(disk_bytes=3_100_000, pinned=(PREFIX,))
    async with edge(origin.url, tmp_path, settings) as running:
        await body(web, running.link("a-en-2.mp4"))
        await running.fill()
        for _ in range(2):
            assert (await body(web, running.link("v720.mp4")))[1] == FILM
            await running.fill()
        assert running.appliance.cache.find(PREFIX, "a-en-2.mp4")
        assert running.appliance.cache.find(PREFIX, "v720.mp4") is None


async def test_an_unfinished_fill_is_thrown_away_at_start(
    origin: PlantedOrigin, tmp_path: Path
) -> None:
    (tmp_path / ".filling").mkdir()
    (tmp_path / ".filling" / "torn.part").write_bytes(b"half")
    async with edge(origin.url, tmp_path):
        assert not list(tmp_path.rglob("*.part"))


async def test_a_file_cut_short_on_disk_is_filled_again(
    origin: PlantedOrigin, tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    async with edge(origin.url, tmp_path) as running:
        await body(web, running.link("a-en-2.mp4"))
        await running.fill()
    (tmp_path / PREFIX / "a-en-2.mp4").write_bytes(b"short")
    async with edge(origin.url, tmp_path) as running:
        assert (await body(web, running.link("a-en-2.mp4")))[1] == FILES["a-en-2.mp4"]


class Ears:
    """Steering, in so far as an edge talks to it. The first call fails."""

    def __init__(self) -> None:
        self.reports: list[EdgeReport] = []
        self.changes: list[InventoryChange] = []
        self.told = asyncio.Condition()

    async def report(self, report: EdgeReport) -> InventoryMark:
        self.reports.append(report)
        async with self.told:
            self.told.notify_all()
        if len(self.reports) == 1:
            raise ConnectionError("steering is not there yet")
        known = self.changes[-1] if self.changes else None
        return InventoryMark(run=known.run, number=known.upto) if known else InventoryMark()

    async def change_inventory(self, change: InventoryChange) -> InventoryMark:
        self.changes.append(change)
        return InventoryMark(run=change.run, number=change.upto)


class Unhurried(SystemClock):
    """No time passes between two requests."""

    def monotonic(self) -> float:
        return 0.0


async def test_reports_tell_load_and_streams_and_the_inventory_is_told_once(
    origin: PlantedOrigin, tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    ears = Ears()
    settings = EdgeSettings(report_s=0.05, isp="AS1")
    clock = Unhurried()
    async with edge(origin.url, tmp_path, settings, steering=[ears], clock=clock) as running:
        for name in ("v720.mp4", "a-en-2.mp4"):
            await body(web, running.link(name))
        await running.fill()
        await body(web, running.link("a-en-2.mp4"))
        told = len(ears.reports)
        async with asyncio.timeout(PATIENT_S), ears.told:
            await ears.told.wait_for(lambda: len(ears.reports) >= told + 3)
        async with web.get(f"{running.url}/healthz") as response:
            health = await response.json()
    last = ears.reports[-1]
    assert (last.held, last.inventory.number) == (1, 1)
    assert [change.added for change in ears.changes if change.added] == [(PREFIX,)]
    # what was sent goes out of the window with time: on a busy machine before the last report
    assert max(report.streams for report in ears.reports) == 1
    assert max(report.load_mbps for report in ears.reports) > 1
    assert last.disk_used_bytes == 3_200_000
    assert last.isp == "AS1"
    assert health["state"] == "ok"
    assert (health["files"], health["misses"], health["hits"]) == (2, 2, 1)


async def test_a_browser_may_ask_for_ranges_from_another_origin(
    appliance: RunningEdge, web: aiohttp.ClientSession
) -> None:
    async with web.options(
        appliance.link("v720.mp4"),
        headers={"Origin": "http://a", "Access-Control-Request-Method": "GET"},
    ) as response:
        assert response.status == 204
        assert "Range" in response.headers["Access-Control-Allow-Headers"]
