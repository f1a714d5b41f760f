"""P5: an edge that serves nobody reports less often, and says so; it is quick when it begins."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.clocks import PATIENT_S
from tests.edge.real_servers import PREFIX, PlantedOrigin, edge
from tests.steering.fleet import says
from vitascope.edge.inventory import Inventory
from vitascope.edge.pace import Pace
from vitascope.edge.reporting import Reporter
from vitascope.edge.settings import EdgeSettings
from vitascope.kernel.clock import HeldClock, SystemClock
from vitascope.kernel.errors import Unavailable
from vitascope.steering import EdgeReport, InventoryChange, InventoryMark


def promises(pace: Pace, *reports: EdgeReport) -> list[float]:
    return [pace.promised(report).next_s for report in reports]


def test_an_idle_edge_reports_less_and_less_often_to_a_limit() -> None:
    idle = says("edge-a")
    assert promises(Pace(2.0, 10.0), *[idle] * 5) == [2.0, 4.0, 8.0, 10.0, 10.0]


@pytest.mark.parametrize(
    "news",
    [
        {"streams": 1},
        {"load_mbps": 0.1},
        {"draining": True},
        {"capacity_mbps": 500},
        {"disk_used_bytes": 7},
        {"inventory": InventoryMark(run="run", number=8)},
    ],
)
def test_whatever_is_new_of_an_edge_is_told_at_the_quick_pace(news: dict[str, Any]) -> None:
    pace = Pace(2.0, 10.0)
    assert promises(pace, *[says("edge-a")] * 3)[-1] == 8.0
    assert promises(pace, says("edge-a", **news)) == [2.0]


def test_an_edge_at_work_is_quick_though_its_load_stays_the_same() -> None:
    assert promises(Pace(2.0, 10.0), *[says("edge-a", streams=1)] * 4) == [2.0] * 4


def test_an_edge_that_is_to_report_seldom_never_reports_more_often_when_idle() -> None:
    assert promises(Pace(60.0, 5.0), *[says("edge-a")] * 4) == [60.0] * 4


class Ears:
    """Steering that notes when it was told what; it can be deaf."""

    def __init__(self, clock: HeldClock) -> None:
        self.clock = clock
        self.heard: list[tuple[float, EdgeReport]] = []
        self.is_deaf = False

    async def report(self, report: EdgeReport) -> InventoryMark:
        self.heard.append((self.clock.monotonic(), report))
        if self.is_deaf:
            raise Unavailable("deaf")
        return report.inventory

    async def change_inventory(self, change: InventoryChange) -> InventoryMark:
        raise AssertionError("it knows the inventory")

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.heard]


@pytest.fixture
def ears(clock: HeldClock) -> Ears:
    return Ears(clock)


@pytest.fixture
async def reporter(ears: Ears, clock: HeldClock) -> AsyncIterator[Reporter]:
    """Of an idle edge."""
    inventory = Inventory()

    def report() -> EdgeReport:
        return says("edge-a", inventory=inventory.mark)

    made = Reporter(ears, report, inventory, clock, Pace(2.0, 5.0))
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def pass_time(clock: HeldClock, seconds: int) -> None:
    for _ in range(seconds):
        await settle()
        clock.advance(1.0)
    await settle()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_each_report_comes_when_the_one_before_said(
    ears: Ears, reporter: Reporter, clock: HeldClock
) -> None:
    await pass_time(clock, 30)
    assert ears.times == [0, 2, 6, 11, 16, 21, 26]
    due = [at + told.next_s for at, told in ears.heard]
    assert due[:-1] == ears.times[1:]


async def test_an_edge_that_begins_to_serve_reports_at_once_and_then_quickly(
    ears: Ears, reporter: Reporter, clock: HeldClock
) -> None:
    await pass_time(clock, 12)
    assert ears.times == [0, 2, 6, 11]
    reporter.stir()
    await settle()
    reporter.stir()  # which is nothing new
    await settle()
    assert ears.times == [0, 2, 6, 11, 12]
    assert ears.heard[-1][1].next_s == 2.0
    await pass_time(clock, 2)
    assert ears.times == [0, 2, 6, 11, 12, 14]


async def test_steering_that_was_not_reached_is_tried_at_the_quick_pace(
    ears: Ears, reporter: Reporter, clock: HeldClock
) -> None:
    await pass_time(clock, 11)
    ears.is_deaf = True
    await pass_time(clock, 10)
    assert ears.times == [0, 2, 6, 11, 16, 18, 20]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENT_S):
        while not true():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", ["s", "admitted/s"])
async def test_a_viewer_of_an_idle_edge_is_told_at_once(path: str, tmp_path: Path) -> None:
    """Also one whose files a server in front of the edge sends."""
    clock = HeldClock(SystemClock().now_ms())
    ears = Ears(clock)
    planted = PlantedOrigin({"a-en-2.mp4": b"film"})
    settings = EdgeSettings(report_s=2.0, idle_report_s=3600.0)
    async with (
        planted.running() as origin,
        edge(origin.url, tmp_path, settings, steering=[ears], clock=clock) as running,
        aiohttp.ClientSession() as web,
    ):
        for wait_s in (0, 2, 4, 8):
            heard = len(ears.heard)
            clock.advance(wait_s)
            await until(lambda heard=heard: len(ears.heard) > heard)  # type: ignore[misc]
        assert ears.heard[-1][1].next_s == 16.0
        link = running.link("a-en-2.mp4", prefix=PREFIX).replace("/s/", f"/{path}/", 1)
        async with web.get(link) as served:
            assert served.status in (200, 204)
        await until(lambda: ears.heard[-1][1].streams == 1)
        assert ears.heard[-1][1].next_s == 2.0
