"""Running a domain's suite *here* and *apart*.

    @pytest.fixture(params=PLACES)
    async def catalog(request, ...) -> AsyncIterator[Catalog]:
        real = RowsCatalog(...)
        async with placed(request.param, Catalog, real, errors_of(vitascope.catalog)) as door:
            yield door

*Here* the suite talks to the object itself, *apart* to what `dial` makes of its Protocol, with a
real server, signatures and sockets in between. What holds here must hold apart.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from tests.clocks import PATIENT_S
from tests.ports import free_port
from vitascope.engines.wire import Line, dial, hang_up, wire_router
from vitascope.kernel.errors import VitascopeError

T = TypeVar("T")

PLACES = ("here", "apart")
SECRET = b"the secret of two processes that know each other"


@asynccontextmanager
async def placed(
    place: str, protocol: type[T], real: T, errors: Iterable[type[VitascopeError]]
) -> AsyncIterator[T]:
    if place == "here":
        yield real
        return
    async with serving(Litestar([wire_router((protocol, real), secret=SECRET)])) as url:
        afar = dial(protocol, Line(url, timeout_s=PATIENT_S), SECRET, errors)
        try:
            yield afar
        finally:
            await hang_up(afar)


@asynccontextmanager
async def serving(app: Litestar) -> AsyncIterator[str]:
    """The URL of `app` on Granian, on a free port of this machine, in this event loop."""
    servers: list[Server] = []

    async def serve(port: int) -> None:
        servers.append(
            Server(app, port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
        )
        await servers[0].serve()

    async with serving_asgi(serve) as (url, running):
        yield url
        servers[0].stop()  # type: ignore[no-untyped-call]
        await running


@asynccontextmanager
async def serving_asgi(
    serve: Callable[[int], Coroutine[Any, Any, None]],
) -> AsyncIterator[tuple[str, "asyncio.Task[None]"]]:
    """The URL and the task of `serve(port)`, once it answers. Whoever asks ends the task."""
    port = free_port()
    running = asyncio.create_task(serve(port))
    try:
        await _until_open(port, running)
        yield f"http://127.0.0.1:{port}", running
    finally:
        if not running.done():
            running.cancel()
            await asyncio.wait({running})


async def _until_open(port: int, running: "asyncio.Task[None]") -> None:
    while not running.done():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            await writer.wait_closed()
            return
    await running
    raise AssertionError(f"nothing opened port {port}")
