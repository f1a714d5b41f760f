"""Forgetting many values at once, without looking for them.

A generation is a random word that is part of many keys. When it changes, none of the values under
the old keys is asked for again, and they go when their lifetimes end. No cache of many machines can
list its keys by prefix in less time than it takes to make them anew.
"""

import secrets

from vitascope.engines.cache.contract import Cache
from vitascope.engines.cache.tiers import GENERATIONS


async def current_generation(cache: Cache, name: str) -> str:
    """Returns the generation of `name`, to be put into keys. Under these keys nothing is found any
    more once `begin_generation` was called."""
    return await cache.get_or_load(name, _fresh, returns=str, tier=GENERATIONS)


async def begin_generation(cache: Cache, name: str) -> None:
    """Begin a new generation of `name`. It is never one that was there before, so that processes
    which hear the same news one after the other do no harm."""
    await cache.put(name, await _fresh(), returns=str, tier=GENERATIONS)


async def _fresh() -> str:
    return secrets.token_hex(8)
