"""A cache that several processes share, on a server that keeps bytes by key.

* Values are encoded by msgspec. The entry says which type it was, with all its fields: a value of
  another shape is a miss.
* Single flight: in a process, all who miss wait for one task. Between processes the one that finds
  nothing leaves a note for `LOADING_S` and loads; the others look again every few milliseconds, for
  at most `PATIENCE_S`. After that one of them takes over: the loader may have died.
* A value is stored only over the note of its own load, so that what was put or forgotten meanwhile
  stays so, whichever process did it.
* A server that is down or slow costs `TIMEOUT_S` until the breaker opens, and then nothing: values
  are loaded and not kept, at most one load a key and process at a time. What should have been put
  or forgotten meanwhile is removed as soon as the server answers again, before anything is read.

Times in entries are by the clocks of the processes: keep them within a second (NTP). The server
removes an entry after the hard lifetime by its own clock.
"""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import structlog
from msgspec.structs import replace

from vitascope.engines.breaker import Breaker
from vitascope.engines.cache.contract import CacheStats, Tier
from vitascope.engines.cache.counts import Counts
from vitascope.engines.cache.entry import (
    CacheEntry,
    FoundEntry,
    decoded,
    packed,
    shape_of,
    unpacked,
)
from vitascope.engines.guard import CircuitOpen, Guard
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import Clock

T = TypeVar("T")

TIMEOUT_S = 0.25
LOADING_S = 10.0
PATIENCE_S = 1.0
_FIRST_LOOK_S = 0.005
_AFTER_FAILURE_S = 2.0
_OUTDATED = 10_000

_log = structlog.get_logger("cache")


class Server(Protocol):
    """What a cache server can do. Any exception means that it could not be asked.

    Keys are text of any length. `data` begins with the token of its entry."""

    async def read(self, key: str) -> bytes | None: ...

    async def write(self, key: str, data: bytes, ttl_s: float) -> None: ...

    async def add(self, key: str, data: bytes, ttl_s: float) -> bool:
        """Write where there is nothing. Returns False if there is something."""
        ...

    async def replace(self, key: str, data: bytes, ttl_s: float, token: bytes) -> bool:
        """Write over an entry that begins with `token`. Returns False if none does."""
        ...

    async def remove(self, *keys: str) -> None: ...

    async def close(self) -> None: ...


class Unreachable(Exception):
    """The server could not be asked. Never leaves this module."""


class _Read(msgspec.Struct, Generic[T], frozen=True):
    """A value that was read; `fresh` within its soft lifetime."""

    value: T
    fresh: bool
    found: FoundEntry


class DistributedCache:
    """Implements `Cache` over a server."""

    shared = True

    def __init__(
        self,
        server: Server,
        *,
        clock: Clock,
        metrics: Metrics | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`timeout_s` is how long an answer of the server is waited for."""
        self._server = server
        self._clock = clock
        self._counts = Counts(metrics)
        self._guard = Guard("cache", clock, timeout_s=timeout_s, breaker=Breaker(clock))
        self._loading: dict[str, asyncio.Task[Any]] = {}
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._outdated: dict[str, None] = {}

    async def get_or_load(
        self, key: str, load: Callable[[], Awaitable[T]], *, returns: type[T], tier: Tier
    ) -> T:
        name = _name(tier, key)
        loading = _Loading(name, load, returns, tier)
        try:
            found = await self._find(name)
        except Unreachable:
            self._counts.add(tier, "unreachable")
            return await self._joined(name, lambda: self._load(loading, None))
        read = self._read(found, returns, tier)
        if read is None:
            self._counts.add(tier, "misses")
            return await self._joined(name, lambda: self._load_once(loading, found))
        self._counts.add(tier, "hits" if read.fresh else "stale_hits")
        if not read.fresh:
            self._refresh(loading, read.found)
        return read.value

    async def get(self, key: str, *, returns: type[T], tier: Tier) -> T | None:
        try:
            found = await self._find(_name(tier, key))
        except Unreachable:
            self._counts.add(tier, "unreachable")
            return None
        read = self._read(found, returns, tier)
        if read is None:
            self._counts.add(tier, "misses")
            return None
        self._counts.add(tier, "hits" if read.fresh else "stale_hits")
        return read.value

    async def put(self, key: str, value: T, *, returns: type[T], tier: Tier) -> None:
        name = _name(tier, key)
        self._loading.pop(name, None)  # who comes now must not join a load that began earlier
        _, data = packed(self._entry(value, returns, tier))
        await self._tell(name, lambda: self._server.write(name, data, tier.hard_s))

    async def forget(self, key: str, *, tier: Tier) -> None:
        name = _name(tier, key)
        self._loading.pop(name, None)
        await self._tell(name, lambda: self._server.remove(name))

    def stats(self) -> dict[str, CacheStats]:
        return self._counts.stats()

    async def close(self) -> None:
        tasks = [*self._loading.values(), *self._refreshing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.close()

    # -- reading

    async def _find(self, name: str) -> FoundEntry | None:
        await self._catch_up()
        data = await self._asked(lambda: self._server.read(name))
        return None if data is None else unpacked(data)

    def _read(self, found: FoundEntry | None, returns: type[T], tier: Tier) -> _Read[T] | None:
        now_ms = self._clock.now_ms()
        if found is None or found.entry.value is None or now_ms >= found.entry.hard_until_ms:
            return None
        try:
            value = decoded(found.entry, returns)
        except msgspec.MsgspecError:
            self._counts.add(tier, "unreadable")
            return None
        return _Read(value=value, fresh=now_ms < found.entry.soft_until_ms, found=found)

    # -- loading

    async def _joined(self, name: str, load: Callable[[], Awaitable[T]]) -> T:
        """Wait for the load of `name` that is under way in this process; begin it if there is none.
        It is a task of its own: a caller who gives up takes it from nobody else."""
        task = self._loading.get(name)
        if task is None:
            task = asyncio.ensure_future(load())
            self._loading[name] = task
            task.add_done_callback(functools.partial(self._ended, self._loading, name))
        return await asyncio.shield(task)

    async def _load_once(self, loading: "_Loading[T]", found: FoundEntry | None) -> T:
        """Load, unless another process does and is done within `PATIENCE_S`."""
        token = None
        with suppress(Unreachable):
            token = await self._claim(loading.name, found)
            if token is None:
                read, found = await self._awaited(loading)
                if read is not None:
                    return read.value
                token = await self._claim(loading.name, found, from_others=True)
        return await self._load(loading, token)

    async def _claim(
        self, name: str, found: FoundEntry | None, *, from_others: bool = False
    ) -> bytes | None:
        """Leave a note that the value is being loaded. Returns the token to store it by, or None
        when another process was first."""
        if found is not None and self._is_loading(found) and not from_others:
            return None
        token, note = packed(CacheEntry(loading_until_ms=self._in_ms(LOADING_S)))
        if found is None:
            noted = await self._asked(lambda: self._server.add(name, note, LOADING_S))
        else:
            before = found.token
            noted = await self._asked(lambda: self._server.replace(name, note, LOADING_S, before))
        return token if noted else None

    async def _awaited(self, loading: "_Loading[T]") -> tuple[_Read[T] | None, FoundEntry | None]:
        """Look again until the value is there, its loader gave up, or patience ends."""
        waited, pause = 0.0, _FIRST_LOOK_S
        while True:
            await self._clock.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, 0.1)
            found = await self._find(loading.name)
            read = self._read(found, loading.returns, loading.tier)
            over = found is None or not self._is_loading(found) or waited >= PATIENCE_S
            if read is not None or over:
                return read, found

    async def _load(self, loading: "_Loading[T]", token: bytes | None) -> T:
        """Load, and keep the value over the note that begins with `token`, if there is one."""
        try:
            value = await loading.load()
        except Exception as error:
            self._failed(loading, error)
            if token is not None:  # others need not wait any longer
                await self._store(loading.name, CacheEntry(), _FIRST_LOOK_S, token)
            raise
        if token is not None:
            await self._keep(loading, value, token)
        return value

    def _refresh(self, loading: "_Loading[Any]", found: FoundEntry) -> None:
        """Load anew behind an old value, unless that is being done."""
        if loading.name not in self._refreshing and not self._is_loading(found):
            task = asyncio.create_task(self._refreshed(loading, found))
            self._refreshing[loading.name] = task
            task.add_done_callback(functools.partial(self._ended, self._refreshing, loading.name))

    async def _refreshed(self, loading: "_Loading[Any]", found: FoundEntry) -> None:
        old = found.entry
        noted = replace(old, loading_until_ms=self._in_ms(LOADING_S))
        token = await self._store(loading.name, noted, self._left_s(old), found.token)
        if token is None:
            return
        try:
            value = await loading.load()
        except Exception as error:  # noqa: BLE001 - whatever it is, the old value goes on
            self._failed(loading, error)
            patience = min(loading.tier.soft_s, _AFTER_FAILURE_S)
            rested = replace(old, soft_until_ms=self._in_ms(patience), loading_until_ms=0)
            await self._store(loading.name, rested, self._left_s(old), token)
        else:
            await self._keep(loading, value, token)

    def _failed(self, loading: "_Loading[Any]", error: Exception) -> None:
        self._counts.add(loading.tier, "load_errors")
        _log.warning("could not be loaded", key=loading.name, error=repr(error))

    def _ended(self, tasks: "dict[str, asyncio.Task[Any]]", name: str, task: Any) -> None:
        """An error that nobody waits for was counted and logged: asyncio need not log it again."""
        if tasks.get(name) is task:
            del tasks[name]
        if not task.cancelled():
            task.exception()

    # -- writing

    async def _keep(self, loading: "_Loading[T]", value: T, token: bytes) -> None:
        try:
            entry = self._entry(value, loading.returns, loading.tier)
        except (TypeError, ValueError, msgspec.MsgspecError) as error:
            _log.error("cannot be kept in a cache", key=loading.name, error=repr(error))
            return
        await self._store(loading.name, entry, loading.tier.hard_s, token)

    async def _store(
        self, name: str, entry: CacheEntry, ttl_s: float, token: bytes
    ) -> bytes | None:
        """Write over the entry that begins with `token`. Returns the new token, or None when there
        is no such entry any more or the server cannot be asked."""
        fresh, data = packed(entry)
        try:
            stored = await self._asked(lambda: self._server.replace(name, data, ttl_s, token))
        except Unreachable:
            return None
        return fresh if stored else None

    def _entry(self, value: object, returns: Any, tier: Tier) -> CacheEntry:
        shorter = 1 - random.uniform(0, tier.jitter)
        return CacheEntry(
            shape=shape_of(returns),
            value=msgspec.msgpack.encode(value),
            soft_until_ms=self._in_ms(tier.soft_s * shorter),
            hard_until_ms=self._in_ms(tier.hard_s * shorter),
        )

    async def _tell(self, name: str, call: Callable[[], Awaitable[None]]) -> None:
        """Make a change, or remember that what the server has under `name` is outdated."""
        try:
            await self._asked(call)
        except Unreachable:
            self._outdated[name] = None
            if len(self._outdated) > _OUTDATED:
                self._outdated.pop(next(iter(self._outdated)))
        else:
            self._outdated.pop(name, None)

    async def _catch_up(self) -> None:
        """Remove what became outdated while the server could not be asked."""
        while self._outdated:
            names = list(self._outdated)[:500]
            await self._asked(functools.partial(self._server.remove, *names))
            for name in names:
                self._outdated.pop(name, None)

    async def _asked(self, call: Callable[[], Awaitable[T]]) -> T:
        """Returns the server's answer. Raises `Unreachable`."""
        try:
            return await self._guard.run(call)
        except CircuitOpen as error:
            raise Unreachable from error
        except Exception as error:
            _log.warning("the cache does not answer", error=repr(error))
            raise Unreachable from error

    # -- time

    def _is_loading(self, found: FoundEntry) -> bool:
        return self._clock.now_ms() < found.entry.loading_until_ms

    def _in_ms(self, seconds: float) -> int:
        return self._clock.now_ms() + round(seconds * 1000)

    def _left_s(self, entry: CacheEntry) -> float:
        return max(0.001, (entry.hard_until_ms - self._clock.now_ms()) / 1000)


class _Loading(msgspec.Struct, Generic[T], frozen=True):
    """What is to be loaded, and where it is kept."""

    name: str
    load: Callable[[], Awaitable[T]]
    returns: type[T]
    tier: Tier


def _name(tier: Tier, key: str) -> str:
    return f"{tier.name}:{key}"
