"""The rules of a circuit breaker, as Netflix's Hystrix has them; no tasks, no waiting.

* **Closed**: calls pass. Their outcomes are counted over a rolling window, in buckets. When at
  least `volume` calls fell in the window and `error_percent` of them failed, it opens.
* **Open**: calls are turned away, uncounted, for `sleep_s`.
* **Half open**: after that a single call passes as a probe, and it alone decides: an answer closes
  the breaker with all counts forgotten, a failure (or a probe that was given up) opens it for
  another `sleep_s`. Calls that began before it opened decide nothing.

A refusal is an answer: it is not counted (Hystrix: `HystrixBadRequestException`), and as a probe
it proves that somebody is there. Defaults: `HystrixCommandProperties`, 10 s window in 10 buckets,
20 calls, 50 %, 5 s.
"""

import enum
from collections import deque

import msgspec

from vitascope.kernel.clock import Clock


class Circuit(enum.StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class BreakerSettings(msgspec.Struct, frozen=True, kw_only=True):
    window_s: float = 10.0
    """Over how many seconds outcomes are counted."""
    buckets: int = 10
    """In how many buckets the window is cut; the oldest is dropped whole."""
    volume: int = 20
    """With fewer calls in the window than this, the breaker stays closed."""
    error_percent: float = 50.0
    """At this share of failures it opens."""
    sleep_s: float = 5.0
    """How long it stays open before a probe is let through."""


class CircuitHealth(msgspec.Struct, frozen=True, kw_only=True):
    circuit: Circuit
    calls: int
    failures: int


class Permit:
    """A call that was let through; `probe` when its outcome alone decides."""

    __slots__ = ("probe",)

    def __init__(self, probe: bool) -> None:
        self.probe = probe


class _Bucket:
    __slots__ = ("calls", "failures", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.calls = 0
        self.failures = 0


class Breaker:
    """One per neighbour. Every permit must be answered by exactly one of the four verdicts."""

    def __init__(self, clock: Clock, settings: BreakerSettings | None = None) -> None:
        self._clock = clock
        self._settings = settings or BreakerSettings()
        self._buckets: deque[_Bucket] = deque()
        self._circuit = Circuit.CLOSED
        self._opened_at = 0.0

    def ask(self) -> Permit | None:
        """Returns a permit, or None when the call must not be made."""
        if self._circuit is Circuit.CLOSED:
            return Permit(probe=False)
        if self._circuit is Circuit.OPEN and self._slept():
            self._circuit = Circuit.HALF_OPEN
            return Permit(probe=True)
        return None

    def succeeded(self, permit: Permit) -> None:
        if permit.probe:
            self._close()
        else:
            self._count(failed=False)

    def failed(self, permit: Permit) -> None:
        if permit.probe:
            self._open()
            return
        self._count(failed=True)
        if self._circuit is Circuit.CLOSED and self._is_sick():
            self._open()

    def refused(self, permit: Permit) -> None:
        if permit.probe:
            self._close()

    def abandoned(self, permit: Permit) -> None:
        """Note that the caller went away before there was an outcome."""
        if permit.probe:
            self._open()

    def health(self) -> CircuitHealth:
        calls, failures = self._totals()
        return CircuitHealth(circuit=self._circuit, calls=calls, failures=failures)

    def _slept(self) -> bool:
        return self._clock.monotonic() - self._opened_at >= self._settings.sleep_s

    def _is_sick(self) -> bool:
        calls, failures = self._totals()
        enough = calls >= self._settings.volume
        return enough and failures * 100 >= self._settings.error_percent * calls

    def _open(self) -> None:
        self._circuit = Circuit.OPEN
        self._opened_at = self._clock.monotonic()

    def _close(self) -> None:
        self._circuit = Circuit.CLOSED
        self._buckets.clear()

    def _count(self, *, failed: bool) -> None:
        number = self._bucket_number()
        if not self._buckets or self._buckets[-1].number != number:
            self._buckets.append(_Bucket(number))
        self._buckets[-1].calls += 1
        self._buckets[-1].failures += failed

    def _totals(self) -> tuple[int, int]:
        oldest = self._bucket_number() - self._settings.buckets
        while self._buckets and self._buckets[0].number <= oldest:
            self._buckets.popleft()
        return sum(b.calls for b in self._buckets), sum(b.failures for b in self._buckets)

    def _bucket_number(self) -> int:
        width = self._settings.window_s / self._settings.buckets
        return int(self._clock.monotonic() // width)
