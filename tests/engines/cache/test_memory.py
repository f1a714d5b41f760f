"""What only the cache in memory promises: it stays within its size."""

from tests.engines.cache.source import Source, ask
from vitascope.engines.cache.memory import MemoryCache
from vitascope.kernel.clock import HeldClock


async def test_the_least_recently_used_goes_when_it_is_full(
    clock: HeldClock, source: Source
) -> None:
    cache = MemoryCache(clock=clock, size=2)
    await ask(cache, source, "a")
    await ask(cache, source, "b")
    await ask(cache, source, "a")
    await ask(cache, source, "c")
    assert await ask(cache, source, "a") == 1
    assert await ask(cache, source, "b") == 4
