"""Telling steering how this edge is, and what it took in and dropped since it was told last."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import structlog

from vitascope.edge.inventory import Inventory
from vitascope.edge.pace import Pace
from vitascope.kernel.clock import Clock, set_within
from vitascope.kernel.errors import VitascopeError
from vitascope.steering import EdgeReport, InventoryChange, InventoryMark

_PATIENCE_S = 2.0  # for one report, however often there shall be one

log = structlog.get_logger(__name__)

LOOK_EVERY = 2
"""So many reports, and it is looked which steering processes there are."""


class ReportReceiver(Protocol):
    """The part of `Steering` that edges talk to."""

    async def report(self, report: EdgeReport) -> InventoryMark: ...

    async def change_inventory(self, change: InventoryChange) -> InventoryMark: ...


FindSteering = Callable[[], Awaitable[Mapping[str, ReportReceiver]]]
"""Returns the steering processes there are now, by their URL. Raises `Unavailable` when nobody can
say."""


class Reporter:
    """Reports to one steering process. Where there are several, each has a reporter of its own:
    each answers how far it knows this edge's inventory."""

    def __init__(
        self,
        steering: ReportReceiver,
        report: Callable[[], EdgeReport],
        inventory: Inventory,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._steering = steering
        self._report = report
        self._inventory = inventory
        self._clock = clock
        self._pace = pace
        self._stirred = asyncio.Event()

    async def run(self) -> None:
        """Report until cancelled. Steering that cannot be reached is told later, and once in the
        log."""
        heard = True
        while True:
            self._stirred.clear()
            try:
                async with asyncio.timeout(max(self._pace.quick_s, _PATIENCE_S)):
                    await self.tell()
                if not heard:
                    log.info("edge.heard_again")
                heard = True
            except (VitascopeError, OSError) as error:
                if heard:
                    log.warning("edge.not_heard", why=str(error) or type(error).__name__)
                heard = False
                self._pace.hurry()
            await set_within(self._stirred, self._pace.pause_s, self._clock)

    def stir(self) -> None:
        """Report at once if the next report is far: the edge begins to serve, or has changed."""
        if not self._pace.is_quick:
            self._pace.hurry()
            self._stirred.set()

    async def tell_state(self) -> None:
        """Report once, and leave the inventory to the next time."""
        self.stir()  # which comes soon
        await self._steering.report(self._pace.promised(self._report()))

    async def tell(self) -> None:
        """Report once, and send whatever steering does not know yet of the inventory."""
        report, going_on = self._pace.promised(self._report()), False
        known = await self._steering.report(report)
        while known != self._inventory.mark:
            change = self._inventory.since(known, report.edge_id, going_on=going_on)
            told = await self._steering.change_inventory(change)
            if told == known:
                return  # it takes nothing at the moment; the next report asks again
            known, going_on = told, change.more


class Reporting:
    """Reports to every steering process: to those that come later as soon as they are found, and to
    those that are gone no more."""

    def __init__(
        self,
        find: FindSteering,
        reporter: Callable[[ReportReceiver], Reporter],
        clock: Clock,
        *,
        every_s: float,
    ) -> None:
        self._find = find
        self._reporter = reporter
        self._clock = clock
        self._every_s = every_s
        self._running: dict[str, tuple[Reporter, asyncio.Task[None]]] = {}
        self._is_told = True

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._look(group)
                await self._clock.sleep(self._every_s)

    async def tell_all(self) -> None:
        """Report to all at once, besides. Who can't be reached finds out by itself."""
        telling = [reporter.tell_state() for reporter, _ in self._running.values()]
        await asyncio.gather(*telling, return_exceptions=True)

    def stir(self) -> None:
        """Report to all at once who would hear of this edge late."""
        for reporter, _ in self._running.values():
            reporter.stir()

    async def _look(self, group: asyncio.TaskGroup) -> None:
        """When nobody can say which there are, those that were known are told on."""
        try:
            found = await self._find()
        except (VitascopeError, OSError) as error:
            if self._is_told:
                log.warning("edge.steering_not_found", why=str(error) or type(error).__name__)
            self._is_told = False
            return
        self._is_told = True
        for url in self._running.keys() - found.keys():
            self._running.pop(url)[1].cancel()
        for url in found.keys() - self._running.keys():
            reporter = self._reporter(found[url])
            self._running[url] = reporter, group.create_task(reporter.run())
