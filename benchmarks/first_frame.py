"""Play to first frame in Chromium, on links of 1.5, 4 and 10 Mbit/s with 50 ms of latency.

    python -m benchmarks.first_frame [-n 10] [--data DIR]

From the click on Play of a title's page to the first frame on the screen, in our own player with
everything it takes: a session, manifest, licence, encrypted segments from an edge. Each link has a
new viewer on a new device, whose very first play (the player itself still has to come) is told
apart; the figure is the p95 of the plays after it. The link is Chromium's own emulation and holds
from before the button is reached for.

The reference is a <video> with a plain MP4 file of the same film, size and bitrate, with nothing to
ask and nothing to decrypt, from a server like the default edge's, on the same link, in turns.

DIR is a data folder with the demo's film in it, finished. Without it one is made first, which takes
minutes: the whole ladder is encoded. No worker runs while the plays are measured.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import msgspec
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, Response, async_playwright

from benchmarks.start import FILM, first_film, load, running
from tests.journeys.conftest import CHROMIUM
from tests.ports import free_ports
from vitascope.client import Client
from vitascope.operations.demo.sign_ins import KNOWN

TARGETS_S = {1.5: 2.5, 4.0: 1.2, 10.0: 0.8}  # by Mbit/s
LATENCY_MS = 50
REACH_S = 0.3  # from reaching for the button to pressing it
LONGEST_PLAY_MS = 20_000
LONGEST_ENCODE_S = 900.0

# A frame counts when it is handed to the screen, whoever made the <video>.
PRESS = """([press, video, longest]) => new Promise((seen, failed) => {
  const pressed = performance.now();
  const look = () => {
    const found = document.querySelector(video);
    if (!found) return requestAnimationFrame(look);
    found.requestVideoFrameCallback(() => seen(performance.now() - pressed));
  };
  look();
  document.querySelector(press).click();
  setTimeout(() => failed(new Error("no frame came: " + document.body.innerText)), longest);
})"""
PLAIN_PAGE = """<!doctype html><title>plain</title><video id="film" width="1280" muted></video>
<button onclick="film.src = '/film.mp4?' + Math.random(); film.play()">Play</button>"""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    seconds: float
    height: int = 0
    kbps: int = 0


async def throttle(page: Page, mbps: float) -> None:
    """As seen by this page from now on."""
    bytes_per_s = mbps * 1_000_000 / 8
    link = {"downloadThroughput": bytes_per_s, "uploadThroughput": bytes_per_s}
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    conditions = {"offline": False, "latency": LATENCY_MS, **link}
    await devtools.send("Network.emulateNetworkConditions", conditions)


async def sign_up(context: BrowserContext, url: str, name: str) -> None:
    """A new viewer with the largest plan; the context's cookies then hold the session."""
    bearer: dict[str, str] = {}

    async def ask(method: str, path: str, body: Any = None) -> Any:
        answer = await context.request.fetch(url + path, method=method, data=body, headers=bearer)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")
        return await answer.json()

    def carry(signed_in: Any) -> None:
        bearer["Authorization"] = f"Bearer {signed_in['tokens']['access_token']}"

    email = f"{name}-{time.time_ns():x}@vitascope.example"  # DIR may know earlier ones
    form = {"email": email, "name": "Benchmark", "password": "bench-12345"}
    device = {"name": "Chromium", "kind": "web"}
    carry(await ask("POST", "/api/sign-up", {**form, "device": device}))
    best = max(await ask("GET", "/api/plans"), key=lambda plan: plan["streams"])
    await ask("PUT", "/api/subscription", {"plan_id": best["id"]})
    profile = (await ask("GET", "/api/profiles"))[0]["id"]
    carry(await ask("POST", f"/api/profiles/{profile}/choose", {"pin": None}))


async def pressed(page: Page, press: str, video: str) -> float:
    """Seconds from the click on `press` to the first frame of `video` (both CSS selectors)."""
    return float(await page.evaluate(PRESS, [press, video, LONGEST_PLAY_MS])) / 1000


async def our_play(context: BrowserContext, url: str, film: str, mbps: float) -> Seen:
    page = await context.new_page()
    await page.goto(f"{url}/title/{film}")
    button = f'main a[href="/watch/{film}"]'
    await page.locator(button).first.wait_for()
    await page.wait_for_load_state("networkidle")
    await throttle(page, mbps)
    await page.locator(button).first.hover()
    await asyncio.sleep(REACH_S)
    seconds = await pressed(page, button, "video.player-video")
    stats = await page.evaluate("window.__vita.stats()")
    async with page.expect_response(_gives_seat_back):
        await page.go_back()
    await page.close()
    return Seen(seconds=seconds, height=stats["height"], kbps=stats["bitrateKbps"])


def _gives_seat_back(answer: Response) -> bool:
    """The last heartbeat; an account has so many seats, and a closed page may be too quick."""
    return "/api/progress" in answer.url and '"stopped"' in (answer.request.post_data or "")


async def plain_play(context: BrowserContext, url: str, mbps: float) -> Seen:
    page = await context.new_page()
    await page.goto(url)
    await throttle(page, mbps)
    await asyncio.sleep(REACH_S)
    seconds = await pressed(page, "button", "video")
    await page.close()
    return Seen(seconds=seconds)


@asynccontextmanager
async def plain_server(folder: Path) -> AsyncIterator[str]:
    """Files of `folder` as the default edge serves them: aiohttp, byte ranges, sendfile."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PLAIN_PAGE, content_type="text/html")

    async def film(_: web.Request) -> web.FileResponse:
        return web.FileResponse(folder / "film.mp4", headers={"Cache-Control": "no-store"})

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/film.mp4", film)])
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_ports(1)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


async def plain_film(folder: Path, like: Seen) -> None:
    """The demo's film in one file of that height and bitrate (picture and sound together)."""
    rate = max(100, like.kbps - 128)
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(FILM)),
        *("-vf", f"scale=-2:{like.height}", "-c:v", "libx264", "-preset", "veryfast"),
        *("-b:v", f"{rate}k", "-maxrate", f"{rate * 2}k", "-bufsize", f"{rate * 4}k"),
        *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", str(folder / "film.mp4")),
    ]
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait() != 0:
        raise RuntimeError("the reference could not be encoded")


async def link(browser: Browser, url: str, mbps: float, plays: int, folder: Path) -> None:
    film = first_film()
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    await sign_up(context, url, f"link{mbps:g}".replace(".", "-"))
    first = await our_play(context, url, film, mbps)
    usual = await our_play(context, url, film, mbps)
    await plain_film(folder, usual)
    ours, plain = [], []
    async with plain_server(folder) as reference:
        for _ in range(plays):
            ours.append(await our_play(context, url, film, mbps))
            plain.append(await plain_play(context, reference, mbps))
    await context.close()
    print(f"{mbps:g} Mbit/s, {LATENCY_MS} ms: started at {usual.height} lines, {usual.kbps} kbit/s")
    ours_p95, plain_p95 = (p95([seen.seconds for seen in each]) for each in (ours, plain))
    print(f"  plain MP4       p95 {plain_p95:5.2f} s   median {median(plain):5.2f} s")
    print(
        f"  our player      p95 {ours_p95:5.2f} s   median {median(ours):5.2f} s"
        f"   {ours_p95 / plain_p95:4.1f} x plain   target {TARGETS_S[mbps]:g} s"
    )
    print(f"  first play on a new device {first.seconds:5.2f} s, at {first.height} lines")


def median(plays: list[Seen]) -> float:
    return statistics.median(seen.seconds for seen in plays)


def p95(seconds: list[float]) -> float:
    """The smallest that 95 in 100 do not exceed: of 10 or fewer, the largest."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def finished_film(data: Path) -> None:
    """A service on `data` until the demo's first film has its whole ladder, or long enough."""
    with running(data) as service:
        asyncio.run(_until_live(service.url.replace("localhost", "127.0.0.1")))


async def _until_live(url: str) -> None:
    until = time.monotonic() + LONGEST_ENCODE_S
    async with Client(url) as client:
        await client.sign_in(KNOWN.partner.email, KNOWN.partner.password)
        while time.monotonic() < until:
            jobs = (await client.jobs()).jobs
            if any(job.content_id == first_film() and job.state == "live" for job in jobs):
                return
            await asyncio.sleep(2)


async def measure(url: str, plays: int, folder: Path) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        for mbps in TARGETS_S:
            await link(browser, url, mbps, plays, folder)
        await browser.close()


def main(plays: int, data: Path | None) -> None:
    print(f"{load()} at the start")
    with tempfile.TemporaryDirectory(prefix="vitascope-bench-") as name:
        folder = Path(name)
        if data is None:
            data = folder / "data"
            finished_film(data)
        with running(data, "--no-demo", VITASCOPE_SERVICE__WORKERS="0") as service:
            asyncio.run(measure(service.url, plays, folder))
    print(f"{load()} at the end")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("-n", dest="plays", type=int, default=10)
    asked.add_argument("--data", type=Path, help="a data folder with the demo's finished film")
    given = asked.parse_args()
    main(min(given.plays, 50), given.data and given.data.absolute())
