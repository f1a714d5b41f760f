"""Connections that end when nothing comes of them: no whole head of a request, no further request,
or nobody who takes the answer.

aiohttp has a limit for the second of these alone. Each of the others costs a file and some memory
for as long as a stranger likes.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

from vitascope.edge.settings import EdgeSettings

_DROP = struct.pack("ii", 1, 0)  # on closing, what was not sent yet is not kept to be sent


class Connection(RequestHandler):
    """One viewer's connection, closed when the head of a request is not whole in time."""

    __slots__ = ("_head_s", "_head_timer", "_send_s")

    def __init__(
        self, server: web.Server, loop: asyncio.AbstractEventLoop, settings: EdgeSettings
    ) -> None:
        quiet: Any = None  # aiohttp takes it, its types do not
        super().__init__(server, loop=loop, access_log=quiet, keepalive_timeout=settings.idle_s)
        self._head_s = settings.head_s
        self._send_s = settings.send_s
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer: socket.socket = transport.get_extra_info("socket")
        # Also when a viewer's window stays shut, below whatever we do in this process.
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self._send_s * 1000))
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._messages or self._request_in_progress:
            self._forget_head()
        elif self._head_timer is None:
            self._expect_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_timer = self._loop.call_later(self._head_s, self.force_close)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class Site(web.BaseSite):
    """Listens at one address with such connections."""

    def __init__(
        self,
        runner: web.BaseRunner,
        host: str,
        port: int,
        settings: EdgeSettings,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(runner, backlog=1024, ssl_context=tls)
        self._address = (host, port)
        self._settings = settings

    @property
    def name(self) -> str:
        host, port = self._address
        return f"http{'s' if self._ssl_context else ''}://{host}:{port}"

    async def start(self) -> None:
        await super().start()
        loop, server, settings = asyncio.get_running_loop(), self._runner.server, self._settings
        if server is None:
            raise RuntimeError("Set the runner up before its sites.")
        host, port = self._address
        self._server = await loop.create_server(
            lambda: Connection(server, loop, settings),
            host,
            port,
            backlog=self._backlog,
            ssl=self._ssl_context,
            ssl_handshake_timeout=settings.head_s if self._ssl_context else None,
        )


@asynccontextmanager
async def taken_in_time(
    request: BaseRequest, length: int, settings: EdgeSettings
) -> AsyncIterator[None]:
    """Cut the connection when an answer of `length` bytes is taken more slowly than settings allow.
    Raises `ConnectionResetError` then."""
    limit_s = settings.send_s + length / settings.slowest_bytes_per_second
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError:
        if request.transport is not None:
            peer: socket.socket = request.transport.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP)
            request.transport.abort()
        raise ConnectionResetError("The viewer took the answer too slowly.") from None
