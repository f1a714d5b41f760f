"""The caches that the suite runs over."""

from collections.abc import AsyncIterator

import pytest

from tests.engines.cache.source import Source
from vitascope.engines.cache import Cache
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import HeldClock


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture(params=["memory"])
async def cache(
    request: pytest.FixtureRequest, clock: HeldClock, metrics: Metrics
) -> AsyncIterator[Cache]:
    opened = MemoryCache(clock=clock, metrics=metrics)
    yield opened
    await opened.close()
