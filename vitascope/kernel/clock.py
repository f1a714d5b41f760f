"""Time as a port, so that tests can hold it still."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from. Implementations are safe to share between tasks."""

    def now_ms(self) -> int:
        """Returns milliseconds since the Unix epoch, UTC."""
        ...

    def monotonic(self) -> float:
        """Returns seconds that never go back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `monotonic()` has moved on by `seconds`."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def set_within(event: asyncio.Event, seconds: float, clock: Clock) -> None:
    """Return when `event` is set, or after `seconds` of `clock`."""
    if event.is_set():
        return
    waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


class HeldClock:
    """A clock that moves only when told to: `advance(seconds)` wakes the sleepers that are due."""

    def __init__(self, start_ms: int = 1_700_000_000_000) -> None:
        self._start_ms = start_ms
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now_ms(self) -> int:
        return self._start_ms + round(self._elapsed * 1000)

    def monotonic(self) -> float:
        return self._elapsed

    def sleeping(self, within_s: float = float("inf")) -> int:
        """How many sleep now who will be woken within that time."""
        return sum(at <= self._elapsed + within_s for at, _ in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        sleeper = (self._elapsed + seconds, asyncio.Event())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1].wait()
        finally:
            if sleeper in self._sleepers:  # it gives up before its time
                self._sleepers.remove(sleeper)

    def advance(self, seconds: float) -> None:
        self._elapsed += seconds
        due = [woken for at, woken in self._sleepers if at <= self._elapsed]
        self._sleepers = [(at, woken) for at, woken in self._sleepers if at > self._elapsed]
        for woken in due:
            woken.set()
