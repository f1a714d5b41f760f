"""The stores of leases that the suite runs over, each with a clock that stands still."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.engines.leases.places import Place, open_leases
from vitascope.engines.leases import Leases
from vitascope.kernel.clock import HeldClock

Wait = Callable[[float], Awaitable[None]]
_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def place(request: pytest.FixtureRequest, data: Path) -> Place:
    url = "sqlite"
    if request.param != "sqlite":
        url = request.getfixturevalue("redis_url" if request.param == "redis" else "postgres_url")
    return Place(url=url, folder=str(data), namespace=f"test{next(_numbers)}")


@pytest.fixture
async def leases(place: Place, clock: HeldClock) -> AsyncIterator[Leases]:
    await place.set_clock(clock)
    async with AsyncExitStack() as stack:
        yield await open_leases(place, clock, stack)


@pytest.fixture
def wait(place: Place, clock: HeldClock) -> Wait:
    """Let so many seconds pass, also by the clock of the server."""

    async def wait_(seconds: float) -> None:
        clock.advance(seconds)
        await place.set_clock(clock)

    return wait_
