"""Routes for monitoring: is the process alive, is it ready, and its metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from litestar import Response, get, route
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from vitascope import __version__
from vitascope.engines.trace import EXPOSITION_TYPE, Metrics

Check = Callable[[], Awaitable[object]]
"""Returns when a part of the process can be used, raises when it cannot."""

CHECK_S = 2.0


def alive_route() -> HTTPRouteHandler:
    @get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive", "version": __version__}

    return healthz


def closed_routes() -> list[HTTPRouteHandler]:
    """Returns routes that answer 404, whatever the method, to what only the inner listener
    answers."""

    @route(
        ["/wire/{path:path}", "/origin/{path:path}", "/readyz", "/metrics"],
        http_method=["GET", "POST"],
        include_in_schema=False,
        status_code=404,
    )
    async def closed() -> None:
        raise NotFoundException

    return [closed]


def health_routes(
    checks: Mapping[str, Check], metrics: Metrics, is_draining: Callable[[], bool]
) -> list[HTTPRouteHandler]:
    @get("/readyz", include_in_schema=False)
    async def readyz() -> Response[dict[str, object]]:
        names = list(checks)
        found = dict(
            zip(names, await asyncio.gather(*(_said(checks[n]) for n in names)), strict=True)
        )
        if is_draining():
            found["draining"] = "this process is about to stop"
        ready = all(said == "ok" for said in found.values())
        status: dict[str, object] = {"status": "ready" if ready else "not ready", "checks": found}
        return Response(status, status_code=200 if ready else 503)

    @get("/metrics", include_in_schema=False, opt={"uncompressed": True})
    async def figures() -> Response[bytes]:
        content = await asyncio.to_thread(metrics.exposition)  # it reads /proc
        kind = EXPOSITION_TYPE.removesuffix("; charset=utf-8")  # Litestar adds it again
        return Response(content, media_type=kind)

    return [alive_route(), readyz, figures]


async def _said(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_S):
            await check()
    except TimeoutError:
        return f"no answer within {CHECK_S:.0f} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, this part is not ready
        return type(error).__name__
    return "ok"
