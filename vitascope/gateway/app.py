"""The application: the domains' routes behind one middleware.

Served by Granian:

    gateway = build(routers, identity=accounts, settings=settings.gateway, web=Path("web/dist"))
    await serve(gateway, host="127.0.0.1", port=8400, stop=stop)
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from vitascope.engines.open_files import most_connections
from vitascope.engines.tls import CertificateFiles
from vitascope.engines.trace import Metrics, get_log
from vitascope.gateway import bounds, openapi, problems
from vitascope.gateway.bodies import CheckedRequest
from vitascope.gateway.health import Check, alive_route, closed_routes, health_routes
from vitascope.gateway.middleware import RequestMiddleware
from vitascope.gateway.pages import web_routes
from vitascope.gateway.settings import GatewaySettings
from vitascope.identity import Identity
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.errors import VitascopeError

_log = get_log("gateway")


def build(
    routes: Sequence[Router | HTTPRouteHandler],
    *,
    identity: Identity | None = None,
    settings: GatewaySettings | None = None,
    metrics: Metrics | None = None,
    clock: Clock | None = None,
    checks: Mapping[str, Check] | None = None,
    public: bool = False,
    web: Path | None = None,
    secure: bool = False,
) -> RequestMiddleware:
    """Returns the ASGI application over `routes`.

    Without `identity` no token is read. A `public` one answers people: it limits rates, and of its
    health says only that it lives. Any other is an inner listener, with `/metrics` and `/readyz`,
    which `checks` decide. `web` is the folder of the built web app. `secure` when viewers come over
    HTTPS.
    """
    chosen = settings or GatewaySettings()
    figures = metrics or Metrics()
    listeners: list[RequestMiddleware] = []
    app = Litestar(
        [
            *routes,
            *(
                [alive_route(), *closed_routes()]
                if public
                else health_routes(checks or {}, figures, lambda: listeners[0].draining.is_set())
            ),
            *web_routes(web, chosen.edge_origins),
        ],
        request_class=CheckedRequest,
        request_max_body_size=chosen.largest_body,
        exception_handlers=_HANDLERS,
        openapi_config=openapi.document(),
        compression_config=CompressionConfig(
            backend="brotli",
            brotli_quality=3,  # of a home page 1% larger than 4, for half the processor time
            gzip_compress_level=5,
            minimum_size=500,
            exclude=["^/artwork/", "^/wire/", "^/origin/", "^/api/studio/events", "^/api/uploads"],
            exclude_opt_key="uncompressed",
        ),
        logging_config=None,
        debug=False,
    )
    openapi.complete(app)
    bounds.complete(app)
    listeners.append(
        RequestMiddleware(
            app,
            identity=identity,
            metrics=figures,
            clock=clock or SystemClock(),
            settings=chosen,
            public=public,
            headers=_security_headers(secure=secure),
        )
    )
    return listeners[0]


async def serve(
    gateway: RequestMiddleware,
    *,
    host: str,
    port: int,
    stop: asyncio.Event,
    drain_s: float = 8.0,
    tls: CertificateFiles | None = None,
) -> None:
    """Serve until `stop` is set, then let what is being answered finish, at most `drain_s`. Over
    TLS 1.3 with the certificate in `tls`."""
    server = await asyncio.to_thread(_server, gateway, host, port, tls)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        if not await gateway.drain(drain_s):
            _log.warning("stopped_while_answering", requests=gateway.in_flight)
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({serving}, timeout=1.0)
    if not serving.done():
        serving.cancel()
        await asyncio.wait({serving})
        return
    serving.result()


def _server(
    gateway: RequestMiddleware, host: str, port: int, tls: CertificateFiles | None
) -> Server:
    """Off the event loop: it looks around on the disk.

    HTTP/1.1 only: to tell HTTP/2 from it, Granian waits for a first byte, without a limit. Its
    backpressure counts connections, the silent ones too, and takes no more at its limit.
    """
    settings = gateway.settings
    return Server(
        gateway,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=int(settings.idle_s * 1000)),
        websockets=False,
        backlog=1024,
        backpressure=min(settings.connections, most_connections()),
        log_enabled=False,
        ssl_cert=tls.certificate if tls else None,
        ssl_key=tls.key if tls else None,
        ssl_protocol_min=SSLProtocols.tls13,
    )


_HANDLERS: Any = {
    VitascopeError: problems.service_error,
    HTTPException: problems.framework_error,
    RecursionError: problems.unreadable_body,
    UnicodeDecodeError: problems.unreadable_body,
    Exception: problems.internal_error,
}


def _security_headers(*, secure: bool) -> dict[str, str]:
    """For every answer; pages bring their own policy (`pages.py`), and what may be kept says so."""
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers
