"""Rate limits: a token bucket per address and per account, in this process's memory.

A bucket fills with `per_second` tokens up to `burst`; a request takes one. Buckets that are full
again are forgotten, the one untouched for longest first, so that memory stays bounded whatever
addresses come by. Several API processes each count for themselves: the limit is per process.
"""

from collections import OrderedDict

from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import TooMany

BUCKETS = 50_000


class RateLimited(TooMany):
    code = "rate-limited"


class Rate:
    def __init__(self, clock: Clock, what: str, *, per_second: float, burst: int) -> None:
        self._clock = clock
        self._what = what
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # level, at

    def take(self, key: str) -> None:
        """Raises `RateLimited`, with `retry_after_s`."""
        if self._per_second <= 0:
            return
        now = self._clock.monotonic()
        level, at = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._per_second)
        allowed = level >= 1.0
        self._buckets[key] = (level - 1.0 if allowed else level, now)
        if len(self._buckets) > BUCKETS:
            self._buckets.popitem(last=False)
        if not allowed:
            wait_s = max(1, round((1.0 - level) / self._per_second + 0.5))
            raise RateLimited(
                f"Too many requests from this {self._what}. Wait, then try again.",
                retry_after_s=wait_s,
            )
