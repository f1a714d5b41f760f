"""One edge as a running server: the routes, the reports, and an orderly end."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from vitascope.edge.connections import Site
from vitascope.edge.contract import EdgeState, Health, Origin
from vitascope.edge.ended import RefusedSessions
from vitascope.edge.file_cache import FileCache
from vitascope.edge.fill import Filler
from vitascope.edge.load import Load
from vitascope.edge.pace import Pace
from vitascope.edge.prefill import Prefiller
from vitascope.edge.reporting import LOOK_EVERY, FindSteering, Reporter, Reporting, ReportReceiver
from vitascope.edge.serve import FileHandler
from vitascope.edge.settings import EdgeSettings, FillMode
from vitascope.kernel.clock import Clock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import EdgeId
from vitascope.kernel.path_tokens import KeyRing
from vitascope.playback import EndedSessions
from vitascope.steering import EdgeReport

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Timing-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Range, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Appliance:
    """Serves until stopped. Players tell edges by host and port of `base_url` and `secure_url`.
    `steering` finds all the steering processes there are."""

    def __init__(
        self,
        *,
        edge_id: EdgeId,
        base_url: str,
        secure_url: str = "",
        country: Country,
        folder: Path,
        ring: KeyRing,
        origin: Origin,
        steering: FindSteering,
        playback: EndedSessions,
        clock: Clock,
        settings: EdgeSettings,
    ) -> None:
        self.edge_id = edge_id
        self.base_url = base_url
        self.secure_url = secure_url
        self.draining = False
        self._country = country
        self._origin = origin
        self._clock = clock
        self._settings = settings
        self._load = Load(clock, self._begins)
        self.cache = FileCache(folder, settings.disk_bytes, settings.pinned)
        self.filler = Filler(self.cache, origin, settings, clock)
        self.ended = RefusedSessions(playback, clock, every_s=settings.report_s)
        self._handler = FileHandler(
            cache=self.cache,
            origin=origin,
            filler=self.filler,
            load=self._load,
            ring=ring,
            clock=clock,
            settings=settings,
            has_ended=self.ended.has_ended,
        )
        self.prefiller = Prefiller(self.cache, self.filler, origin, clock, settings.fill_s)
        self.reporting = Reporting(
            steering, self._reporter, clock, every_s=LOOK_EVERY * settings.report_s
        )
        self.cache.inventory.on_change = self.reporting.stir

    async def run(
        self,
        host: str,
        port: int,
        *,
        tls: tuple[int, ssl.SSLContext] | None = None,
        ready: Callable[[int], None] | None = None,
    ) -> None:
        """Listen and report until cancelled, at a port with `tls` too where one is given. `ready`
        hears the port, chosen when 0 was given."""
        _refuse_uvloop()
        await asyncio.to_thread(self.cache.open)
        runner = web.AppRunner(
            self.application(), access_log=None, shutdown_timeout=self._settings.drain_s
        )
        await runner.setup()
        try:
            await Site(runner, host, port, self._settings).start()
            if tls is not None:
                secure_port, context = tls
                await Site(runner, host, secure_port, self._settings, context).start()
            if ready is not None:
                ready(runner.addresses[0][1])
            await self._work_until_cancelled()
        finally:
            await runner.cleanup()
            await self.filler.close()
            await self._origin.close()

    async def drain(self) -> None:
        """Tell steering that no viewer is to be sent here any more. Those who are here are served
        until the listener closes."""
        self.draining = True
        await self.reporting.tell_all()

    def application(self) -> web.Application:
        app = web.Application(middlewares=[_problems])
        app.router.add_get("/s/{token}/{asset}/{version}/{file}", self._handler.serve)
        app.router.add_get("/admitted/s/{token}/{asset}/{version}/{file}", self._handler.admit)
        app.router.add_route("OPTIONS", "/s/{rest:.*}", _preflight)
        app.router.add_get("/healthz", self._healthz)
        app.on_response_prepare.append(_add_cors)
        return app

    def report(self) -> EdgeReport:
        """Returns what steering should know now."""
        return EdgeReport(
            edge_id=self.edge_id,
            base_url=self.base_url,
            secure_url=self.secure_url,
            country=self._country,
            isp=self._settings.isp or None,
            capacity_mbps=self._settings.capacity_mbps,
            load_mbps=round(self._load.mbps, 3),
            streams=self._load.streams,
            disk_bytes=self._settings.disk_bytes,
            disk_used_bytes=self.cache.used_bytes,
            held=len(self.cache.inventory),
            inventory=self.cache.inventory.mark,
            draining=self.draining,
        )

    def _reporter(self, steering: ReportReceiver) -> Reporter:
        pace = Pace(self._settings.report_s, self._settings.idle_report_s)
        return Reporter(steering, self.report, self.cache.inventory, self._clock, pace)

    def _begins(self) -> None:
        self.reporting.stir()

    def health(self) -> Health:
        return Health(
            edge_id=self.edge_id,
            state=EdgeState.DRAINING if self.draining else EdgeState.OK,
            streams=self._load.streams,
            load_mbps=round(self._load.mbps, 3),
            disk_bytes=self._settings.disk_bytes,
            disk_used_bytes=self.cache.used_bytes,
            files=len(self.cache),
            filling=len(self.filler),
            hits=self._load.hits,
            misses=self._load.misses,
        )

    async def _healthz(self, request: web.Request) -> web.Response:
        return web.Response(
            body=msgspec.json.encode(self.health()),
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    async def _work_until_cancelled(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.reporting.run())
            group.create_task(self.ended.run())
            if self._settings.fill is FillMode.PUBLISHED:
                group.create_task(self.prefiller.run())
            await asyncio.get_running_loop().create_future()


def _refuse_uvloop() -> None:
    if type(asyncio.get_running_loop()).__module__.startswith("uvloop"):
        raise RuntimeError(
            "The edge must run on the stock asyncio loop: uvloop has no sendfile (decision 0015)."
        )


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers our errors as RFC 9457 bodies, as the gateway does."""
    try:
        return await handler(request)
    except VitascopeError as error:
        body = {
            "type": f"/problems/{error.code}",
            "title": error.code.replace("-", " ").capitalize(),
            "status": error.status,
            "detail": error.detail,
            "code": error.code,
        }
        headers = {"Cache-Control": "no-store"}
        if error.status == 416:
            headers["Content-Range"] = f"bytes */{error.extra['size']}"
        return web.Response(
            status=error.status,
            body=msgspec.json.encode(body),
            content_type="application/problem+json",
            headers=headers,
        )


async def _preflight(request: web.Request) -> web.Response:
    return web.Response(status=204, headers=_PREFLIGHT)


async def _add_cors(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_CORS)
