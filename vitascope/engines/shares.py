"""Two kinds of work for the same places: the urgent goes first, and the patient has a least share
of the time. A pure rule, by which others hand out places.

While patient work waits it is owed an eighth of the time that is used; when something is owed it
is next, whatever else waits. What it had counts, also what it had because nothing urgent was there,
up to a minute: so urgent work that comes after a quiet time has up to eight minutes to itself.
"""

from collections.abc import Callable

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
