"""A cache on Redis (or Valkey): `redis_cache("redis://host:6379/0", ...)`.

How the words map: an entry is a string under `NAMESPACE:cache:TIER:KEY` with a time to live. `add`
is `SET NX`, and `replace` a script of three lines, because it compares the entry's token first.

Permissions: GET, SET, UNLINK, GETRANGE, EVALSHA and SCRIPT LOAD on the keys of the namespace.
Costs: one round trip a read, and two more for each load. Set `maxmemory` and
`maxmemory-policy allkeys-lru`: everything here may go at any time. Leases may not: they need a
Redis of their own.
"""

from vitascope.engines.cache.distributed import TIMEOUT_S, DistributedCache
from vitascope.engines.cache.entry import TOKEN_BYTES
from vitascope.engines.redis import connected
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import Clock

_REPLACE = f"""
if redis.call('GETRANGE', KEYS[1], 0, {TOKEN_BYTES - 1}) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""


def redis_cache(
    url: str,
    *,
    clock: Clock,
    metrics: Metrics | None = None,
    namespace: str = "vitascope",
    connections: int = 32,
    timeout_s: float = TIMEOUT_S,
) -> DistributedCache:
    """Returns a cache on the server at `url`: `redis://`, `rediss://` (TLS) or `unix://`, with
    user, password and database as redis-py reads them. Connects when it is first asked. Needs the
    extra `redis`. `namespace` keeps apart services that share a server."""
    server = RedisServer(url, namespace=namespace, connections=connections, timeout_s=timeout_s)
    return DistributedCache(server, clock=clock, metrics=metrics, timeout_s=timeout_s)


class RedisServer:
    """Implements `Server`."""

    def __init__(
        self, url: str, *, namespace: str, connections: int = 32, timeout_s: float = TIMEOUT_S
    ) -> None:
        # No retries: the value is loaded instead. The guard cuts off before these limits do.
        self._redis = connected(url, connections=connections, timeout_s=2 * timeout_s, retries=0)
        self._prefix = f"{namespace}:cache:"
        self._replace = self._redis.register_script(_REPLACE)

    async def read(self, key: str) -> bytes | None:
        found = await self._redis.get(self._prefix + key)
        return found if isinstance(found, bytes) else None

    async def write(self, key: str, data: bytes, ttl_s: float) -> None:
        await self._redis.set(self._prefix + key, data, px=_ms(ttl_s))

    async def add(self, key: str, data: bytes, ttl_s: float) -> bool:
        return bool(await self._redis.set(self._prefix + key, data, px=_ms(ttl_s), nx=True))

    async def replace(self, key: str, data: bytes, ttl_s: float, token: bytes) -> bool:
        given: list[bytes | int] = [token, data, _ms(ttl_s)]
        return bool(await self._replace(keys=[self._prefix + key], args=given))

    async def remove(self, *keys: str) -> None:
        await self._redis.unlink(*(self._prefix + key for key in keys))

    async def close(self) -> None:
        await self._redis.aclose()


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
