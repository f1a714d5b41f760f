"""A cache in this process's memory, bounded by the number of values, least recently used first out.

A load runs in a task of its own, so that a caller who gives up takes it from nobody else; the
values are handed out as they are and must not be changed by those who get them.
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from vitascope.engines.cache.contract import CacheStats
from vitascope.kernel.clock import Clock

T = TypeVar("T")

_AFTER_FAILURE_S = 2.0

_logger = logging.getLogger("vitascope.cache")


class _Entry(msgspec.Struct, frozen=True):
    value: Any
    soft_until: float
    hard_until: float


class MemoryCache:
    """At most `size` values. `jitter` is the part of a lifetime that chance may take off."""

    def __init__(self, *, clock: Clock, size: int = 10_000, jitter: float = 0.1) -> None:
        self._clock = clock
        self._size = size
        self._jitter = jitter
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Any]] = {}
        self._counts: dict[str, dict[str, int]] = {}

    async def get_or_load(
        self, key: str, load: Callable[[], Awaitable[T]], *, soft_s: float, hard_s: float
    ) -> T:
        entry = self._living(key)
        if entry is not None and self._clock.monotonic() < entry.soft_until:
            self._count(key, "hits")
            return entry.value  # type: ignore[no-any-return]
        loading = self._loading.get(key) or self._start(key, load, soft_s, hard_s)
        if entry is not None:
            self._count(key, "stale_hits")
            return entry.value  # type: ignore[no-any-return]
        self._count(key, "misses")
        return await asyncio.shield(loading)

    async def put(self, key: str, value: object, *, soft_s: float, hard_s: float) -> None:
        self._loading.pop(key, None)  # a load that began earlier must not overwrite this
        self._keep(key, value, soft_s, hard_s)

    async def forget(self, key: str) -> None:
        self._loading.pop(key, None)
        self._entries.pop(key, None)

    async def forget_prefix(self, prefix: str) -> None:
        for key in [key for key in (*self._entries, *self._loading) if key.startswith(prefix)]:
            await self.forget(key)

    def stats(self) -> dict[str, CacheStats]:
        return {tier: CacheStats(**counts) for tier, counts in self._counts.items()}

    def _living(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock.monotonic() >= entry.hard_until:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry

    def _start(
        self, key: str, load: Callable[[], Awaitable[Any]], soft_s: float, hard_s: float
    ) -> "asyncio.Task[Any]":
        task = asyncio.create_task(self._load(key, load, soft_s, hard_s), name=f"load {key}")
        task.add_done_callback(_seen)
        self._loading[key] = task
        return task

    async def _load(
        self, key: str, load: Callable[[], Awaitable[Any]], soft_s: float, hard_s: float
    ) -> Any:
        mine = asyncio.current_task()
        try:
            value = await load()
        except Exception as error:
            self._count(key, "load_errors")
            self._wait_with_the_old(key, soft_s)
            _logger.warning("%s could not be loaded: %s", key, error)
            raise
        else:
            if self._loading.get(key) is mine:  # nobody forgot or replaced it meanwhile
                self._keep(key, value, soft_s, hard_s)
            return value
        finally:
            if self._loading.get(key) is mine:
                del self._loading[key]

    def _wait_with_the_old(self, key: str, soft_s: float) -> None:
        """After a failed load the old value counts as fresh for a moment, sparing the source."""
        if (old := self._entries.get(key)) is not None:
            until = self._clock.monotonic() + min(soft_s, _AFTER_FAILURE_S)
            self._entries[key] = _Entry(old.value, until, old.hard_until)

    def _keep(self, key: str, value: object, soft_s: float, hard_s: float) -> None:
        shorter = 1 - random.uniform(0, self._jitter)
        now = self._clock.monotonic()
        self._entries[key] = _Entry(value, now + soft_s * shorter, now + hard_s * shorter)
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def _count(self, key: str, what: str) -> None:
        tier = key.partition(":")[0]
        counts = self._counts.setdefault(tier, {})
        counts[what] = counts.get(what, 0) + 1


def _seen(task: "asyncio.Task[Any]") -> None:
    """An error that nobody waits for was counted and logged; asyncio need not complain again."""
    if not task.cancelled():
        task.exception()
