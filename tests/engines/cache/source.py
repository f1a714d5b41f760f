"""What the tests of the cache load from, and the tier they keep it in."""

import asyncio

from vitascope.engines.cache import Cache, Tier

PATIENT_S = 60.0
"""How long servers are waited for in tests: a machine may be busy."""

HOME = Tier(name="home", soft_s=10, hard_s=100, jitter=0)
TITLES = Tier(name="titles", soft_s=10, hard_s=100, jitter=0)


class Source:
    """Counts how often it is asked; answers with the count."""

    def __init__(self) -> None:
        self.loads = 0
        self.failing = False
        self.gate: asyncio.Event | None = None
        self.asked = asyncio.Event()

    async def __call__(self) -> int:
        self.loads += 1
        self.asked.set()
        answer = self.loads
        if self.gate:
            await self.gate.wait()
        if self.failing:
            raise ConnectionError("the source is down")
        return answer


async def ask(cache: Cache, source: Source, key: str = "1", *, tier: Tier = HOME) -> int:
    return await cache.get_or_load(key, source, returns=int, tier=tier)


async def until_joined(cache: Cache, count: int) -> None:
    """Wait until so many found no value of the tier `home`, or nobody to ask for it. Whoever is
    counted has joined the load: there is no pause in between."""
    async with asyncio.timeout(PATIENT_S):
        while _without_a_value(cache) < count:
            await asyncio.sleep(0.001)


def _without_a_value(cache: Cache) -> int:
    counts = cache.stats().get("home")
    return counts.misses + counts.unreachable if counts else 0


async def until_it_answers(cache: Cache, source: Source, value: int) -> None:
    """Wait until what is loaded behind an old value is there."""
    async with asyncio.timeout(PATIENT_S):
        while await ask(cache, source) != value:
            await asyncio.sleep(0.005)
