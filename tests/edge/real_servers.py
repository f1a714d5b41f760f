"""An origin and edges as real servers on loopback, for tests that want real sockets."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from vitascope.edge.appliance import Appliance
from vitascope.edge.origin import HttpOrigin, Urls
from vitascope.edge.reporting import FindSteering, ReportReceiver
from vitascope.edge.settings import EdgeSettings
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.ids import EdgeId, SessionId
from vitascope.kernel.packages import PackageFile, PackageListing, PackagePage
from vitascope.kernel.path_tokens import KeyRing
from vitascope.playback import EndedSession, EndedSessions

RING = KeyRing(current="k1", keys={"k1": b"1" * 32})
PREFIX = "ast_one/v1"


def at(url: str) -> Urls:
    """One origin, for `HttpOrigin`."""

    async def urls() -> list[str]:
        return [url]

    return urls


def all_of(steering: Sequence[ReportReceiver]) -> FindSteering:
    """These, always."""

    async def found() -> dict[str, ReportReceiver]:
        return {f"http://steering-{n}": each for n, each in enumerate(steering)}

    return found


class PlantedOrigin:
    """An origin that can be made to lie, to dawdle, and that counts what it is asked."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.expected = dict(files)
        self.files = dict(files)
        self.url = ""
        self.reads: list[tuple[str, str | None]] = []
        self.packages = 0
        self.versions: list[str] = []  # published, the first one first
        self.ring = RING
        self.gate: asyncio.Event | None = None  # whole-file reads wait for it

    async def package(self, request: web.Request) -> web.Response:
        self.packages += 1
        prefix = f"{request.match_info['asset']}/{request.match_info['version']}"
        self._check(request, prefix)
        if prefix != PREFIX:
            raise web.HTTPNotFound
        files = {
            name: PackageFile(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
            for name, content in self.expected.items()
        }
        body = msgspec.json.encode(PackageListing(prefix=prefix, files=files))
        seal = path_tokens.seal_body(self.ring, prefix, body)
        return web.Response(body=body, headers={"X-Vitascope-Seal": seal})

    async def published(self, request: web.Request) -> web.Response:
        self._check(request, path_tokens.ALL_PACKAGES)
        after, limit = int(request.query["after"]), int(request.query["limit"])
        numbered = list(enumerate(self.versions, 1))
        told = [each for each in numbered if each[0] > after][:limit]
        page = PackagePage(
            upto=told[-1][0] if told else after,
            prefixes=tuple(prefix for _, prefix in told),
            more=bool(told) and told[-1] != numbered[-1],
        )
        body = msgspec.json.encode(page)
        seal = path_tokens.seal_body(self.ring, path_tokens.ALL_PACKAGES, body)
        return web.Response(body=body, headers={"X-Vitascope-Seal": seal})

    async def read(self, request: web.Request) -> web.Response:
        asked = request.headers.get("Range")
        name = request.match_info["file"]
        self.reads.append((name, asked))
        self._check(request, PREFIX)
        content = self.files[name]
        if asked is None:
            if self.gate is not None:
                await self.gate.wait()
            return web.Response(body=content)
        first, last = asked.removeprefix("bytes=").split("-")
        return web.Response(status=206, body=content[int(first) : int(last) + 1])

    def _check(self, request: web.Request, prefix: str) -> None:
        token = request.headers["Authorization"].removeprefix("Vitascope-Edge ")
        now = SystemClock().now_ms()
        path_tokens.check(self.ring, path_tokens.ORIGIN, prefix, token, now)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["PlantedOrigin"]:
        app = web.Application()
        app.router.add_get("/origin/published", self.published)
        app.router.add_get("/origin/{asset}/{version}", self.package)
        app.router.add_get("/origin/{asset}/{version}/{file}", self.read)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


class EndedStandIn:
    """Tells an edge which of the sessions that it asks about are in `ended`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.ended: set[str] = set()
        self.asked: list[set[str]] = []
        self.is_away = False
        self.gate = asyncio.Event()  # answers wait for it
        self.gate.set()
        self._clock = clock or SystemClock()

    async def which_ended(self, session_ids: Sequence[SessionId]) -> Sequence[EndedSession]:
        if self.is_away:
            raise Unavailable("Playback is away.")
        self.asked.append(set(session_ids))
        await self.gate.wait()
        until_ms = self._clock.now_ms() + 150_000
        found = self.ended.intersection(session_ids)
        return [EndedSession(session_id=SessionId(one), until_ms=until_ms) for one in found]


class RunningEdge:
    def __init__(self, appliance: Appliance, port: int) -> None:
        self.appliance = appliance
        self.url = f"http://127.0.0.1:{port}"

    def link(
        self,
        name: str,
        *,
        prefix: str = PREFIX,
        ring: KeyRing = RING,
        s: int = 60,
        session: str = "ses_1",
        lines: int | None = None,
    ) -> str:
        until = SystemClock().now_ms() + s * 1000
        token = path_tokens.sign(ring, path_tokens.EDGE, prefix, until, session, lines)
        return f"{self.url}/s/{token}/{prefix}/{name}"

    async def fill(self) -> None:
        await self.appliance.filler.settle()
        await self.appliance.cache.settle()


@asynccontextmanager
async def edge(
    origin_url: str,
    folder: Path,
    settings: EdgeSettings | None = None,
    *,
    steering: Sequence[ReportReceiver] = (),
    clock: Clock | None = None,
    playback: EndedSessions | None = None,
) -> AsyncIterator[RunningEdge]:
    clock = clock or SystemClock()
    appliance = Appliance(
        edge_id=EdgeId("edge-a"),
        base_url="http://edge-a.localhost:1",
        country=Country("FR"),
        folder=folder,
        ring=RING,
        origin=HttpOrigin(at(origin_url), RING, clock, timeout_s=120.0),
        steering=all_of(steering),
        playback=playback or EndedStandIn(),
        clock=clock,
        settings=settings or EdgeSettings(),
    )
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(appliance.run("127.0.0.1", 0, ready=port.set_result))
    begun: set[asyncio.Future[Any]] = {task, port}
    await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        yield RunningEdge(appliance, await port)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
