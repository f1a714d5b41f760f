"""What a cache shared by processes promises beyond the port: one load among all of them, no value
of another version, and a server that may fail at any moment."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import cast

import msgspec
import pytest

from tests import servers
from tests.clocks import until_asleep
from tests.engines.cache.source import HOME, PATIENT_S, Source, ask, until_it_answers, until_joined
from vitascope.engines.cache import Cache, CacheStats, Tier, distributed
from vitascope.engines.cache.distributed import DistributedCache, Server
from vitascope.engines.cache.memcached import MemcachedServer, addresses, memcached_cache
from vitascope.engines.cache.redis import RedisServer, redis_cache
from vitascope.kernel.clock import Clock, HeldClock, SystemClock
from vitascope.kernel.errors import Invalid

LONG = Tier(name="home", soft_s=300, hard_s=3600)
Open = Callable[..., DistributedCache]


@pytest.fixture(params=["redis", "memcached"])
def server_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def open_cache(server_url: str, namespace: str) -> AsyncIterator[Open]:
    """Each that is opened is as if in a process of its own."""
    async with AsyncExitStack() as stack:

        def open_(clock: Clock | None = None, url: str = server_url) -> DistributedCache:
            make = redis_cache if url.startswith("redis:") else memcached_cache
            cache = make(
                url, clock=clock or SystemClock(), namespace=namespace, timeout_s=PATIENT_S
            )
            stack.push_async_callback(cache.close)
            return cache

        yield open_


@pytest.fixture
async def server(server_url: str, namespace: str) -> AsyncIterator[Server]:
    opened: Server = (
        RedisServer(server_url, namespace=namespace, timeout_s=PATIENT_S)
        if server_url.startswith("redis:")
        else MemcachedServer(addresses(server_url), namespace=namespace, timeout_s=PATIENT_S)
    )
    yield opened
    await opened.close()


class Cuttable:
    """Implements `Server`; while it is cut, nothing gets through."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.cut = False
        self.asked = 0

    def __getattr__(self, name: str) -> object:
        async def passed(*given: object) -> object:
            self.asked += 1
            if self.cut:
                raise ConnectionError("cut on purpose")
            return await getattr(self._server, name)(*given)

        return passed


# -- one load among all processes


async def test_g6_many_processes_that_miss_at_once_cause_one_load(
    open_cache: Open, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "LOADING_S", PATIENT_S)  # by the server's clock, which runs
    clock = HeldClock()  # on which nobody's patience ends by itself
    source.gate = asyncio.Event()
    asking = [asyncio.create_task(ask(open_cache(clock), source)) for _ in range(8)]
    await until_asleep(clock, 7, within_s=1)  # they found the note of the load, and will look again
    source.gate.set()
    await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    clock.advance(0.005)  # at their first look the value is there
    assert await asyncio.gather(*asking) == [1] * 8
    assert source.loads == 1


async def test_g6_a_stale_value_is_loaded_anew_by_one_process(
    open_cache: Open, source: Source, clock: HeldClock
) -> None:
    caches = [open_cache(clock) for _ in range(4)]
    await ask(caches[0], source)
    clock.advance(10)
    source.gate, source.asked = asyncio.Event(), asyncio.Event()
    for cache in caches:
        assert await ask(cache, source) == 1
    await source.asked.wait()
    for cache in caches:
        assert await ask(cache, source) == 1
    assert source.loads == 2
    source.gate.set()
    await until_it_answers(caches[-1], source, 2)
    assert source.loads == 2


async def test_g6_when_the_loader_dies_another_takes_over_and_wins(
    open_cache: Open, source: Source
) -> None:
    dying = Source()
    dying.gate = asyncio.Event()
    died = asyncio.create_task(ask(open_cache(), dying))
    await dying.asked.wait()
    source.loads = 10
    assert await ask(open_cache(), source) == 11
    dying.gate.set()  # it was only slow: what it brings now is older, and not kept
    assert await died == 1
    assert await ask(open_cache(), source) == 11


async def test_a_loader_that_fails_keeps_nobody_waiting(
    open_cache: Open, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "LOADING_S", PATIENT_S)
    failing = Source()
    failing.failing, failing.gate = True, asyncio.Event()
    failed = asyncio.create_task(ask(open_cache(), failing))
    await failing.asked.wait()
    clock = HeldClock()  # patience never ends by itself on this clock
    waiting = asyncio.create_task(ask(open_cache(clock), source))
    await until_asleep(clock, 1, within_s=1)
    failing.gate.set()
    with pytest.raises(ConnectionError):
        await failed
    clock.advance(0.005)  # at its first look
    assert await waiting == 1


@pytest.mark.parametrize("how", ["put", "forget"])
async def test_what_another_process_does_wins_over_a_load_that_began_before(
    open_cache: Open, source: Source, how: str
) -> None:
    one, other = open_cache(), open_cache()
    source.gate = asyncio.Event()
    loading = asyncio.create_task(ask(one, source))
    await source.asked.wait()
    if how == "put":
        await other.put("1", 99, returns=int, tier=HOME)
    else:
        await other.forget("1", tier=HOME)
    source.gate.set()
    assert await loading == 1
    assert await one.get("1", returns=int, tier=HOME) == (99 if how == "put" else None)


# -- values of another version


class Card(msgspec.Struct, frozen=True):
    id: str


class NewerCard(msgspec.Struct, frozen=True):
    id: str
    badge: str = "none"  # an old value would be read, with a badge that nobody set


async def test_a_value_of_another_shape_is_a_miss_and_never_an_error(open_cache: Open) -> None:
    old, new = open_cache(), open_cache()
    await old.put("1", Card(id="ttl_1"), returns=Card, tier=LONG)

    async def load() -> NewerCard:
        return NewerCard(id="ttl_1", badge="gold")

    assert await new.get_or_load("1", load, returns=NewerCard, tier=LONG) == await load()
    assert await new.get("1", returns=NewerCard, tier=LONG) == await load()
    assert await old.get("1", returns=Card, tier=LONG) is None
    assert new.stats()["home"] == CacheStats(hits=1, misses=1, unreadable=1)


@pytest.mark.parametrize("junk", [b"", b"x", b"x" * 15, b"x" * 16, b"\xff" * 400])
async def test_bytes_that_somebody_else_wrote_are_a_miss(
    open_cache: Open, server: Server, source: Source, junk: bytes
) -> None:
    await server.write("home:1", junk, 60)
    assert await ask(open_cache(), source) == 1


async def test_a_value_that_cannot_be_encoded_is_returned_and_not_kept(open_cache: Open) -> None:
    cache, value = open_cache(), object()

    async def load() -> object:
        return value

    assert await cache.get_or_load("1", load, returns=object, tier=LONG) is value
    assert await cache.get_or_load("1", load, returns=object, tier=LONG) is value


async def test_a_value_that_is_too_large_for_the_server_costs_only_time(open_cache: Open) -> None:
    cache = open_cache()
    large = b"x" * 3_000_000

    async def load() -> bytes:
        return large

    for _ in range(30):  # more than a breaker lets fail
        assert await cache.get_or_load("large", load, returns=bytes, tier=LONG) == large
    await cache.put("large", large, returns=bytes, tier=LONG)
    await cache.put("1", 5, returns=int, tier=LONG)
    assert await cache.get("1", returns=int, tier=LONG) == 5


# -- a server that fails


@pytest.fixture
def cuttable(server: Server) -> Cuttable:
    return Cuttable(server)


@pytest.fixture
def cut_cache(cuttable: Cuttable, clock: HeldClock) -> Cache:
    return DistributedCache(cast(Server, cuttable), clock=clock)


async def test_g3_a_cache_that_is_down_costs_only_time_and_is_left_alone(
    cut_cache: Cache, cuttable: Cuttable, source: Source, clock: HeldClock
) -> None:
    cuttable.cut = True
    for n in range(1, 41):
        assert await ask(cut_cache, source) == n
        await cut_cache.put("2", n, returns=int, tier=HOME)
        await cut_cache.forget("3", tier=HOME)
        assert await cut_cache.get("2", returns=int, tier=HOME) is None
    assert cuttable.asked <= 20, "the breaker is open"
    assert cut_cache.stats()["home"] == CacheStats(unreachable=80)
    cuttable.cut = False
    clock.advance(5)
    assert await ask(cut_cache, source) == 41
    assert await ask(cut_cache, source) == 41


async def test_many_who_ask_while_it_is_down_still_cause_one_load(
    cut_cache: Cache, cuttable: Cuttable, source: Source
) -> None:
    cuttable.cut, source.gate = True, asyncio.Event()
    asking = [asyncio.create_task(ask(cut_cache, source)) for _ in range(50)]
    await until_joined(cut_cache, 50)
    source.gate.set()
    assert await asyncio.gather(*asking) == [1] * 50


@pytest.mark.parametrize("how", ["put", "forget"])
async def test_what_could_not_be_told_is_never_read_from_what_the_server_had_before(
    cut_cache: Cache, cuttable: Cuttable, open_cache: Open, clock: HeldClock, how: str
) -> None:
    await cut_cache.put("1", 1, returns=int, tier=HOME)
    cuttable.cut = True
    if how == "put":
        await cut_cache.put("1", 2, returns=int, tier=HOME)
    else:
        await cut_cache.forget("1", tier=HOME)
    cuttable.cut = False
    assert await cut_cache.get("1", returns=int, tier=HOME) is None
    other = open_cache(clock)
    assert await other.get("1", returns=int, tier=HOME) is None, "it is gone for all"


async def test_g3_a_server_that_hangs_is_waited_for_only_shortly() -> None:
    with servers.memcached_server() as (url, process):
        cache = memcached_cache(url, clock=SystemClock())
        await cache.put("1", 1, returns=int, tier=LONG)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        try:
            source = Source()
            source.loads = 10
            assert await ask(cache, source) == 11  # the test's own timeout would end it otherwise
        finally:
            process.send_signal(signal.SIGCONT)
        assert cache.stats()["home"].unreachable == 1
        await cache.close()


async def test_g3_a_server_that_is_started_again_is_used_again(clock: HeldClock) -> None:
    with servers.redis_server() as url:
        cache = redis_cache(url, clock=clock, timeout_s=PATIENT_S)
        await cache.put("1", 1, returns=int, tier=HOME)
        port = int(url.split(":")[2].split("/")[0])
        source = Source()
        source.loads = 10
    assert await ask(cache, source) == 11
    with servers.redis_server(port=port):
        assert await ask(cache, source) == 12, "it forgot"
        assert await ask(cache, source) == 12
    await cache.close()


async def test_who_gives_up_takes_no_answer_from_the_next(open_cache: Open) -> None:
    """A connection whose request was cancelled still has an answer coming."""
    cache = open_cache()
    for n in range(20):
        await cache.put(str(n), n, returns=int, tier=LONG)
    for _ in range(20):
        asking = [asyncio.create_task(cache.get(str(n), returns=int, tier=LONG)) for n in range(20)]
        for _ in range(3):
            await asyncio.sleep(0)
        for task in asking[::2]:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        answers = [await cache.get(str(n), returns=int, tier=LONG) for n in range(20)]
        assert answers == list(range(20))


# -- addresses


def test_several_memcached_servers_may_be_named() -> None:
    one, two = addresses("memcached://one,two:11212")
    assert (one.address, one.port) == ("one", 11211)  # type: ignore[union-attr]
    assert (two.address, two.port) == ("two", 11212)  # type: ignore[union-attr]
    (socket,) = addresses("memcached:///run/memcached.sock")
    assert socket.path == "/run/memcached.sock"  # type: ignore[union-attr]


@pytest.mark.parametrize("wrong", ["", "memcached://", "redis://one", "memcached://one:x", "one"])
def test_an_address_that_names_no_server_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid, match="names no memcached server"):
        addresses(wrong)
