"""C1: an edge closes connections of which nothing comes."""

import asyncio
import select
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.clocks import PATIENT_S
from tests.edge.real_servers import PlantedOrigin, edge
from vitascope.edge.settings import EdgeSettings

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: edge\r\n\r\n"


@pytest.mark.parametrize("said", [b"", b"G", HEALTH[:-2], HEALTH + HEALTH[:-2], HEALTH])
async def test_without_a_whole_head_in_time_it_is_closed(tmp_path: Path, said: bytes) -> None:
    settings = EdgeSettings(head_s=0.2, idle_s=0.4)
    async with PlantedOrigin({}).running() as origin, edge(origin.url, tmp_path, settings) as one:
        at = urlsplit(one.url)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(said)
        async with asyncio.timeout(PATIENT_S):
            answer = await reader.read()
        assert answer.count(b"HTTP/1.1 200") == (1 if HEALTH in said else 0)
        writer.close()


@pytest.mark.parametrize("taking", [0, 1000])
@pytest.mark.parametrize("held", [True, False])
async def test_who_hardly_takes_the_answer_is_cut_off(
    tmp_path: Path, taking: int, held: bool
) -> None:
    content = b"x" * 32_000_000
    settings = EdgeSettings(send_s=1.0, slowest_bytes_per_second=1e12)
    planted = PlantedOrigin({"v.mp4": content})
    async with planted.running() as origin, edge(origin.url, tmp_path, settings) as one:
        if held:
            async with httpx.AsyncClient(timeout=PATIENT_S) as client:
                await client.get(one.link("v.mp4"), headers={"Range": "bytes=0-9"})
            await one.fill()
        link = urlsplit(one.link("v.mp4"))
        loop = asyncio.get_running_loop()
        with socket.socket() as viewer:
            viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            viewer.setblocking(False)
            await loop.sock_connect(viewer, (link.hostname, link.port))
            await loop.sock_sendall(viewer, f"GET {link.path} HTTP/1.1\r\nHost: e\r\n\r\n".encode())
            assert await loop.sock_recv(viewer, 10) == b"HTTP/1.1 2"
            broken = select.poll()
            broken.register(viewer, 0)  # tells of errors alone
            async with asyncio.timeout(PATIENT_S):
                while not broken.poll(0):
                    if taking:
                        await loop.sock_recv(viewer, taking)
                    await asyncio.sleep(0.01)
