"""Deadlines, timeouts, bulkheads, fallbacks, and all of it together."""

import asyncio
import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.calls import answer, failing, settle
from vitascope.engines.breaker import Breaker, BreakerSettings
from vitascope.engines.guard import (
    Bulkhead,
    CircuitOpen,
    Guard,
    Overloaded,
    Retry,
    RetryBudget,
    deadline,
    fallback,
    guarded,
    remaining,
    timeout,
)
from vitascope.kernel.clock import HeldClock, SystemClock
from vitascope.kernel.errors import DeadlineExceeded, NotFound, Unavailable

SMALL = BreakerSettings(window_s=10, buckets=10, volume=4, error_percent=50, sleep_s=5)


# -- deadlines and timeouts


def test_an_inner_deadline_never_extends_an_outer_one(clock: HeldClock) -> None:
    assert remaining(clock) is None
    with deadline(2, clock):
        with deadline(10, clock):
            assert remaining(clock) == 2
        with deadline(1, clock):
            assert remaining(clock) == 1
        clock.advance(5)
        assert remaining(clock) == 0
    assert remaining(clock) is None


async def test_what_takes_too_long_is_cancelled(clock: HeldClock) -> None:
    ended: list[str] = []

    async def slow() -> None:
        try:
            await clock.sleep(100)
        finally:
            await asyncio.sleep(0)  # what it has to clean up is waited for
            ended.append("cancelled")

    call = asyncio.create_task(timeout(slow, clock, 3))
    await settle()
    clock.advance(3)
    with pytest.raises(DeadlineExceeded):
        await call
    assert ended == ["cancelled"]


async def test_the_deadline_limits_a_call_that_has_a_longer_limit_of_its_own(
    clock: HeldClock,
) -> None:
    with deadline(1, clock):
        call = asyncio.create_task(timeout(lambda: clock.sleep(100), clock, 50))
        await settle()
        clock.advance(1)
        with pytest.raises(DeadlineExceeded):
            await call


async def test_with_no_time_left_nothing_is_asked(clock: HeldClock) -> None:
    call, calls = failing(0, Unavailable("never"))
    with deadline(1, clock):
        clock.advance(2)
        with pytest.raises(DeadlineExceeded):
            await timeout(call, clock)
    assert calls == []


async def test_a_caller_that_goes_away_takes_its_call_along() -> None:
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            ended.append("cancelled")

    call = asyncio.create_task(timeout(slow, SystemClock(), 50))
    await settle()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert ended == ["cancelled"]


# -- bulkhead


async def test_a_bulkhead_runs_some_queues_some_and_turns_the_rest_away() -> None:
    bulkhead = Bulkhead(2, queue=1)
    go = asyncio.Event()
    calls = [asyncio.create_task(bulkhead.run(go.wait)) for _ in range(3)]
    await settle()
    assert (bulkhead.running, bulkhead.waiting) == (2, 1)
    with pytest.raises(Overloaded):
        await bulkhead.run(answer)
    go.set()
    await asyncio.gather(*calls)
    assert (bulkhead.running, bulkhead.waiting) == (0, 0)
    assert await bulkhead.run(answer) == "answer"


async def test_a_place_handed_to_who_goes_away_in_that_moment_is_passed_on() -> None:
    bulkhead, order, open_ = Bulkhead(1, queue=2), [], asyncio.Event()

    async def holds() -> None:
        await bulkhead.run(open_.wait)
        leaves.cancel()  # it was called, and has not run yet

    async def note(name: str) -> None:
        order.append(name)

    holding = asyncio.create_task(holds())
    await settle()
    leaves = asyncio.create_task(bulkhead.run(lambda: note("leaves")))
    stays = asyncio.create_task(bulkhead.run(lambda: note("stays")))
    await settle()
    open_.set()
    await asyncio.wait_for(asyncio.gather(holding, stays), 120)
    assert leaves.cancelled()
    assert (order, bulkhead.running) == (["stays"], 0)


@given(
    places=st.integers(1, 4),
    queue=st.integers(0, 4),
    script=st.lists(st.tuples(st.sampled_from(["start", "finish", "cancel"]), st.integers(0, 30))),
)
def test_a_bulkhead_keeps_its_bounds_whatever_happens(
    places: int, queue: int, script: list[tuple[str, int]]
) -> None:
    async def play() -> None:
        bulkhead = Bulkhead(places, queue=queue)
        gates: list[asyncio.Event] = []
        tasks: list[asyncio.Task[bool]] = []
        inside = 0

        async def work(gate: asyncio.Event) -> bool:
            nonlocal inside
            inside += 1
            assert inside <= places
            try:
                return await gate.wait()
            finally:
                inside -= 1

        for action, which in script:
            if action == "start":
                gate = asyncio.Event()
                gates.append(gate)
                tasks.append(asyncio.create_task(bulkhead.run(functools.partial(work, gate))))
            elif tasks and action == "finish":
                gates[which % len(gates)].set()
            elif tasks:
                tasks[which % len(tasks)].cancel()
            await asyncio.sleep(0)
            assert bulkhead.running <= places
            assert bulkhead.waiting <= queue
        for gate in gates:
            gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (bulkhead.running, bulkhead.waiting) == (0, 0)

    asyncio.run(play())


# -- together


async def test_a_broken_neighbour_is_left_alone_until_it_answers_a_probe(clock: HeldClock) -> None:
    guard = Guard("catalog", clock, breaker=Breaker(clock, SMALL))
    call, calls = failing(4, Unavailable("away"))
    for _ in range(4):
        with pytest.raises(Unavailable):
            await guard.run(call)
    with pytest.raises(CircuitOpen):
        await guard.run(call)
    assert len(calls) == 4
    clock.advance(5)
    assert await guard.run(call) == "answer"
    assert await guard.run(call) == "answer"


@pytest.mark.parametrize("how", ["given up", "refused"])
async def test_a_probe_that_is_given_up_opens_it_again_and_one_that_is_refused_closes_it(
    clock: HeldClock, how: str
) -> None:
    guard = Guard("catalog", clock, breaker=Breaker(clock, SMALL))
    call, _ = failing(4, Unavailable("away"))
    for _ in range(4):
        with pytest.raises(Unavailable):
            await guard.run(call)
    clock.advance(5)
    if how == "refused":
        refused, _ = failing(1, NotFound("no such thing"))
        with pytest.raises(NotFound):
            await guard.run(refused)
        assert await guard.run(answer) == "answer"
    else:
        probe = asyncio.create_task(guard.run(asyncio.Event().wait))
        await settle()
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        with pytest.raises(CircuitOpen):
            await guard.run(answer)
        clock.advance(5)
        assert await guard.run(answer) == "answer"


async def test_refusals_never_open_the_circuit(clock: HeldClock) -> None:
    guard = Guard("catalog", clock, breaker=Breaker(clock, SMALL))
    call, calls = failing(100, NotFound("no such thing"))
    for _ in range(50):
        with pytest.raises(NotFound):
            await guard.run(call)
    assert len(calls) == 50


async def test_timeouts_open_the_circuit(clock: HeldClock) -> None:
    guard = Guard("catalog", clock, timeout_s=1, breaker=Breaker(clock, SMALL))
    for _ in range(4):
        task = asyncio.create_task(guard.run(lambda: clock.sleep(60)))
        await settle()
        clock.advance(1)
        with pytest.raises(DeadlineExceeded):
            await task
    with pytest.raises(CircuitOpen):
        await guard.run(answer)


async def test_a_fallback_says_that_it_is_one() -> None:
    away, _ = failing(9, Unavailable("away"))
    surprised, _ = failing(9, KeyError("bug"))
    assert await fallback(answer, away) == ("answer", False)
    assert await fallback(answer) == ("answer", False)
    assert await fallback(away, surprised, answer) == ("answer", True)
    assert await fallback(surprised, answer, surprised) == ("answer", True)
    with pytest.raises(Unavailable):
        await fallback(surprised, away)


async def test_a_fallback_never_covers_up_a_refusal() -> None:
    refused, _ = failing(9, NotFound("not for you"))
    with pytest.raises(NotFound):
        await fallback(refused, answer)


class Shelf:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def read(self, word: str, *, times: int = 1) -> str:
        self.asked.append(word)
        if len(self.asked) == 1:
            raise Unavailable("away")
        return word * times

    async def write(self, word: str) -> str:
        return await self.read(word)

    def plain(self) -> int:
        return 7


async def test_only_what_may_be_repeated_is_repeated(clock: HeldClock) -> None:
    retry = Retry(clock, RetryBudget(clock, per_second=9), backoff_s=0)
    guard = Guard("shelf", clock, retry=retry)
    shelf = guarded(Shelf(), guard, repeatable={"read"})
    task = asyncio.create_task(shelf.read("a", times=2))
    await settle()
    clock.advance(1)
    assert await task == "aa"
    with pytest.raises(Unavailable):
        await guarded(Shelf(), guard, repeatable={"read"}).write("a")
    assert shelf.plain() == 7
