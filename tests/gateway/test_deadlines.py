"""G1: a connection that says nothing, or goes on for ever, holds up nobody else."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.clocks import PATIENT_S, until_asleep
from tests.contracts.here_and_apart import serving_asgi
from tests.gateway.application import application
from tests.needed import missing
from vitascope.engines.open_files import raise_open_files
from vitascope.gateway import deadlines
from vitascope.gateway.app import serve
from vitascope.gateway.settings import GatewaySettings
from vitascope.kernel.clock import HeldClock

SHORT = GatewaySettings(idle_s=0.5)


@asynccontextmanager
async def listening(
    data: Path, clock: HeldClock, settings: GatewaySettings
) -> AsyncIterator[tuple[str, int]]:
    async with application(data, clock, settings=settings) as (app, _):
        stop = asyncio.Event()
        async with serving_asgi(
            lambda port: serve(app, host="127.0.0.1", port=port, stop=stop)
        ) as (url, running):
            yield "127.0.0.1", int(url.rpartition(":")[2])
            stop.set()
            await running


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"G",
        b"GET /api/plans HTTP/1.1\r\nHost: vitascope.test\r\nX-Slow: ",
        b"GET /api/plans HTTP/1.1\r\nHost: vitascope.test\r\n\r\n",  # answered, and then silence
        b"PRI * HTTP/2.0\r\n",
    ],
)
async def test_a_connection_that_falls_silent_is_closed(
    data: Path, clock: HeldClock, said: bytes
) -> None:
    async with listening(data, clock, SHORT) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(said)
        async with asyncio.timeout(PATIENT_S):
            with contextlib.suppress(ConnectionError):  # closed all the same
                await reader.read()
        writer.close()


@pytest.mark.long
async def test_1100_silent_connections_leave_the_service_answering(
    data: Path, clock: HeldClock
) -> None:
    """They stay open for the whole test: the answer does not wait for their end."""
    raise_open_files()
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 4096:
        missing("Allow 4096 open files: both ends are in this process (ulimit -Hn 4096).")
    async with (
        listening(data, clock, GatewaySettings(idle_s=3600)) as (host, port),
        AsyncExitStack() as held,
    ):
        for _ in range(1100):
            _, writer = await asyncio.open_connection(host, port)
            held.callback(writer.close)
        async with httpx.AsyncClient(timeout=PATIENT_S) as client:
            assert (await client.get(f"http://{host}:{port}/api/plans")).status_code == 200


HEAD = b"POST /api/try/echo HTTP/1.1\r\nHost: vitascope.test\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"Content-Length: 100\r\n\r\n",
        HEAD + b'Content-Length: 100\r\n\r\n{"plan',
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n6\r\n{"plan\r\n',
    ],
)
async def test_a_body_that_stops_coming_is_refused(
    data: Path, clock: HeldClock, said: bytes
) -> None:
    async with listening(data, clock, GatewaySettings(body_s=30)) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(said)
        answer = asyncio.create_task(reader.readline())
        async with asyncio.timeout(PATIENT_S):
            while not answer.done():
                clock.advance(10)
                await asyncio.sleep(0.01)
            assert answer.result().startswith(b"HTTP/1.1 408")
            assert b"body-too-slow" in await reader.read()  # and the connection is closed
        writer.close()


async def test_a_body_may_take_as_long_as_its_bytes_earn(clock: HeldClock) -> None:
    pieces: asyncio.Queue[deadlines.Message] = asyncio.Queue()
    receive = deadlines.within(pieces.get, clock, patience_s=30, bytes_per_second=10)
    for _ in range(20):  # 100 bytes every ten seconds are as slow as may be
        waiting = asyncio.ensure_future(receive())
        await until_asleep(clock, 1)
        clock.advance(10)
        pieces.put_nowait({"type": "http.request", "body": b"x" * 100, "more_body": True})
        await waiting
    clock.advance(3600)  # what a route does with a piece does not count
    slower = asyncio.ensure_future(receive())
    await until_asleep(clock, 1, within_s=30)
    clock.advance(30)
    with pytest.raises(deadlines.BodyTooSlow):
        await slower


async def test_a_byte_at_a_time_is_too_slow(clock: HeldClock) -> None:
    pieces: asyncio.Queue[deadlines.Message] = asyncio.Queue()
    receive = deadlines.within(pieces.get, clock, patience_s=30, bytes_per_second=10)
    for _ in range(34):
        waiting = asyncio.ensure_future(receive())
        await until_asleep(clock, 1)
        pieces.put_nowait({"type": "http.request", "body": b"x", "more_body": True})
        clock.advance(1)
        await waiting
    with pytest.raises(deadlines.BodyTooSlow):
        await receive()


async def test_after_the_body_nobody_is_hurried(clock: HeldClock) -> None:
    """An event stream waits for its client to leave."""
    pieces: asyncio.Queue[deadlines.Message] = asyncio.Queue()
    receive = deadlines.within(pieces.get, clock, patience_s=30, bytes_per_second=10)
    pieces.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    await receive()
    left = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    assert clock.sleeping() == 0
    pieces.put_nowait({"type": "http.disconnect"})
    assert (await left)["type"] == "http.disconnect"
