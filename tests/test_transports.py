"""Who leaves a connection open is told."""

import asyncio
import gc
import socket

import pytest

from tests import transports


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_connection_that_outlives_its_loop_is_found_and_one_that_is_closed_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        asyncio.run(connect(server, leave_open=False))
        assert transports.left_open() == []
        kept = asyncio.run(connect(server, leave_open=True))
        (found,) = transports.left_open()
        assert "create_connection" in found
        assert transports.left_open() == [], "each is told once"
        del kept
        gc.collect()


async def connect(server: socket.socket, *, leave_open: bool) -> asyncio.BaseTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, *server.getsockname())
    if not leave_open:
        transport.close()
    await asyncio.sleep(0.01)
    return transport
