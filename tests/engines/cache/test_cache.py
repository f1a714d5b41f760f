"""The cache port: two lifetimes, one load at a time, an old value rather than an error."""

import asyncio

import pytest

from vitascope.engines.cache import CacheStats
from vitascope.engines.cache.memory import MemoryCache
from vitascope.kernel.clock import HeldClock


class Source:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.loads = 0
        self.failing = False
        self.gate: asyncio.Event | None = None

    async def __call__(self) -> int:
        self.loads += 1
        answer = self.loads
        if self.gate:
            await self.gate.wait()
        if self.failing:
            raise ConnectionError("the source is down")
        return answer


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(clock: HeldClock) -> MemoryCache:
    return MemoryCache(clock=clock, jitter=0)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def ask(cache: MemoryCache, source: Source, key: str = "home:1") -> int:
    return await cache.get_or_load(key, source, soft_s=10, hard_s=100)


async def test_g6_a_fresh_value_is_not_loaded_again(
    cache: MemoryCache, source: Source, clock: HeldClock
) -> None:
    assert await ask(cache, source) == 1
    clock.advance(9.9)
    assert await ask(cache, source) == 1
    assert source.loads == 1


async def test_g6_a_stale_value_is_served_at_once_and_loaded_anew_behind_it(
    cache: MemoryCache, source: Source, clock: HeldClock
) -> None:
    await ask(cache, source)
    clock.advance(10)
    source.gate = asyncio.Event()
    assert [await ask(cache, source) for _ in range(3)] == [1, 1, 1]
    await settle()
    assert source.loads == 2
    source.gate.set()
    await settle()
    assert await ask(cache, source) == 2


async def test_g6_after_its_hard_lifetime_a_value_is_gone(
    cache: MemoryCache, source: Source, clock: HeldClock
) -> None:
    await ask(cache, source)
    clock.advance(100)
    assert await ask(cache, source) == 2


async def test_g6_many_who_miss_at_once_cause_one_load(cache: MemoryCache, source: Source) -> None:
    source.gate = asyncio.Event()
    asking = [asyncio.create_task(ask(cache, source)) for _ in range(50)]
    await settle()
    asking[0].cancel()  # the one who caused the load gives up
    await settle()
    source.gate.set()
    assert await asyncio.gather(*asking[1:]) == [1] * 49
    assert source.loads == 1


async def test_g6_an_old_value_is_served_while_the_source_is_down(
    cache: MemoryCache, source: Source, clock: HeldClock
) -> None:
    await ask(cache, source)
    source.failing = True
    clock.advance(50)
    for _ in range(5):
        assert await ask(cache, source) == 1
        await settle()
    assert source.loads == 2  # and is left in peace for a moment
    clock.advance(50)
    with pytest.raises(ConnectionError):
        await ask(cache, source)
    assert cache.stats()["home"].load_errors == 2


async def test_a_failed_first_load_is_told_to_all_and_not_kept(
    cache: MemoryCache, source: Source
) -> None:
    source.failing = True
    answers = await asyncio.gather(*(ask(cache, source) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(answer, ConnectionError) for answer in answers)
    assert source.loads == 1
    source.failing = False
    assert await ask(cache, source) == 2


async def test_what_is_put_wins_over_a_load_that_began_before(
    cache: MemoryCache, source: Source
) -> None:
    source.gate = asyncio.Event()
    asking = asyncio.create_task(ask(cache, source))
    await settle()
    await cache.put("home:1", 99, soft_s=10, hard_s=100)
    source.gate.set()
    await asking
    assert await ask(cache, source) == 99


async def test_what_was_forgotten_while_loading_is_not_kept(
    cache: MemoryCache, source: Source
) -> None:
    source.gate = asyncio.Event()
    asking = asyncio.create_task(ask(cache, source))
    await settle()
    await cache.forget_prefix("home:")
    source.gate.set()
    assert await asking == 1
    assert await ask(cache, source) == 2


async def test_forgetting_a_prefix_leaves_the_others(cache: MemoryCache, source: Source) -> None:
    await ask(cache, source, "home:1")
    await ask(cache, source, "title:1")
    await cache.forget_prefix("home:")
    assert await ask(cache, source, "title:1") == 2
    assert await ask(cache, source, "home:1") == 3


async def test_the_least_recently_used_goes_when_it_is_full(
    clock: HeldClock, source: Source
) -> None:
    cache = MemoryCache(clock=clock, size=2, jitter=0)
    await ask(cache, source, "t:a")
    await ask(cache, source, "t:b")
    await ask(cache, source, "t:a")
    await ask(cache, source, "t:c")
    assert await ask(cache, source, "t:a") == 1
    assert await ask(cache, source, "t:b") == 4


async def test_g6_hits_are_counted_by_tier(
    cache: MemoryCache, source: Source, clock: HeldClock
) -> None:
    await ask(cache, source, "home:1")
    await ask(cache, source, "home:1")
    await ask(cache, source, "title:1")
    clock.advance(20)
    await ask(cache, source, "home:1")
    await settle()
    assert cache.stats() == {
        "home": CacheStats(hits=1, stale_hits=1, misses=1),
        "title": CacheStats(misses=1),
    }


async def test_g6_lifetimes_are_shortened_by_chance_so_that_values_do_not_expire_together(
    clock: HeldClock,
) -> None:
    cache = MemoryCache(clock=clock, jitter=0.1)
    sources = [Source() for _ in range(200)]
    for n, source in enumerate(sources):
        await ask(cache, source, f"t:{n}")
    clock.advance(9.5)  # of 10: about half of them are stale by now
    for n, source in enumerate(sources):
        await ask(cache, source, f"t:{n}")
    await settle()
    again = sum(source.loads == 2 for source in sources)
    assert 40 < again < 160
