"""P5, C1: two edge processes behind a real API. One is frozen, one is killed; the film goes on."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from litestar import Litestar

from tests.clocks import PATIENT_S
from tests.conftest import OpenRows
from tests.contracts.here_and_apart import SECRET, serving
from tests.edge.edge_process import edge_process
from tests.edge.real_servers import RING
from tests.playback import setup as playback_setup
from tests.playback.setup import BYTES, Setup
from tests.ports import free_port
from vitascope.engines.wire import wire_router
from vitascope.kernel.clock import HeldClock, SystemClock
from vitascope.origin.routes import routes as origin_routes
from vitascope.playback import EndedSessions
from vitascope.playback.routes import routes
from vitascope.playback.settings import PlaybackSettings
from vitascope.steering import Steering
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings

pytestmark = pytest.mark.long

SILENCE_S = 1.5


@pytest.fixture
def steering_time() -> HeldClock:
    """By which an edge is silent when the test lets time pass, and not before."""
    return HeldClock()


@pytest.fixture
async def setup(
    open_sqlite: OpenRows, data: Path, steering_time: HeldClock
) -> AsyncIterator[Setup]:
    clock: Any = SystemClock()
    async with playback_setup.set_up(open_sqlite, clock, data) as made:
        settings = SteeringSettings(silence_s=SILENCE_S)
        made.steering = MemorySteering(clock=steering_time, settings=settings)
        made.playback = made.make(ring=RING, settings=PlaybackSettings(soft_deadline_s=PATIENT_S))
        made.origin = made.origin_for(RING)
        yield made


@pytest.fixture
async def api(setup: Setup) -> AsyncIterator[str]:
    wire = wire_router((Steering, setup.steering), (EndedSessions, setup.playback), secret=SECRET)
    handlers = [routes(setup.playback), origin_routes(setup.origin), wire]
    async with serving(Litestar(handlers)) as url:
        yield url


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENT_S):
        while not await true():
            await asyncio.sleep(0.05)


async def test_a_frozen_and_a_killed_edge_are_steered_around(
    setup: Setup, api: str, tmp_path: Path, steering_time: HeldClock
) -> None:
    async def healthy() -> set[str]:
        return {s.report.edge_id for s in (await setup.steering.edges()).edges if s.healthy}

    async def both() -> bool:
        return await healthy() == {"edge-a", "edge-b"}

    async def b_is_there() -> bool:
        return "edge-b" in await healthy()

    async def until_only_b() -> None:
        """What the other one had said before it fell silent may have been on its way."""
        while await healthy() != {"edge-b"}:
            steering_time.advance(SILENCE_S)
            await until(b_is_there)

    places = {name: (free_port(), tmp_path / name) for name in ("edge-a", "edge-b")}
    async with (
        aiohttp.ClientSession() as web,
        edge_process("edge-a", *places["edge-a"], api) as edge_a,
        edge_process("edge-b", *places["edge-b"], api) as edge_b,
    ):
        await until(both)
        play = await setup.play()
        bases = {edge.edge_id: edge.base_url for edge in play.edges}

        async def segment(edge_id: str, patience_s: float = PATIENT_S) -> bytes:
            headers = {"Range": "bytes=1000-30999"}
            limit = aiohttp.ClientTimeout(total=patience_s)
            url = bases[edge_id] + "v720.mp4"
            async with web.get(url, headers=headers, timeout=limit) as response:
                assert response.status == 206
                return await response.read()

        async def pathways(current: str) -> list[str]:
            asked = {"_DASH_pathway": current}
            async with web.get(api + play.steering_url, params=asked) as response:
                body = msgspec.json.decode(await response.read())
                return list(body["PATHWAY-PRIORITY"])

        for name in bases:
            assert await segment(name) == BYTES["v720"][1000:31_000]
        assert (await pathways("edge-a"))[0] == "edge-a"

        edge_a.send_signal(signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            await segment("edge-a", patience_s=0.5)
        await until_only_b()
        assert await pathways("edge-a") == ["edge-b"]
        assert await segment("edge-b") == BYTES["v720"][1000:31_000]

        edge_a.send_signal(signal.SIGCONT)
        await until(both)
        assert await segment("edge-a") == BYTES["v720"][1000:31_000]

        edge_a.kill()
        await edge_a.wait()
        await until_only_b()
        assert await pathways("edge-a") == ["edge-b"]

        async with edge_process("edge-a", *places["edge-a"], api):
            await until(both)
            assert await segment("edge-a") == BYTES["v720"][1000:31_000]
        assert edge_b.returncode is None
