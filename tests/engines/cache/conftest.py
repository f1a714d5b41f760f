"""The caches that the suite runs over."""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.engines.cache.source import PATIENT_S, Source
from vitascope.engines.cache import Cache
from vitascope.engines.cache.memcached import memcached_cache
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.cache.redis import redis_cache
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import HeldClock

_numbers = itertools.count(1)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def namespace() -> str:
    """Keeps apart the tests that share a server."""
    return f"test{next(_numbers)}"


@pytest.fixture(params=["memory", "redis", "memcached"])
async def cache(
    request: pytest.FixtureRequest, clock: HeldClock, metrics: Metrics, namespace: str
) -> AsyncIterator[Cache]:
    opened: Cache
    given: Any = {
        "clock": clock,
        "metrics": metrics,
        "namespace": namespace,
        "timeout_s": PATIENT_S,
    }
    if request.param == "memory":
        opened = MemoryCache(clock=clock, metrics=metrics)
    elif request.param == "redis":
        url = request.getfixturevalue("redis_url")
        opened = redis_cache(url, **given)
    else:
        url = request.getfixturevalue("memcached_url")
        opened = memcached_cache(url, **given)
    yield opened
    await opened.close()
