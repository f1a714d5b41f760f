"""C4: an edge that is about to stop says so at once, and serves those who are there to the end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp

from tests.clocks import PATIENT_S
from tests.edge.real_servers import PREFIX, RING, EndedStandIn, PlantedOrigin, all_of, edge
from tests.ports import free_port
from vitascope import settings as service_settings
from vitascope.assembly.providers.edge import provide
from vitascope.edge.settings import EdgeSettings
from vitascope.kernel.clock import SystemClock
from vitascope.steering import EdgeReport, InventoryChange, InventoryMark

SELDOM = EdgeSettings(report_s=3600.0)  # what is told besides is told because it leaves


class Ears:
    """One of the steering processes."""

    def __init__(self) -> None:
        self.reports: list[EdgeReport] = []
        self.heard = asyncio.Event()

    async def report(self, report: EdgeReport) -> InventoryMark:
        self.reports.append(report)
        self.heard.set()
        return report.inventory

    async def change_inventory(self, change: InventoryChange) -> InventoryMark:
        raise AssertionError("it knows the inventory")

    @property
    def drainings(self) -> list[bool]:
        return [report.draining for report in self.reports]


async def all_heard(several: list[Ears]) -> None:
    async with asyncio.timeout(PATIENT_S):
        await asyncio.gather(*(each.heard.wait() for each in several))


async def test_every_steering_process_is_told_and_films_go_on(tmp_path: Path) -> None:
    several = [Ears(), Ears()]
    planted = PlantedOrigin({"a-en-2.mp4": b"film"})
    async with (
        planted.running() as origin,
        edge(origin.url, tmp_path, SELDOM, steering=several) as running,
        aiohttp.ClientSession() as web,
    ):
        await all_heard(several)
        assert [each.drainings for each in several] == [[False], [False]]
        await running.appliance.drain()
        assert [each.drainings for each in several] == [[False, True], [False, True]]
        async with web.get(f"{running.url}/healthz") as told:
            assert (await told.json())["state"] == "draining"
        async with web.get(running.link("a-en-2.mp4", prefix=PREFIX)) as served:
            assert (served.status, await served.read()) == (200, b"film")


@contextmanager
def cancelled_at_the_end(task: "asyncio.Task[None]") -> Iterator[None]:
    try:
        yield
    finally:
        task.cancel()


async def test_a_process_with_an_edge_tells_before_it_leaves(tmp_path: Path) -> None:
    ears = Ears()

    async def keys() -> Any:
        return RING

    engines = SimpleNamespace(
        settings=service_settings.load(None, {}, port=free_port(), data=str(tmp_path)),
        name="edge-a",
        data=tmp_path,
        clock=SystemClock(),
        path_keys=keys,
    )
    steering = SimpleNamespace(now=all_of([ears]))
    offer = await provide(
        cast(Any, engines), steering=cast(Any, steering), ended_sessions=EndedStandIn()
    )
    (run,) = offer.tasks
    running = asyncio.create_task(run())
    with cancelled_at_the_end(running):
        await all_heard([ears])
        for tell in offer.leaving:
            await tell()
        assert not running.done(), "it listens until it is stopped"
    with suppress(asyncio.CancelledError):
        await running
    assert ears.drainings[-1]
    assert not ears.drainings[0]
