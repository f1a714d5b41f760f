"""Clocks that stand still in one respect and run in another, and waiting for who sleeps on one."""

import asyncio

from vitascope.kernel.clock import HeldClock, SystemClock

PATIENT_S = 120.0
"""How long a test waits for what must come: a machine may be busy. It is the alarm of a hang."""


class HeldTimer(HeldClock):
    """Timers stand still; signatures and tokens have the time of day."""

    def now_ms(self) -> int:
        return SystemClock().now_ms()


class WakefulClock(HeldClock):
    """Holds the time still, so that nothing lapses, and lets sleepers sleep."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def until_asleep(clock: HeldClock, count: int, *, within_s: float = float("inf")) -> None:
    """Wait until so many sleep on the clock who want to be woken within that time. A time limit
    sleeps there as well as what it limits."""
    async with asyncio.timeout(PATIENT_S):
        while clock.sleeping(within_s) < count:
            await asyncio.sleep(0.001)
