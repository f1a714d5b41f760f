"""The steps that a worker does itself: a few at once, the most urgent first. (I2)"""

import asyncio

from vitascope.engines.work import Priority
from vitascope.publishing.turns import Turns

NEW, NORMAL, OLD = Priority.NEW_RELEASE, Priority.NORMAL, Priority.BACK_CATALOG


class Bench:
    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self.order: list[str] = []
        self.open = asyncio.Event()
        self.most = 0
        self._now = 0

    def start(self, name: str, priority: Priority, place: int) -> asyncio.Task[None]:
        async def work() -> None:
            async with self.turns.turn(priority, place):
                self.order.append(name)
                self._now += 1
                self.most = max(self.most, self._now)
                await self.open.wait()
                self._now -= 1

        return asyncio.create_task(work())


async def test_the_most_urgent_comes_first_and_then_who_was_there_first() -> None:
    bench = Bench(1)
    first, second = bench.turns.place(), bench.turns.place()
    tasks = [bench.start("holds", OLD, 99)]
    await asyncio.sleep(0)
    tasks += [
        bench.start("old", OLD, first),
        bench.start("later", NORMAL, second),
        bench.start("earlier", NORMAL, first),
        bench.start("new", NEW, second),
    ]
    await asyncio.sleep(0)
    bench.open.set()
    await asyncio.gather(*tasks)
    assert bench.order == ["holds", "new", "earlier", "later", "old"]
    assert bench.most == 1


async def test_who_goes_away_while_waiting_is_passed_over() -> None:
    bench = Bench(1)
    holds = bench.start("holds", NORMAL, 0)
    await asyncio.sleep(0)
    leaves, stays = bench.start("leaves", NORMAL, 1), bench.start("stays", NORMAL, 2)
    await asyncio.sleep(0)
    leaves.cancel()
    bench.open.set()
    await asyncio.gather(holds, stays)
    assert bench.order == ["holds", "stays"]


async def test_who_goes_away_in_the_moment_of_its_call_passes_it_on() -> None:
    bench = Bench(1)

    async def hold() -> None:
        async with bench.turns.turn(NORMAL, 0):
            await bench.open.wait()
        leaves.cancel()  # it has been called, and has not run yet

    holds = asyncio.create_task(hold())
    await asyncio.sleep(0)
    leaves, stays = bench.start("leaves", NORMAL, 1), bench.start("stays", NORMAL, 2)
    await asyncio.sleep(0)
    bench.open.set()
    await asyncio.wait_for(asyncio.gather(holds, stays), 1)
    assert leaves.cancelled()
    assert bench.order == ["stays"]
    await asyncio.wait_for(bench.start("after", NORMAL, 3), 1)


async def test_no_more_than_allowed_work_at_once() -> None:
    bench = Bench(2)
    tasks = [bench.start(str(n), NORMAL, n) for n in range(9)]
    await asyncio.sleep(0)
    assert bench.most == 2
    bench.open.set()
    await asyncio.gather(*tasks)
    assert bench.most == 2
