"""Doing without a neighbour: a time limit, a breaker, a lesser answer, and what is missing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from vitascope.engines.neighbours import Neighbours, at_once
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import DeadlineExceeded, NotFound, Unavailable


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def neighbours(clock: HeldClock, metrics: Metrics) -> Neighbours[str]:
    names = ("catalog", "viewing")
    return Neighbours(clock, names, journey="home", timeout_s=0.5, metrics=metrics)


def answering(answer: str) -> Callable[[], Awaitable[str]]:
    async def call() -> str:
        return answer

    return call


class Down:
    """Raises `error`, and counts how often it was asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        raise self.error


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def figure(metrics: Metrics, name: str, neighbour: str) -> float | None:
    labels = {"journey": "home", "neighbour": neighbour}
    return metrics.registry.get_sample_value(name, labels)


async def test_g3_an_answer_is_the_neighbours_own_and_nothing_is_missing(
    neighbours: Neighbours[str],
) -> None:
    asking = neighbours.asking()
    assert await asking.ask("viewing", answering("12 min"), otherwise=str) == "12 min"
    assert asking.missing == ()


@pytest.mark.parametrize("error", [Unavailable("away"), OSError("cut"), KeyError("a fault of it")])
async def test_g3_whatever_is_wrong_there_the_lesser_answer_is_given_and_named(
    neighbours: Neighbours[str], metrics: Metrics, error: Exception
) -> None:
    asking = neighbours.asking()
    assert await asking.ask("viewing", Down(error), otherwise=lambda: "start") == "start"
    assert await asking.ask("catalog", answering("yes"), otherwise=str) == "yes"
    assert asking.missing == ("viewing",)
    assert neighbours.asking().missing == (), "another request lacks nothing"
    assert figure(metrics, "vitascope_done_without_total", "viewing") == 1
    assert figure(metrics, "vitascope_done_without_total", "catalog") is None


async def test_what_is_missing_may_be_named_for_what_the_answer_lacks(
    neighbours: Neighbours[str],
) -> None:
    asking = neighbours.asking()
    for what in ("resume", "progress", "resume"):
        await asking.ask("viewing", Down(Unavailable("away")), otherwise=str, missing=what)
    asking.miss(["because"])
    assert asking.missing == ("because", "progress", "resume")


async def test_a_refusal_is_an_answer_and_is_raised(neighbours: Neighbours[str]) -> None:
    asking = neighbours.asking()
    with pytest.raises(NotFound):
        await asking.ask("catalog", Down(NotFound("no such title")), otherwise=str)
    assert asking.missing == ()


async def test_what_is_needed_raises_the_neighbours_own_error(neighbours: Neighbours[str]) -> None:
    with pytest.raises(Unavailable, match="away"):
        await neighbours.asking().need("catalog", Down(Unavailable("away")))


async def test_g3_nobody_waits_longer_than_the_limit(
    neighbours: Neighbours[str], clock: HeldClock
) -> None:
    asking = neighbours.asking()
    call = asyncio.create_task(
        asking.ask("viewing", lambda: clock.sleep(60), otherwise=lambda: None)
    )
    await settle()
    clock.advance(0.49)
    await settle()
    assert not call.done()
    clock.advance(0.01)
    await call
    assert asking.missing == ("viewing",)


async def test_one_question_may_have_a_limit_of_its_own(
    neighbours: Neighbours[str], clock: HeldClock
) -> None:
    call = asyncio.create_task(
        neighbours.asking().need("viewing", lambda: clock.sleep(60), within_s=5)
    )
    await settle()
    clock.advance(4.9)
    await settle()
    assert not call.done()
    clock.advance(0.1)
    with pytest.raises(DeadlineExceeded):
        await call


async def test_g3_a_neighbour_that_keeps_failing_is_left_alone_and_tried_again_later(
    neighbours: Neighbours[str], metrics: Metrics, clock: HeldClock
) -> None:
    down = Down(Unavailable("away"))
    for _ in range(25):
        await neighbours.asking().ask("viewing", down, otherwise=str)
    assert down.asked == 20, "the breaker is shared by all requests"
    assert figure(metrics, "vitascope_circuit_open", "viewing") == 1
    assert figure(metrics, "vitascope_circuit_open", "catalog") == 0
    clock.advance(5)
    asking = neighbours.asking()
    assert await asking.ask("viewing", answering("well again"), otherwise=str) == "well again"
    assert asking.missing == ()
    assert figure(metrics, "vitascope_circuit_open", "viewing") == 0


async def test_independent_questions_are_under_way_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    async def question(answer: int) -> int:
        await both.wait()  # never passes when one waits for the other
        return answer

    assert await at_once(question(1), question(2)) == (1, 2)


async def test_when_one_is_refused_the_others_have_ended_before_the_refusal_is_told() -> None:
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("slow")

    with pytest.raises(NotFound):
        await at_once(slow(), Down(NotFound("no such title"))())
    assert ended == ["slow"]
