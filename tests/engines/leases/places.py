"""Where leases are kept, and how another process opens them."""

from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from tests.clocks import PATIENT_S
from tests.conftest import opened
from vitascope.engines.leases import Leases
from vitascope.engines.leases.redis import RedisLeases
from vitascope.engines.leases.rows import MIGRATIONS, RowsLeases
from vitascope.kernel.clock import HeldClock


class Place(msgspec.Struct, frozen=True, kw_only=True):
    url: str  # "sqlite", or the URL of a PostgreSQL or a Redis
    folder: str
    namespace: str

    @property
    def is_redis(self) -> bool:
        return self.url.startswith("redis:")

    @property
    def clock_key(self) -> str:
        """Where a Redis finds the time that the test has set."""
        return f"{self.namespace}:clock"

    async def set_clock(self, clock: HeldClock) -> None:
        if self.is_redis:
            async with Redis.from_url(self.url) as redis:
                await redis.set(self.clock_key, clock.now_ms())


async def open_leases(place: Place, clock: HeldClock, stack: AsyncExitStack) -> Leases:
    if place.is_redis:
        held = f"return tonumber(redis.call('GET', '{place.clock_key}'))"
        redis = RedisLeases.at(
            place.url, namespace=place.namespace, clock=held, timeout_s=PATIENT_S
        )
        stack.push_async_callback(redis.close)
        return redis
    rows = await opened("leases", place.url, Path(place.folder), [MIGRATIONS])
    stack.push_async_callback(rows.close)
    return RowsLeases(rows=rows, clock=clock)
