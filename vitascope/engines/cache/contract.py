"""Forgettable values with two lifetimes.

Until `soft_s` a value is fresh. Between `soft_s` and `hard_s` it is still served while one task
loads it anew. After `hard_s` it is gone. Lifetimes are shortened at random by up to a tenth, so
that what was stored together does not expire together.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")


class CacheStats(msgspec.Struct, frozen=True, kw_only=True):
    hits: int = 0
    stale_hits: int = 0
    misses: int = 0
    load_errors: int = 0


class Cache(Protocol):
    """Safe to share between tasks. Losing every value at any moment must only cost time."""

    async def get_or_load(
        self, key: str, load: Callable[[], Awaitable[T]], *, soft_s: float, hard_s: float
    ) -> T:
        """The value under `key`, loaded at most once however many ask at the same time.

        When `load` fails while an old value is still within `hard_s`, the old value is served.
        Keys begin with the name of the tier (`home:`), by which hit rates are counted.
        """
        ...

    async def put(self, key: str, value: object, *, soft_s: float, hard_s: float) -> None: ...

    async def forget(self, key: str) -> None: ...

    async def forget_prefix(self, prefix: str) -> None: ...

    def stats(self) -> dict[str, CacheStats]:
        """By tier."""
        ...
