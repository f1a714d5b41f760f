"""Forgettable values with two lifetimes, in tiers."""

from vitascope.engines.cache.contract import Cache, CacheStats, Tier
from vitascope.engines.cache.generation import begin_generation, current_generation
from vitascope.engines.cache.tiers import (
    EDGES,
    GENERATIONS,
    HOME,
    PACKAGES,
    POSITIONS,
    SUBSCRIPTIONS,
)

__all__ = [
    "EDGES",
    "GENERATIONS",
    "HOME",
    "PACKAGES",
    "POSITIONS",
    "SUBSCRIPTIONS",
    "Cache",
    "CacheStats",
    "Tier",
    "begin_generation",
    "current_generation",
]
