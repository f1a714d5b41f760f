"""A cache in this process's memory, bounded by the number of values, least recently used first out.

How the words map: a value is kept as the object it is, so `returns` is not looked at, and every
process has a cache of its own.

A load runs in a task of its own, so that a caller who gives up takes it from nobody else.
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from vitascope.engines.cache.contract import CacheStats, Tier
from vitascope.engines.cache.counts import Counts
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import Clock

T = TypeVar("T")

_AFTER_FAILURE_S = 2.0

_logger = logging.getLogger("vitascope.cache")


class _Entry(msgspec.Struct, frozen=True):
    value: Any
    soft_until: float
    hard_until: float


class MemoryCache:
    """At most `size` values."""

    shared = False

    def __init__(self, *, clock: Clock, size: int = 10_000, metrics: Metrics | None = None) -> None:
        self._clock = clock
        self._size = size
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Any]] = {}
        self._counts = Counts(metrics)

    async def get_or_load(
        self, key: str, load: Callable[[], Awaitable[T]], *, returns: type[T], tier: Tier
    ) -> T:
        name = _name(tier, key)
        entry = self._living(name)
        if entry is not None and self._clock.monotonic() < entry.soft_until:
            self._counts.add(tier, "hits")
            return entry.value  # type: ignore[no-any-return]
        loading = self._loading.get(name) or self._start(name, load, tier)
        if entry is not None:
            self._counts.add(tier, "stale_hits")
            return entry.value  # type: ignore[no-any-return]
        self._counts.add(tier, "misses")
        return await asyncio.shield(loading)

    async def get(self, key: str, *, returns: type[T], tier: Tier) -> T | None:
        entry = self._living(_name(tier, key))
        if entry is None:
            self._counts.add(tier, "misses")
            return None
        fresh = self._clock.monotonic() < entry.soft_until
        self._counts.add(tier, "hits" if fresh else "stale_hits")
        return entry.value  # type: ignore[no-any-return]

    async def put(self, key: str, value: T, *, returns: type[T], tier: Tier) -> None:
        name = _name(tier, key)
        self._loading.pop(name, None)  # a load that began earlier must not overwrite this
        self._keep(name, value, tier)

    async def forget(self, key: str, *, tier: Tier) -> None:
        name = _name(tier, key)
        self._loading.pop(name, None)
        self._entries.pop(name, None)

    def stats(self) -> dict[str, CacheStats]:
        return self._counts.stats()

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _living(self, name: str) -> _Entry | None:
        entry = self._entries.get(name)
        if entry is None:
            return None
        if self._clock.monotonic() >= entry.hard_until:
            del self._entries[name]
            return None
        self._entries.move_to_end(name)
        return entry

    def _start(
        self, name: str, load: Callable[[], Awaitable[Any]], tier: Tier
    ) -> "asyncio.Task[Any]":
        task = asyncio.create_task(self._load(name, load, tier), name=f"load {name}")
        task.add_done_callback(_seen)
        self._loading[name] = task
        return task

    async def _load(self, name: str, load: Callable[[], Awaitable[Any]], tier: Tier) -> Any:
        mine = asyncio.current_task()
        try:
            value = await load()
        except Exception as error:
            self._counts.add(tier, "load_errors")
            self._wait_with_the_old(name, tier)
            _logger.warning("%s could not be loaded: %s", name, error)
            raise
        else:
            if self._loading.get(name) is mine:  # nobody forgot or replaced it meanwhile
                self._keep(name, value, tier)
            return value
        finally:
            if self._loading.get(name) is mine:
                del self._loading[name]

    def _wait_with_the_old(self, name: str, tier: Tier) -> None:
        """After a failed load the old value counts as fresh for a moment, sparing the source."""
        if (old := self._entries.get(name)) is not None:
            until = self._clock.monotonic() + min(tier.soft_s, _AFTER_FAILURE_S)
            self._entries[name] = _Entry(old.value, until, old.hard_until)

    def _keep(self, name: str, value: object, tier: Tier) -> None:
        shorter = 1 - random.uniform(0, tier.jitter)
        now = self._clock.monotonic()
        self._entries[name] = _Entry(
            value, now + tier.soft_s * shorter, now + tier.hard_s * shorter
        )
        self._entries.move_to_end(name)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)


def _name(tier: Tier, key: str) -> str:
    return f"{tier.name}:{key}"


def _seen(task: "asyncio.Task[Any]") -> None:
    """An error that nobody waits for was counted and logged; asyncio need not complain again."""
    if not task.cancelled():
        task.exception()
