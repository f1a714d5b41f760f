"""Forgettable values with two lifetimes.

Until a value's soft lifetime ends it is fresh. From then until its hard lifetime ends it is still
served, while one task loads it anew. After that it is gone. A `Tier` names both; `tiers.py` has all
of the service's tiers.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """How long one kind of value lives, and the name by which its hits are counted."""

    name: str  # part of every key: a word, without a colon
    soft_s: float
    hard_s: float
    jitter: float = 0.1
    """The part of both lifetimes that chance may take off, so that what was stored together does
    not expire together."""


class CacheStats(msgspec.Struct, frozen=True, kw_only=True):
    """What happened since the process started, for one tier."""

    hits: int = 0  # served fresh
    stale_hits: int = 0  # served between the soft and the hard lifetime
    misses: int = 0
    unreachable: int = 0  # loaded because the cache did not answer
    unreadable: int = 0  # misses because the value was written by another version
    load_errors: int = 0


class Cache(Protocol):
    """Safe to share between tasks. Losing every value at any moment only costs time, and so does a
    cache that is down: no method raises because of the cache itself.

    Values are frozen: msgspec structs, strings, numbers, bytes, and tuples of these. Who gets one
    must not change it. `returns` is the type that was stored; a value of another shape, as another
    version of the software may have written it, is a miss. `key` is unique within its tier.
    """

    shared: bool
    """True if all processes of the service see the same values."""

    async def get_or_load(
        self, key: str, load: Callable[[], Awaitable[T]], *, returns: type[T], tier: Tier
    ) -> T:
        """Returns the value, loaded if it must be: at most once however many ask at the same time
        in this process, and as a rule once in all that share the cache.

        When `load` fails while an old value is within its hard lifetime, the old value is served.
        Raises what `load` raises when there is none.
        """
        ...

    async def get(self, key: str, *, returns: type[T], tier: Tier) -> T | None:
        """Returns the value if there is one within its hard lifetime."""
        ...

    async def put(self, key: str, value: T, *, returns: type[T], tier: Tier) -> None:
        """Store a value. It wins over a load that began earlier. `returns` is the type that it will
        be asked for as."""
        ...

    async def forget(self, key: str, *, tier: Tier) -> None:
        """Remove a value. What a load that began earlier brings is not kept."""
        ...

    def stats(self) -> dict[str, CacheStats]:
        """Returns the counts so far, by the tier's name."""
        ...

    async def close(self) -> None:
        """Close what is open. The values stay where they are."""
        ...
