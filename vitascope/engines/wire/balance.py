"""Which of several processes is asked next; no tasks, no connections.

* **Power of two choices**: of two taken at random, the one with the lower product of calls in
  flight and latency. As good as comparing all, and callers do not fall upon the same one.
* **Latency** is a moving average that rises at once and falls slowly (Finagle's peak EWMA), so that
  one slow answer is noticed and one quick answer does not hide it.
* **Left alone** is a process that broke off once, was too slow twice in a row, or said that it is
  draining. After a pause, which doubles up to `longest_pause_s`, it is due for a question whether
  it is ready; calls are given to it when it says yes, and before that only when no other is left.
"""

import math
import random
from collections.abc import Collection, Iterable

import msgspec

from vitascope.kernel.clock import Clock

_FLOOR_S = 0.0005
_ALIKE = 0.8  # loads that differ by less are the same: chance decides


class BalanceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How processes are chosen, and how long a bad one is left alone."""

    average_s: float = 10.0
    """Over how many seconds a latency is forgotten."""

    pause_s: float = 0.5
    """How long a process is left alone at first."""

    longest_pause_s: float = 2.5
    """How long at most. A process that is back at an address of the list is taken up within 5 s:
    after this pause, at the next reading of the list."""

    slow_in_a_row: int = 2
    """So many calls without an answer in time, and a process is left alone."""


class BalancedInstance:
    """One process, as its callers see it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.in_flight = 0
        self.latency_s = 0.0
        self.measured_at = 0.0
        self.slow = 0
        self.pause_s = 0.0
        self.left_until: float | None = None
        self.draining = False

    @property
    def healthy(self) -> bool:
        return self.left_until is None and not self.draining


class Balance:
    """The processes that run one part, and what is known of each."""

    def __init__(
        self,
        clock: Clock,
        *,
        settings: BalanceSettings | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._clock = clock
        self._settings = settings or BalanceSettings()
        self._chance = chance or random.Random()
        self._instances: dict[str, BalancedInstance] = {}

    @property
    def urls(self) -> list[str]:
        return list(self._instances)

    def know(self, urls: Iterable[str], draining: Collection[str] = ()) -> None:
        """Take these as all there are. What is known of those that stay is kept."""
        self._instances = {url: self._instances.get(url) or BalancedInstance(url) for url in urls}
        for url, instance in self._instances.items():
            known = instance.draining and instance.left_until is not None
            instance.draining = known or url in draining

    def choose(self, tried: Collection[str] = ()) -> BalancedInstance | None:
        """Returns whom to ask, of those not in `tried`, or None when there is nobody: one that
        drains gets nothing, one that is left alone only when no healthy one is left."""
        others = [one for one in self._instances.values() if one.url not in tried]
        healthy = [one for one in others if one.healthy]
        if len(healthy) > 1:
            one, other = self._chance.sample(healthy, 2)
            return other if self._load(other) < _ALIKE * self._load(one) else one
        if healthy:
            return healthy[0]
        last = [one for one in others if not one.draining]
        return min(last, key=lambda one: one.left_until or 0.0, default=None)

    def begun(self, instance: BalancedInstance) -> None:
        instance.in_flight += 1

    def answered(self, instance: BalancedInstance, seconds: float) -> None:
        """Note that an answer came, also if it was a refusal."""
        instance.in_flight -= 1
        instance.slow = 0
        self._measure(instance, seconds)
        if instance.left_until is not None:
            self.ready(instance)

    def abandoned(self, instance: BalancedInstance, seconds: float) -> None:
        """Note that the caller gave up waiting, for whatever reason."""
        instance.in_flight -= 1
        self._measure(instance, max(seconds, instance.latency_s))

    def timed_out(self, instance: BalancedInstance, seconds: float) -> None:
        """Note that no answer came within its time."""
        self.abandoned(instance, seconds)
        instance.slow += 1
        if instance.slow >= self._settings.slow_in_a_row:
            self._leave(instance)

    def broke(self, instance: BalancedInstance) -> None:
        """Note that it cannot be reached, or broke the connection."""
        instance.in_flight -= 1
        self._leave(instance)

    def drains(self, instance: BalancedInstance) -> None:
        """Note that it said that it is about to stop."""
        instance.in_flight -= 1
        self._leave(instance)
        instance.draining = True

    def due(self) -> list[BalancedInstance]:
        """Returns those that are left alone and whose pause is over: to be asked whether they are
        ready."""
        now = self._clock.monotonic()
        return [
            one
            for one in self._instances.values()
            if one.left_until is not None and one.left_until <= now
        ]

    def ready(self, instance: BalancedInstance) -> None:
        """Note that it said that it is ready."""
        instance.left_until = None
        instance.draining = False
        instance.pause_s = 0.0
        instance.slow = 0

    def not_ready(self, instance: BalancedInstance) -> None:
        """Note that it said that it is not ready, or said nothing."""
        self._leave(instance)

    def _leave(self, instance: BalancedInstance) -> None:
        settings = self._settings
        longer_s = max(instance.pause_s * 2, settings.pause_s)
        instance.pause_s = min(longer_s, settings.longest_pause_s)
        instance.left_until = self._clock.monotonic() + instance.pause_s

    def _load(self, instance: BalancedInstance) -> float:
        """Calls in flight times latency, which is forgotten while nobody measures it: or one that
        was slow once would never be asked again."""
        age_s = self._clock.monotonic() - instance.measured_at
        latency_s = instance.latency_s * math.exp(-age_s / self._settings.average_s)
        return (instance.in_flight + 1) * max(latency_s, _FLOOR_S)

    def _measure(self, instance: BalancedInstance, seconds: float) -> None:
        now = self._clock.monotonic()
        age = math.exp(-(now - instance.measured_at) / self._settings.average_s)
        instance.measured_at = now
        averaged = instance.latency_s * age + seconds * (1 - age)
        instance.latency_s = max(seconds, averaged)
