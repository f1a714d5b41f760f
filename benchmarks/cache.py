"""Processor time of a hit and of a miss, by adapter of the cache: memory, Redis, memcached.

    python -m benchmarks.cache [--reads N]

The value is a prepared home page: 40 rows of 75 titles. The reference is a hit in memory of the
same run. Time is this process's own; that of the servers, which run on the same machine, is not in
it. Hits are also asked 64 at a time, as many requests together do.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import msgspec

from tests import servers
from vitascope.engines.cache import HOME, Cache
from vitascope.engines.cache.memcached import memcached_cache
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.cache.redis import redis_cache
from vitascope.kernel.clock import SystemClock


class Row(msgspec.Struct, frozen=True):
    heading: str
    title_ids: tuple[str, ...]


class Page(msgspec.Struct, frozen=True):
    rows: tuple[Row, ...]


PAGE = Page(
    rows=tuple(
        Row(f"Row {n}", tuple(f"ttl_{n:04}{place:04}abcdefgh" for place in range(75)))
        for n in range(40)
    )
)


async def made() -> Page:
    return PAGE


async def hit(cache: Cache, key: str) -> None:
    await cache.get_or_load(key, made, returns=Page, tier=HOME)


async def cpu_us(times: int, call: Callable[[int], Awaitable[None]]) -> float:
    before = time.process_time()
    for n in range(times):
        await call(n)
    return (time.process_time() - before) / times * 1e6


async def measured(cache: Cache, reads: int) -> dict[str, float]:
    await hit(cache, "warm")

    async def together(_: int) -> None:
        await asyncio.gather(*(hit(cache, "warm") for _ in range(64)))

    figures = {
        "hit": await cpu_us(reads, lambda _: hit(cache, "warm")),
        "hit, 64 at a time": await cpu_us(max(1, reads // 64), together) / 64,
        "miss": await cpu_us(reads // 4, lambda n: hit(cache, f"cold{n}")),
    }
    await cache.close()
    return figures


async def all_adapters(reads: int, redis: str, memcached: str) -> dict[str, dict[str, float]]:
    clock = SystemClock()
    return {
        "memory": await measured(MemoryCache(clock=clock), reads),
        "redis": await measured(redis_cache(redis, clock=clock), reads),
        "memcached": await measured(memcached_cache(memcached, clock=clock), reads),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--reads", type=int, default=4000)
    reads: int = parser.parse_args().reads
    with ExitStack() as stack:
        redis = stack.enter_context(servers.redis_server())
        memcached, _ = stack.enter_context(servers.memcached_server())
        figures = asyncio.run(all_adapters(reads, redis, memcached))
    reference = figures["memory"]["hit"]
    print(f"a value of {len(msgspec.msgpack.encode(PAGE)) / 1000:.0f} kB")
    for adapter, found in figures.items():
        for name, us in found.items():
            print(f"{adapter:10} {name:18} {us:9.1f} us  {us / reference:8.1f} x a hit in memory")


if __name__ == "__main__":
    main()
