"""Processor time, and what it was spent for.

What runs inside of `metered()` notes there what the tools took that it started. What this process
took itself meanwhile is shared out evenly among all meters that were open.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_TICKS = 100  # of USER_HZ, which is the same on every Linux that we know


class Meter:
    """Processor seconds so far."""

    def __init__(self) -> None:
        self.seconds = 0.0


class _Shares:
    """Who shares what this process takes."""

    def __init__(self) -> None:
        self._open: list[Meter] = []
        self._told = time.process_time()

    def open(self, meter: Meter) -> None:
        self._share_out()
        self._open.append(meter)

    def close(self, meter: Meter) -> None:
        self._share_out()
        self._open.remove(meter)

    def _share_out(self) -> None:
        now = time.process_time()
        for meter in self._open:
            meter.seconds += (now - self._told) / len(self._open)
        self._told = now


_shares = _Shares()
_current: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Gives a meter for all that is done within, also in tasks that are started there; whole when
    it is closed."""
    meter = Meter()
    before = _current.set(meter)
    _shares.open(meter)
    try:
        yield meter
    finally:
        _shares.close(meter)
        _current.reset(before)


def spent(seconds: float) -> None:
    """Note what a process took that was started here."""
    meter = _current.get()
    if meter is not None:
        meter.seconds += seconds


def taken_by(pid: int) -> float:
    """Returns the processor seconds of a process and all that it started, as far as Linux still
    tells them; 0 elsewhere. Blocking."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own = sum(map(int, fields[11:15])) / _TICKS  # with what those took that have ended
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, ValueError, IndexError):
        return 0.0
    return own + sum(taken_by(int(child)) for child in children)
