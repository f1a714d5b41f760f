"""Forgettable values with two lifetimes."""

from vitascope.engines.cache.contract import (
    Cache,
    CacheStats,
)

__all__ = [
    "Cache",
    "CacheStats",
]
