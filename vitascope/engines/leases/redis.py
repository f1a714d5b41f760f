"""Leases on Redis (or Valkey): `await redis_leases("redis://host:6379/0")`.

How the words map: a subject is a hash under `NAMESPACE:leases:SUBJECT`, a holder a field of it, and
its value `TAKEN:EXPIRES:NOTE` in milliseconds. Claims, renewals and looks are one script each:
Redis runs nothing beside a script, so two claims never both see the last free place, and all times
are the server's (`TIME`), so the clocks of the processes do not matter. The key goes with its last
lease.

Permissions: HGET, HGETALL, HSET, HDEL, PTTL, PEXPIRE, TIME, INFO, EVALSHA and SCRIPT LOAD.
Costs: one round trip each; no disk is waited for.

What the server must be: its own, not the cache's, with `maxmemory-policy noeviction` (a server that
may evict leases is refused), and `appendonly yes`. A restart without persistence loses all leases:
who is watching is asked to press play again, and until their licences end an account may have more
streams than its plan. With `appendfsync everysec` that holds for the claims of the last second, and
for those that a replica had not yet received when it took over.
"""

import re
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from vitascope.engines.leases.contract import Claim, Lease
from vitascope.engines.redis import connected
from vitascope.kernel.errors import Invalid, Unavailable

SERVER_CLOCK = "local time = redis.call('TIME') return time[1] * 1000 + math.floor(time[2] / 1000)"
"""Lua: the server's time in milliseconds since the epoch."""

_CLAIM = """
local holder, limit, ttl, note = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local leases, living, taken, last = redis.call('HGETALL', KEYS[1]), 0, nil, 0
for i = 1, #leases, 2 do
  local since, expires = string.match(leases[i + 1], '^(%d+):(%d+):')
  if tonumber(expires) <= now then
    redis.call('HDEL', KEYS[1], leases[i])
  else
    living, last = living + 1, math.max(last, tonumber(expires))
    if leases[i] == holder then taken = since end
  end
end
if not taken and living >= limit then
  return {text(now), '', redis.call('HGETALL', KEYS[1])}
end
local lease = (taken or text(now)) .. ':' .. text(now + ttl) .. ':' .. note
redis.call('HSET', KEYS[1], holder, lease)
redis.call('PEXPIRE', KEYS[1], text(math.max(last, now + ttl) - now))
return {text(now), lease, redis.call('HGETALL', KEYS[1])}
"""

_RENEW = """
local holder, ttl, noted, note = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local held = redis.call('HGET', KEYS[1], holder)
if not held then return '' end
local taken, expires, old = string.match(held, '^(%d+):(%d+):(.*)$')
if tonumber(expires) <= now then return '' end
local lease = taken .. ':' .. text(now + ttl) .. ':' .. (noted == '1' and note or old)
redis.call('HSET', KEYS[1], holder, lease)
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], text(ttl)) end
return lease
"""

_HOLDERS = "return {text(now), redis.call('HGETALL', KEYS[1])}"

TIMEOUT_S = 2.0
_LEASE = re.compile(rb"(\d+):(\d+):(.*)", re.DOTALL)
_log = structlog.get_logger("leases")


async def redis_leases(
    url: str,
    *,
    namespace: str = "vitascope",
    connections: int = 32,
    timeout_s: float = TIMEOUT_S,
) -> "RedisLeases":
    """Returns leases on the server at `url`: `redis://`, `rediss://` (TLS) or `unix://`, with user,
    password and database as redis-py reads them. Needs the extra `redis`. `namespace` keeps apart
    services that share a server; `timeout_s` limits connecting, an answer, and the wait for one of
    the `connections`. Raises `Invalid` when the server may evict leases, `Unavailable`
    when it does not answer."""
    leases = RedisLeases.at(url, namespace=namespace, connections=connections, timeout_s=timeout_s)
    try:
        await leases.check()
    except BaseException:
        await leases.close()
        raise
    return leases


class RedisLeases:
    """Implements `Leases`. All methods raise `Unavailable` when the server does not answer; a call
    may be repeated: who claims twice has one place."""

    def __init__(
        self, redis: Redis, *, namespace: str = "vitascope", clock: str = SERVER_CLOCK
    ) -> None:
        """`clock` is the body of a Lua function that returns milliseconds."""
        self._redis = redis
        self._prefix = f"{namespace}:leases:"
        preamble = (
            f"local function clock() {clock} end\n"
            "local function text(number) return string.format('%.0f', number) end\n"
            "local now = clock()\n"
        )
        self._claim = redis.register_script(preamble + _CLAIM)
        self._renew = redis.register_script(preamble + _RENEW)
        self._holders = redis.register_script(preamble + _HOLDERS)

    @classmethod
    def at(
        cls,
        url: str,
        *,
        namespace: str = "vitascope",
        connections: int = 32,
        clock: str = SERVER_CLOCK,
        timeout_s: float = TIMEOUT_S,
    ) -> "RedisLeases":
        """Returns leases on the server at `url`, which is not yet asked."""
        redis = connected(url, connections=connections, timeout_s=timeout_s, retries=2)
        return cls(redis, namespace=namespace, clock=clock)

    async def check(self) -> None:
        """Raises `Invalid` when the server may evict leases. Logs a warning when a restart would
        lose them."""
        try:
            told: dict[str, Any] = await self._redis.info()
        except (RedisError, OSError) as error:
            raise _down(error) from error
        policy = told.get("maxmemory_policy", "noeviction")
        if told.get("maxmemory", 0) and policy != "noeviction":
            raise Invalid(
                f"The Redis for leases has maxmemory-policy {policy} and may drop leases of people "
                "who are watching. Give leases a Redis of their own with noeviction."
            )
        if not told.get("aof_enabled", 0):
            _log.warning("a restart of this Redis loses all leases: set appendonly yes")

    async def claim(
        self, subject: str, holder: str, *, limit: int, ttl_s: float, note: str = ""
    ) -> Claim:
        given = [holder, limit, _ms(ttl_s), note]
        now, granted, leases = await self._run(self._claim, subject, given)
        lease = _lease(subject, holder.encode(), granted) if granted else None
        return Claim(lease=lease, holders=_living(subject, leases, int(now)))

    async def renew(
        self, subject: str, holder: str, *, ttl_s: float, note: str | None = None
    ) -> Lease | None:
        given = [holder, _ms(ttl_s), "0" if note is None else "1", note or ""]
        renewed = await self._run(self._renew, subject, given)
        return _lease(subject, holder.encode(), renewed) if renewed else None

    async def release(self, subject: str, holder: str) -> None:
        try:
            await self._redis.hdel(self._prefix + subject, holder)
        except (RedisError, OSError) as error:
            raise _down(error) from error

    async def holders(self, subject: str) -> tuple[Lease, ...]:
        now, leases = await self._run(self._holders, subject, [])
        return _living(subject, leases, int(now))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _run(self, script: Any, subject: str, given: list[Any]) -> Any:
        try:
            return await script(keys=[self._prefix + subject], args=given)
        except (RedisError, OSError) as error:
            raise _down(error) from error


def _living(subject: str, leases: list[bytes], now_ms: int) -> tuple[Lease, ...]:
    """Oldest first, from field, value, field, value, ..."""
    pairs = zip(leases[::2], leases[1::2], strict=True)
    found = [_lease(subject, holder, value) for holder, value in pairs]
    living = [lease for lease in found if lease.expires_at_ms > now_ms]
    return tuple(sorted(living, key=lambda lease: (lease.taken_at_ms, lease.holder)))


def _lease(subject: str, holder: bytes, value: bytes) -> Lease:
    told = _LEASE.fullmatch(value)
    if told is None:
        raise Unavailable(f"The lease of {subject!r} in Redis cannot be read.")
    taken, expires, note = told.groups()
    return Lease(
        subject=subject,
        holder=holder.decode(),
        note=note.decode(),
        taken_at_ms=int(taken),
        expires_at_ms=int(expires),
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _down(error: Exception) -> Unavailable:
    return Unavailable(f"Redis does not answer for leases: {error!r}", retry_after_s=1)
