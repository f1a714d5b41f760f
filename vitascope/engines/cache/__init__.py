"""Forgettable values with two lifetimes, in tiers."""

from vitascope.engines.cache.contract import Cache, CacheStats, Tier
from vitascope.engines.cache.generation import begin_generation, current_generation
from vitascope.engines.cache.tiers import (
    EDGES,
    GENERATIONS,
    HOME,
    PACKAGES,
    POSITIONS,
    RECOMMENDATIONS,
    SUBSCRIPTIONS,
    TITLES,
)

__all__ = [
    "EDGES",
    "GENERATIONS",
    "HOME",
    "PACKAGES",
    "POSITIONS",
    "RECOMMENDATIONS",
    "SUBSCRIPTIONS",
    "TITLES",
    "Cache",
    "CacheStats",
    "Tier",
    "begin_generation",
    "current_generation",
]
