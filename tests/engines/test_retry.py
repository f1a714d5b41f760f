"""Retries: what is tried again, after which pauses, and with which budget."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.calls import failing, settle
from vitascope.engines.guard import (
    CircuitOpen,
    Retry,
    RetryBudget,
    deadline,
)
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import NotFound, Unavailable


async def test_trouble_is_tried_again_and_a_refusal_is_not(clock: HeldClock) -> None:
    retry = Retry(clock, RetryBudget(clock, per_second=10), backoff_s=0)
    call, calls = failing(2, Unavailable("away"))
    task = asyncio.create_task(retry.run(call))
    for _ in range(5):
        await settle()
        clock.advance(1)
    assert await task == "answer"
    assert len(calls) == 3
    call, calls = failing(1, NotFound("no such thing"))
    with pytest.raises(NotFound):
        await retry.run(call)
    assert len(calls) == 1


async def test_no_retry_is_begun_that_the_deadline_would_cut_off(clock: HeldClock) -> None:
    retry = Retry(clock, RetryBudget(clock, per_second=10), backoff_s=100, chance=random.Random(1))
    call, calls = failing(1, Unavailable("away"))
    with deadline(1, clock), pytest.raises(Unavailable):
        await retry.run(call)
    assert len(calls) == 1


async def test_a_pause_grows_no_longer_than_it_may(clock: HeldClock) -> None:
    budget = RetryBudget(clock, per_second=20, ceiling=20)
    retry = Retry(clock, budget, attempts=20, backoff_s=0.5, longest_s=6)
    call, calls = failing(12, Unavailable("away"))
    task = asyncio.create_task(retry.run(call))
    for _ in range(12):
        await settle()
        clock.advance(6)
    await settle()
    assert task.done()
    assert await task == "answer"
    assert len(calls) == 13


class Full(random.Random):
    """Always takes the whole, or the part that it was told to."""

    def __init__(self, part: float = 1.0) -> None:
        super().__init__(0)
        self._part = part

    def random(self) -> float:
        return self._part


class Hurried(HeldClock):
    """Remembers how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.mark.parametrize(("part", "slept"), [(1.0, [1, 2, 4, 5, 5]), (0.5, [0.5, 1, 2, 2.5, 2.5])])
async def test_pauses_double_up_to_the_longest_and_chance_takes_a_part(
    part: float, slept: list[float]
) -> None:
    clock = Hurried()
    budget = RetryBudget(clock, per_second=20, ceiling=20)
    retry = Retry(clock, budget, attempts=6, backoff_s=1, longest_s=5, chance=Full(part))
    call, calls = failing(9, Unavailable("away"))
    with pytest.raises(Unavailable):
        await retry.run(call)
    assert clock.slept == slept
    assert len(calls) == 6, "the first try counts as one"


async def test_a_retry_that_would_begin_at_the_deadline_is_not_made(clock: HeldClock) -> None:
    budget = RetryBudget(clock, per_second=10)
    retry = Retry(clock, budget, backoff_s=1, chance=Full())
    call, calls = failing(9, Unavailable("away"))
    with deadline(1, clock), pytest.raises(Unavailable):
        await retry.run(call)
    assert len(calls) == 1


async def test_an_open_circuit_is_not_asked_again_at_once(clock: HeldClock) -> None:
    retry = Retry(clock, RetryBudget(clock, per_second=10), backoff_s=0)
    call, calls = failing(9, CircuitOpen("left alone"))
    with pytest.raises(CircuitOpen):
        await retry.run(call)
    assert len(calls) == 1


def test_quiet_hours_save_up_no_more_retries_than_the_ceiling(clock: HeldClock) -> None:
    budget = RetryBudget(clock, share=0, per_second=1, ceiling=3)
    clock.advance(3600)
    assert [budget.withdraw() for _ in range(5)] == [True, True, True, False, False]


async def test_a_retry_is_made_only_when_the_budget_of_all_callers_has_one_left(
    clock: HeldClock,
) -> None:
    budget = RetryBudget(clock, share=0, per_second=1)
    retry = Retry(clock, budget, attempts=3, backoff_s=0)
    first, first_calls = failing(9, Unavailable("away"))
    task = asyncio.create_task(retry.run(first))
    await settle()
    clock.advance(0)
    with pytest.raises(Unavailable):
        await task
    assert len(first_calls) == 2, "one retry was in the budget, and no second"
    second, second_calls = failing(9, Unavailable("away"))
    with pytest.raises(Unavailable):
        await retry.run(second)
    assert len(second_calls) == 1, "another caller spent it"


@given(first_tries=st.integers(1, 2000), share=st.floats(0.01, 0.5))
def test_retries_never_exceed_their_share(first_tries: int, share: float) -> None:
    clock = HeldClock()
    budget = RetryBudget(clock, share=share, per_second=1.0, ceiling=10)
    retries = 0
    for _ in range(first_tries):
        budget.deposit()
        retries += budget.withdraw()
        clock.advance(0.001)
    allowed_by_time = 1 + first_tries * 0.001
    assert retries <= first_tries * share + allowed_by_time + 1e-6


def test_a_lone_caller_may_retry_again_after_a_while(clock: HeldClock) -> None:
    budget = RetryBudget(clock, share=0, per_second=1)
    assert budget.withdraw()
    assert not budget.withdraw()
    clock.advance(1)
    assert budget.withdraw()


def test_first_tries_earn_retries() -> None:
    budget = RetryBudget(HeldClock(), share=0.25, per_second=0.0)
    assert not budget.withdraw()
    for _ in range(4):
        budget.deposit()
    assert [budget.withdraw(), budget.withdraw()] == [True, False]
