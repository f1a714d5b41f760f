"""What leases on Redis promise beyond the port: the server's clock, and what the server must be."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from tests import servers
from tests.clocks import PATIENT_S
from tests.ports import free_port
from vitascope.engines.leases.redis import redis_leases
from vitascope.kernel.errors import Invalid, Unavailable

patient_leases = partial(redis_leases, timeout_s=PATIENT_S)


async def test_times_are_the_servers(redis_url: str) -> None:
    leases = await patient_leases(redis_url, namespace="clock")
    async with Redis.from_url(redis_url) as redis:
        seconds, micros = await redis.time()
        claim = await leases.claim("s", "a", limit=1, ttl_s=3600)
        until_s, until_micros = await redis.time()
    assert claim.lease
    before, after = seconds * 1000 + micros // 1000, until_s * 1000 + until_micros // 1000
    assert before <= claim.lease.taken_at_ms <= after
    assert claim.lease.expires_at_ms - claim.lease.taken_at_ms == 3_600_000
    await leases.close()


async def test_a_subject_goes_from_the_server_with_its_last_lease(redis_url: str) -> None:
    leases = await patient_leases(redis_url, namespace="gone")
    await leases.claim("s", "a", limit=2, ttl_s=3600)
    await leases.claim("s", "b", limit=2, ttl_s=60)
    async with Redis.from_url(redis_url) as redis:
        assert await redis.pttl("gone:leases:s") > 60_000, "the longer one is not cut short"
        await leases.renew("s", "a", ttl_s=7200)
        assert await redis.pttl("gone:leases:s") > 3_600_000
        await leases.release("s", "a")
        await leases.release("s", "b")
        assert await redis.exists("gone:leases:s") == 0
    await leases.close()


async def test_a_restart_with_an_append_only_file_keeps_leases(tmp_path: Path) -> None:
    kept = ["--appendonly", "yes", "--appendfsync", "always", "--dir", str(tmp_path)]
    port = free_port()
    with servers.redis_server(*kept, port=port) as url:
        leases = await patient_leases(url)
        held = (await leases.claim("s", "a", limit=1, ttl_s=3600)).lease
    with servers.redis_server(*kept, port=port):
        assert await leases.holders("s") == (held,)
        assert (await leases.claim("s", "b", limit=1, ttl_s=60)).lease is None
    await leases.close()


async def test_a_restart_without_one_loses_them_and_who_watched_claims_anew() -> None:
    port = free_port()
    with servers.redis_server(port=port) as url, capture_logs() as logs:
        leases = await patient_leases(url)
        assert "set appendonly yes" in logs[0]["event"]
        await leases.claim("s", "a", limit=1, ttl_s=3600)
    with servers.redis_server(port=port):
        assert await leases.renew("s", "a", ttl_s=60) is None
        assert (await leases.claim("s", "a", limit=1, ttl_s=60)).lease
    await leases.close()


async def test_a_server_that_may_evict_leases_is_refused() -> None:
    options = ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with servers.redis_server(*options) as url, pytest.raises(Invalid, match="allkeys-lru"):
        await redis_leases(url)


async def test_a_server_that_is_down_is_trouble_and_no_surprise() -> None:
    with servers.redis_server() as url:
        leases = await patient_leases(url)
    calls = [
        leases.claim("s", "a", limit=1, ttl_s=60),
        leases.renew("s", "a", ttl_s=60),
        leases.release("s", "a"),
        leases.holders("s"),
    ]
    for call in calls:
        with pytest.raises(Unavailable, match="Redis does not answer"):
            await call
    with pytest.raises(Unavailable):
        await redis_leases(url)
    await leases.close()


async def test_more_may_ask_at_once_than_there_are_connections(redis_url: str) -> None:
    leases = await patient_leases(redis_url, namespace="many", connections=4)
    claims = await asyncio.gather(
        *(leases.claim("s", f"ses_{n}", limit=3, ttl_s=60) for n in range(200))
    )
    assert sum(claim.lease is not None for claim in claims) == 3
    await leases.close()
