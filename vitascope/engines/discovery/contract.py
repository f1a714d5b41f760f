"""Finding the processes that run a part.

A discovery answers with all of them; which one is asked is the caller's choice (`engines/wire`).
"""

import asyncio
from collections.abc import Collection
from typing import Protocol, runtime_checkable

import msgspec


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One process: its inner listener's URL. A draining one is about to stop."""

    url: str
    draining: bool = False


class Discovery(Protocol):
    """Safe to share between tasks."""

    async def instances(self, part: str) -> tuple[Instance, ...]:
        """Returns all processes that run `part`, in any order; empty when none is known. Raises
        `Unavailable` when nobody can be asked."""
        ...


@runtime_checkable
class Registry(Protocol):
    """A discovery in which processes enter themselves."""

    async def keep(self, url: str, parts: Collection[str], draining: asyncio.Event) -> None:
        """Enter this process and confirm it, until cancelled; then take it out. From the moment at
        which `draining` is set it is entered as draining."""
        ...
