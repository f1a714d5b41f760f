"""Whose work is next, of those who share places. Two pure rules, by which others hand them out.

Two kinds of work: the urgent goes first, and the patient has a least share of the time. While
patient work waits it is owed an eighth of the time that is used; when something is owed it is next,
whatever else waits. What it had counts, also what it had because nothing urgent was there, up to a
minute: so urgent work that comes after a quiet time has up to eight minutes to itself.

Several parties: each has an equal share of the time while it has something that waits. Every party
has a clock that counts the time that it used, and the one that is furthest behind is next. Who
comes anew begins with the one furthest behind, so that it has no claim to the time before; who has
had more than the others keeps that until they have had as much, also while nothing of it waits.
"""

from collections import Counter
from collections.abc import Callable, Collection

_SHARE = 1 / 8
_GRAIN_S = 15.0  # owed before the first turn: urgent work has two minutes to itself
_BOUND_S = 60.0


class LeastShare:
    """`now` counts seconds. Not safe to share between threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._at = now()
        self._owed_s = -_GRAIN_S
        self._urgent = self._patient = 0  # that run
        self._urgent_waits = self._patient_waits = False

    def patient_is_next(self, *, urgent: bool, patient: bool) -> bool:
        """Returns True if patient work is next. The two say whether there is some that waits."""
        self._count()
        self._urgent_waits, self._patient_waits = urgent, patient
        return patient and (not urgent or self._owed_s > 0)

    def begin(self, *, patient: bool) -> None:
        self._change(patient, +1)

    def end(self, *, patient: bool) -> None:
        self._change(patient, -1)

    def _change(self, patient: bool, by: int) -> None:
        self._count()
        if patient:
            self._patient += by
        else:
            self._urgent += by

    def _count(self) -> None:
        """Note what was used since the last time."""
        now = self._now()
        passed, self._at = now - self._at, now
        if self._patient_waits:
            self._owed_s += passed * (self._urgent + self._patient) * _SHARE
        had = passed * self._patient
        if self._urgent_waits:
            self._owed_s -= had
        else:
            self._owed_s = max(self._owed_s - had, min(self._owed_s, -_BOUND_S))


class FairShare:
    """`now` counts seconds. Not safe to share between threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._at = now()
        self._clocks: dict[str, float] = {}
        self._running = Counter[str]()

    def next(self, waiting: Collection[str]) -> str:
        """Returns the party whose work is next, of those of whom some waits; among equals the first
        of them."""
        self._count()
        active = {party for party in waiting if party in self._clocks} | set(+self._running)
        floor = min((self._clocks[party] for party in active), default=0.0)
        for party in waiting:
            self._clocks[party] = max(floor, self._clocks.get(party, floor))
        self._clocks = {
            party: at
            for party, at in self._clocks.items()
            if at > floor or party in waiting or party in active
        }
        return min(waiting, key=lambda party: (self._clocks[party], self._running[party]))

    def others(self, waiting: Collection[str]) -> set[str]:
        """Returns the waiting parties beside one that runs all there is; none where several do."""
        running = set(+self._running)
        return set(waiting) - running if len(running) == 1 else set()

    def begin(self, party: str) -> None:
        self._count()
        self._clocks.setdefault(party, min(self._clocks.values(), default=0.0))
        self._running[party] += 1

    def end(self, party: str) -> None:
        self._count()
        self._running[party] -= 1

    def _count(self) -> None:
        now = self._now()
        passed, self._at = now - self._at, now
        for party, count in (+self._running).items():
            self._clocks[party] += passed * count
