"""Whose turn it is at a worker.

Leading a job is mostly waiting for its parts, so one worker leads many. But what it does for them
itself (looks at a master, encodes the sound, packages, verifies) takes its processors, and is done
a few steps at a time.
"""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator

from vitascope.engines.work import Priority


class Turns:
    """At most `at_once` hold a turn. The most urgent is let in first; among equals, the job that
    was taken up first, so that films are finished one after another and not all at the end."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._places = itertools.count()
        self._calls = itertools.count()
        self._waiting: list[tuple[Priority, int, int, asyncio.Future[None]]] = []

    def place(self) -> int:
        """To be asked once for each job, when it is taken up."""
        return next(self._places)

    @contextlib.asynccontextmanager
    async def turn(self, priority: Priority, place: int) -> AsyncIterator[None]:
        await self._wait(priority, place)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, priority: Priority, place: int) -> None:
        if self._free:
            self._free -= 1
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, place, next(self._calls), called))
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():
                self._pass_on()  # it was called in the moment in which it went away
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            called = heapq.heappop(self._waiting)[-1]
            if not called.done():
                called.set_result(None)
                return
        self._free += 1
