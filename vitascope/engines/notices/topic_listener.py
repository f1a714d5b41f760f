"""Waiting for a notice in an event loop, and looking without one less and less often."""

import asyncio
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from vitascope.engines.notices.contract import Notices
from vitascope.kernel.clock import Clock, set_within


class Pauses:
    """The pauses of one task between its looks. A notice ends one; without, each is twice the one
    before, from `first_s` to `longest_s`. What is told during a look ends the next pause."""

    def __init__(self, clock: Clock, *, first_s: float, longest_s: float) -> None:
        self._clock = clock
        self._first_s = self._next_s = first_s
        self._longest_s = longest_s
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """From any thread."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._woken.set)

    async def pause(self, within_s: float = math.inf) -> None:
        """Return after the pause or `within_s`, whichever is shorter, and at once when woken."""
        await set_within(self._woken, min(self._next_s, within_s), self._clock)
        told = self._woken.is_set()
        self._woken.clear()
        self._next_s = self._first_s if told else min(self._next_s * 2, self._longest_s)


class TopicListener:
    """Wakes any number of tasks of this process. `listen` of notices has no end, so a topic has one
    listener, and tasks come and go."""

    def __init__(self, notices: Notices, topic: str, clock: Clock) -> None:
        self._notices = notices
        self._topic = topic
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: set[Pauses] = set()
        self._listens = False

    @contextmanager
    def pauses(self, *, first_s: float, longest_s: float) -> Iterator[Pauses]:
        """Yields what a task pauses by. To be entered before the first look."""
        pauses = Pauses(self._clock, first_s=first_s, longest_s=longest_s)
        with self._lock:
            self._waiting.add(pauses)
            is_first, self._listens = not self._listens, True
        if is_first:
            self._notices.listen(self._topic, self._wake)
        try:
            yield pauses
        finally:
            with self._lock:
                self._waiting.discard(pauses)

    def _wake(self) -> None:
        with self._lock:
            waiting = list(self._waiting)
        for pauses in waiting:
            pauses.wake()
