"""Whose step a worker does next, of the jobs that it leads."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from vitascope.engines.shares import LeastShare

T = TypeVar("T")
Order = tuple[int, ...]
Place = tuple[Order, int, asyncio.Future[None]]


class Turns:
    """At most `at_once` calls at a time; the others wait. Of each kind the lowest `order` is next,
    and among equals, who came first; `patient` calls let the others go before them, and have a
    least share of the time."""

    def __init__(self, at_once: int, now: Callable[[], float] = time.monotonic) -> None:
        self._at_once = at_once
        self._running = 0
        self._share = LeastShare(now)
        self._arrivals = itertools.count()
        self._waiting: dict[bool, list[Place]] = {False: [], True: []}  # by whether it is patient

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    async def run(self, call: Callable[[], Awaitable[T]], order: Order, *, patient: bool) -> T:
        await self._enter(order, patient)
        try:
            return await call()
        finally:
            self._end(patient)

    async def _enter(self, order: Order, patient: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (order, next(self._arrivals), turn)
        heapq.heappush(self._waiting[patient], place)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(patient, place)
            raise

    def _leave(self, patient: bool, place: Place) -> None:
        waiting, turn = self._waiting[patient], place[-1]
        if not turn.cancelled():  # it was just served: pass the place on
            self._end(patient)
        elif place in waiting:
            waiting.remove(place)
            heapq.heapify(waiting)

    def _end(self, patient: bool) -> None:
        self._share.end(patient=patient)
        self._running -= 1
        self._serve()

    def _serve(self) -> None:
        while self._running < self._at_once and self.waiting:
            patient = self._share.patient_is_next(
                urgent=bool(self._waiting[False]), patient=bool(self._waiting[True])
            )
            turn = heapq.heappop(self._waiting[patient])[-1]
            if not turn.done():  # else it is cancelled, and about to leave
                self._share.begin(patient=patient)
                self._running += 1
                turn.set_result(None)
