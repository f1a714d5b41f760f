"""Whose step is next: what leads to first versions, by priority and in order; then the rest."""

import asyncio

from vitascope.publishing.turns import Turns


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Steps:
    """Steps that each take ten seconds of a clock of their own, one after the other."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turns = Turns(1, lambda: self.now)
        self.done: list[str] = []
        self.open = asyncio.Event()

    def start(self, name: str, *order: int, patient: bool = False) -> asyncio.Task[None]:
        async def step() -> None:
            self.done.append(name)
            await self.open.wait()
            self.now += 10.0

        return asyncio.create_task(self.turns.run(step, order, patient=patient))


async def test_first_versions_go_first_and_then_the_most_urgent_and_the_earliest() -> None:
    steps = Steps()
    tasks = [steps.start("holds", 30)]
    await settle()
    tasks += [
        steps.start("ladder", 10, 0, patient=True),
        steps.start("ladder 2", 30, 0, patient=True),
    ]
    tasks += [steps.start("old", 30, 0), steps.start("later", 20, 1), steps.start("earlier", 20, 0)]
    tasks += [steps.start("new", 10, 1), steps.start("new too", 10, 1)]
    await settle()
    leaves = steps.start("leaves", 0)
    await settle()
    leaves.cancel()
    await settle()
    assert steps.turns.waiting == 7
    steps.open.set()
    await asyncio.gather(*tasks)
    order = ["holds", "new", "new too", "earlier", "later", "old", "ladder", "ladder 2"]
    assert steps.done == order


async def test_ladders_are_not_kept_waiting_for_ever() -> None:
    steps = Steps()
    steps.open.set()
    tasks = [steps.start(f"ladder {n}", 10, n, patient=True) for n in range(2)]
    tasks += [steps.start(f"film {n}", 10, n) for n in range(100)]
    await asyncio.gather(*tasks)
    last = steps.done.index("ladder 1")
    assert last < len(steps.done) - 20
    assert steps.done.index("ladder 0") < last


async def test_a_turn_given_to_who_goes_away_in_that_moment_is_passed_on() -> None:
    turns, done, open_ = Turns(1), list[str](), asyncio.Event()

    async def holds() -> None:
        await turns.run(open_.wait, (), patient=False)
        leaves.cancel()  # it has the turn, and has not run yet

    async def note(name: str) -> None:
        done.append(name)

    holding = asyncio.create_task(holds())
    await settle()
    leaves = asyncio.create_task(turns.run(lambda: note("leaves"), (), patient=False))
    stays = asyncio.create_task(turns.run(lambda: note("stays"), (), patient=True))
    await settle()
    open_.set()
    await asyncio.wait_for(asyncio.gather(holding, stays), 120)
    assert leaves.cancelled()
    assert done == ["stays"]


async def test_who_goes_away_while_the_place_is_given_back_leaves_no_hole() -> None:
    turns, open_ = Turns(1), asyncio.Event()

    async def holds() -> None:
        leaves.cancel()  # its waiting ends before it can say so

    async def waits() -> None:
        await open_.wait()

    first = asyncio.create_task(turns.run(waits, (), patient=False))
    await settle()
    leaves = asyncio.create_task(turns.run(waits, (), patient=False))
    await settle()
    open_.set()
    await asyncio.gather(first, holds())
    await settle()
    assert leaves.cancelled()
    assert turns.waiting == 0
    for _ in range(3):  # every place is still there, and no more than one
        await asyncio.wait_for(turns.run(lambda: asyncio.sleep(0), (), patient=True), 120)
