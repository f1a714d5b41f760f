"""What a process answers over HTTP: people on the public port, processes on the inner one."""

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from vitascope import settings as service_settings
from vitascope.assembly.domains import may, parts_of
from vitascope.assembly.process import Process
from vitascope.engines import wire
from vitascope.operations import shipped
from vitascope.settings import Settings

if TYPE_CHECKING:
    from vitascope.gateway.middleware import RequestMiddleware


async def inner_application(process: Process) -> "RequestMiddleware":
    """Returns what answers other processes, edges and monitoring: the wire, the origin, figures."""
    from vitascope.gateway.app import build

    listeners: list[RequestMiddleware] = []
    served = wire.wire_router(
        *process.served,
        secret=await process.wire_keys(),
        clock=process.engines.clock,
        may=may,
        is_draining=lambda: listeners[0].draining.is_set(),
    )
    inner = [router for offer in process.offers.values() for router in offer.inner_routers]
    listeners.append(
        build(
            [*inner, served],
            settings=process.settings.gateway,
            metrics=process.engines.metrics,
            clock=process.engines.clock,
            checks=process.engines.checks,
        )
    )
    return listeners[0]


async def public_application(process: Process) -> "RequestMiddleware":
    """Returns what answers people: the routes of every domain, and the web app."""
    from vitascope.gateway.app import build

    settings = process.settings
    return build(
        [router for offer in process.offers.values() for router in offer.routers],
        identity=await process.identity(),
        settings=msgspec.structs.replace(settings.gateway, edge_origins=film_origins(settings)),
        metrics=process.engines.metrics,
        clock=process.engines.clock,
        public=True,
        web=await asyncio.to_thread(shipped.web_app),
        secure=settings.service.public_url.startswith("https:"),
    )


def film_origins(settings: Settings) -> tuple[str, ...]:
    """Returns where browsers may load films from: what the settings say, and the edges that they
    name."""
    urls = [each.rpartition("=")[2] for each in settings.playback.fallback_edges]
    edges = [urlsplit(url) for url in urls]
    named = [f"{edge.scheme}://{edge.netloc}" for edge in edges]
    return tuple(dict.fromkeys((*settings.gateway.edge_origins, *named)))


def openapi_document() -> str:
    """Returns the document of an API that is opened for it on an empty folder, and closed again."""
    import httpx

    async def read() -> str:
        with tempfile.TemporaryDirectory() as folder:
            async with AsyncExitStack() as stack:
                settings = service_settings.load(None, {}, data=folder)
                api = Process(settings, parts_of({"api"}, settings), stack)
                await api.open()
                transport = httpx.ASGITransport(await public_application(api))
                async with httpx.AsyncClient(transport=transport, base_url="http://here") as ask:
                    answer = await ask.get("/api/openapi.json")
                return json.dumps(answer.json(), indent=2, sort_keys=True) + "\n"

    return asyncio.run(read())
