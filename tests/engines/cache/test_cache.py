"""G5 G6: the cache port: two lifetimes, one load at a time, an old value rather than an error."""

import ast
import asyncio
from pathlib import Path

import msgspec
import pytest

import vitascope
from tests.engines.cache.source import (
    HOME,
    PATIENT_S,
    TITLES,
    Source,
    ask,
    until_it_answers,
    until_joined,
)
from vitascope.engines.cache import (
    Cache,
    CacheStats,
    Tier,
    begin_generation,
    current_generation,
    tiers,
)
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import HeldClock


class Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title_ids: tuple[str, ...] = ()
    names: dict[str, str] = {}


async def test_g6_a_fresh_value_is_not_loaded_again(
    cache: Cache, source: Source, clock: HeldClock
) -> None:
    assert await ask(cache, source) == 1
    clock.advance(9.9)
    assert await ask(cache, source) == 1
    assert source.loads == 1


async def test_g6_a_stale_value_is_served_at_once_and_loaded_anew_behind_it(
    cache: Cache, source: Source, clock: HeldClock
) -> None:
    await ask(cache, source)
    clock.advance(10)
    source.gate, source.asked = asyncio.Event(), asyncio.Event()
    assert [await ask(cache, source) for _ in range(3)] == [1, 1, 1]
    await source.asked.wait()
    source.gate.set()
    await until_it_answers(cache, source, 2)
    assert source.loads == 2


async def test_g6_after_its_hard_lifetime_a_value_is_gone(
    cache: Cache, source: Source, clock: HeldClock
) -> None:
    await ask(cache, source)
    clock.advance(100)
    assert await cache.get("1", returns=int, tier=HOME) is None
    assert await ask(cache, source) == 2


async def test_g6_many_who_miss_at_once_cause_one_load(cache: Cache, source: Source) -> None:
    source.gate = asyncio.Event()
    asking = [asyncio.create_task(ask(cache, source)) for _ in range(50)]
    await until_joined(cache, 50)
    asking[0].cancel()  # the first of them gives up
    while not asking[0].done():
        await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*asking[1:]) == [1] * 49
    assert source.loads == 1


async def test_g6_an_old_value_is_served_while_the_source_is_down(
    cache: Cache, source: Source, clock: HeldClock
) -> None:
    await ask(cache, source)
    source.failing = True
    clock.advance(50)
    assert await ask(cache, source) == 1
    async with asyncio.timeout(PATIENT_S):
        while cache.stats()["home"].load_errors == 0:
            await asyncio.sleep(0.005)
    for _ in range(5):
        assert await ask(cache, source) == 1
        await asyncio.sleep(0.005)
    assert source.loads == 2, "it is left in peace for a moment"
    clock.advance(50)
    with pytest.raises(ConnectionError):
        await ask(cache, source)
    assert cache.stats()["home"].load_errors == 2


async def test_a_failed_first_load_is_told_to_all_and_not_kept(
    cache: Cache, source: Source, clock: HeldClock
) -> None:
    source.failing, source.gate = True, asyncio.Event()
    asking = [asyncio.create_task(ask(cache, source)) for _ in range(3)]
    await until_joined(cache, 3)
    source.gate.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(answer, ConnectionError) for answer in answers)
    source.failing = False
    again = asyncio.create_task(ask(cache, source))
    async with asyncio.timeout(PATIENT_S):
        while not again.done():  # it looks twice where the note goes after the first look
            clock.advance(0.01)
            await asyncio.sleep(0.001)
    assert await again == 2


async def test_what_is_put_wins_over_a_load_that_began_before(cache: Cache, source: Source) -> None:
    source.gate = asyncio.Event()
    asking = asyncio.create_task(ask(cache, source))
    await source.asked.wait()
    await cache.put("1", 99, returns=int, tier=HOME)
    source.gate.set()
    await asking
    assert await ask(cache, source) == 99


async def test_what_is_put_by_the_load_itself_wins_over_what_it_returns(cache: Cache) -> None:
    async def load() -> int:
        await cache.put("1", 7, returns=int, tier=HOME)
        return 8

    assert await cache.get_or_load("1", load, returns=int, tier=HOME) == 8
    assert await cache.get("1", returns=int, tier=HOME) == 7


async def test_what_was_forgotten_while_loading_is_not_kept(cache: Cache, source: Source) -> None:
    source.gate = asyncio.Event()
    asking = asyncio.create_task(ask(cache, source))
    await source.asked.wait()
    await cache.forget("1", tier=HOME)
    source.gate.set()
    assert await asking == 1
    assert await ask(cache, source) == 2


async def test_forgetting_one_leaves_the_others_and_is_harmless_twice(
    cache: Cache, source: Source
) -> None:
    await ask(cache, source, "1")
    await ask(cache, source, "2")
    await ask(cache, source, "1", tier=TITLES)
    await cache.forget("1", tier=HOME)
    await cache.forget("1", tier=HOME)
    assert await cache.get("1", returns=int, tier=HOME) is None
    assert await cache.get("2", returns=int, tier=HOME) == 2
    assert await cache.get("1", returns=int, tier=TITLES) == 3


async def test_a_new_generation_is_another_one_and_stays_until_the_next(cache: Cache) -> None:
    first = await current_generation(cache, "catalog")
    assert await current_generation(cache, "catalog") == first
    assert await current_generation(cache, "taste:pro_1") != first
    await begin_generation(cache, "catalog")
    second = await current_generation(cache, "catalog")
    assert second != first
    assert await current_generation(cache, "catalog") == second


async def test_structs_come_back_as_they_were_put(cache: Cache) -> None:
    rows = (Row(id="new", title_ids=("ttl_1", "ttl_2")), Row(id="old", names={"en": "Old"}))
    await cache.put("rows", rows, returns=tuple[Row, ...], tier=HOME)
    assert await cache.get("rows", returns=tuple[Row, ...], tier=HOME) == rows


@pytest.mark.parametrize("key", ["with spaces", "ünïcödé\n", "x" * 5000, "", "a:b/c{d}*"])
async def test_a_key_may_be_any_text(cache: Cache, key: str) -> None:
    await cache.put(key, 5, returns=int, tier=HOME)
    assert await cache.get(key, returns=int, tier=HOME) == 5
    await cache.forget(key, tier=HOME)
    assert await cache.get(key, returns=int, tier=HOME) is None


async def test_g6_hits_are_counted_by_tier(cache: Cache, source: Source, clock: HeldClock) -> None:
    await ask(cache, source)
    await ask(cache, source)
    await ask(cache, source, tier=TITLES)
    clock.advance(20)
    source.gate = asyncio.Event()  # so that the old value stays
    await ask(cache, source)
    await cache.get("1", returns=int, tier=HOME)
    await cache.get("2", returns=int, tier=HOME)
    source.gate.set()
    assert cache.stats() == {
        "home": CacheStats(hits=1, stale_hits=2, misses=2),
        "titles": CacheStats(misses=1),
    }


async def test_g6_hits_are_shown_at_metrics(metrics: Metrics, cache: Cache, source: Source) -> None:
    for _ in range(3):
        await ask(cache, source)
    labels = {"tier": "home", "outcome": "hits"}
    assert metrics.registry.get_sample_value("vitascope_cache_total", labels) == 2


async def test_g6_lifetimes_are_shortened_by_chance_so_that_values_do_not_expire_together(
    cache: Cache, clock: HeldClock
) -> None:
    tier = Tier(name="jitter", soft_s=10, hard_s=20, jitter=0.1)
    for n in range(200):
        await cache.put(str(n), n, returns=int, tier=tier)
    clock.advance(9.5)  # of 10: about half of them are stale by now
    for n in range(200):
        await cache.get(str(n), returns=int, tier=tier)
    assert 40 < cache.stats()["jitter"].stale_hits < 160
    clock.advance(9.5)  # of 20: about half of them are gone by now
    for n in range(200):
        await cache.get(str(n), returns=int, tier=tier)
    assert 40 < cache.stats()["jitter"].misses < 160


def test_g6_the_tiers_live_as_long_as_the_specification_says() -> None:
    soft = {tier.name: tier.soft_s for tier in vars(tiers).values() if isinstance(tier, Tier)}
    assert soft["home"] == 5 * 60
    assert soft["positions"] == 30 * 86_400
    assert all(":" not in name for name in soft)


def test_a_tier_is_there_because_something_is_kept_in_it() -> None:
    defined = {name for name, tier in vars(tiers).items() if isinstance(tier, Tier)}
    package = Path(vitascope.__file__).parent
    imported = {
        alias.name
        for path in package.rglob("*.py")
        if path != package / "engines/cache/__init__.py"
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and "engines.cache" in str(node.module)
        for alias in node.names
    }
    assert defined <= imported
