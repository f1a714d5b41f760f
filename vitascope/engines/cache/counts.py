"""Counting what the cache answers, for `/metrics` and `Cache.stats`."""

from typing import Literal

from vitascope.engines.cache.contract import CacheStats, Tier
from vitascope.engines.trace import Metrics

Outcome = Literal["hits", "stale_hits", "misses", "unreachable", "unreadable", "load_errors"]


class Counts:
    """Counts by tier. `hits`, `stale_hits`, `misses` and `unreachable` add up to the reads."""

    def __init__(self, metrics: Metrics | None) -> None:
        self._counts: dict[str, dict[str, int]] = {}
        self._metric = (metrics or Metrics()).counter(
            "vitascope_cache", "What came of asking the cache, by tier.", ("tier", "outcome")
        )

    def add(self, tier: Tier, outcome: Outcome) -> None:
        counts = self._counts.setdefault(tier.name, {})
        counts[outcome] = counts.get(outcome, 0) + 1
        self._metric.labels(tier.name, outcome).inc()

    def stats(self) -> dict[str, CacheStats]:
        return {tier: CacheStats(**counts) for tier, counts in self._counts.items()}
