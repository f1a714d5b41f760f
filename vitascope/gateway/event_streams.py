"""Event streams: so many for an account, and each ends when its token is no longer good."""

from collections import Counter
from collections.abc import Awaitable, Callable

from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import TooMany, VitascopeError

LOOK_S = 5.0
"""Between two looks at a stream's token."""


class TooManyEventStreams(TooMany):
    code = "too-many-event-streams"


class EventStreams:
    """Of this process. For one event loop."""

    def __init__(self, clock: Clock, *, most: int) -> None:
        self._clock = clock
        self._most = most
        self._open: Counter[str] = Counter()

    def take(self, account_id: str) -> None:
        """Raises `TooManyEventStreams`."""
        if self._open[account_id] >= self._most:
            raise TooManyEventStreams(
                f"This account follows {self._most} streams of events already. Close other tabs.",
                retry_after_s=30,
            )
        self._open[account_id] += 1

    def release(self, account_id: str) -> None:
        self._open[account_id] -= 1
        if self._open[account_id] <= 0:
            del self._open[account_id]

    async def until_refused(self, look: Callable[[], Awaitable[object]]) -> None:
        """Return when `look`, which reads the stream's token, refuses it. Nobody being able to say
        is no refusal."""
        while True:
            await self._clock.sleep(LOOK_S)
            try:
                await look()
            except VitascopeError as error:
                if error.status in (401, 403, 404):
                    return
