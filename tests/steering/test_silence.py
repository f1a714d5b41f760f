"""P5, C4: how long an edge may be silent follows what it said, within a bound."""

import pytest

from tests.steering.fleet import hear, says
from tests.steering.test_memory import names, viewer
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import EdgeId
from vitascope.steering import NoEdge
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings


@pytest.fixture
def steering(clock: HeldClock) -> MemorySteering:
    return MemorySteering(clock=clock, settings=SteeringSettings())


async def lasts(steering: MemorySteering, clock: HeldClock, next_s: float) -> int:
    """Returns the seconds after which an edge that said so much is offered to nobody."""
    await steering.report(says("edge-a", next_s=next_s))
    for second in range(1, 4000):
        clock.advance(1)
        try:
            await names(steering)
        except NoEdge:
            return second - 1
    raise AssertionError("for ever")


@pytest.mark.parametrize(
    ("next_s", "silent_s"),
    [
        (0.0, 6),  # an edge of before does not say
        (0.5, 6),
        (2.0, 6),
        (4.0, 12),
        (5.0, 15),
        (10.0, 30),
        (20.0, 30),
        (3600.0, 30),
    ],
)
async def test_an_edge_is_dropped_after_three_reports_and_never_later_than_the_bound(
    steering: MemorySteering, clock: HeldClock, next_s: float, silent_s: int
) -> None:
    assert await lasts(steering, clock, next_s) == silent_s


async def test_what_an_edge_said_last_counts(steering: MemorySteering, clock: HeldClock) -> None:
    """Also where it is due sooner than what it said before."""
    await steering.report(says("edge-a", next_s=10.0))
    clock.advance(5)
    assert await lasts(steering, clock, 2.0) == 6
    assert await lasts(steering, clock, 10.0) == 30
    assert await lasts(steering, clock, 0.0) == 6


async def test_nobody_is_sent_first_to_an_idle_edge_that_is_late(
    steering: MemorySteering, clock: HeldClock
) -> None:
    """One that died while it served nobody is offered first for as long as one that was busy."""
    keys = [f"ses_{number}" for number in range(30)]

    async def first() -> set[str]:
        return {(await names(steering, viewer(key, wants="a/v")))[0] for key in keys}

    await hear(steering, says("dead", next_s=5.0), "a/v")
    await hear(steering, says("alive", next_s=5.0), "a/v")
    clock.advance(5)
    await steering.report(says("alive", next_s=5.0))
    assert await first() == {"dead", "alive"}
    clock.advance(1.1)
    assert await first() == {"alive"}
    assert await names(steering) == ["alive", "dead"], "it may only be slow"
    both = [EdgeId("dead"), EdgeId("alive")]
    assert await steering.usable(both) == both[::-1]
    await steering.report(says("dead", next_s=5.0))
    assert await first() == {"dead", "alive"}


async def test_the_only_edge_of_a_network_is_offered_though_it_is_late(
    steering: MemorySteering, clock: HeldClock
) -> None:
    await steering.report(says("edge-a", next_s=5.0))
    clock.advance(10)
    assert await names(steering) == ["edge-a"]


async def test_reports_do_not_pile_up(steering: MemorySteering, clock: HeldClock) -> None:
    for _ in range(500):
        clock.advance(2)
        for name in ("edge-a", "edge-b"):
            await steering.report(says(name, next_s=2.0))
        await names(steering)
    assert len(steering._silence._looks) <= 4
