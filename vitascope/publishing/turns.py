"""Whose step a worker does next, of the jobs that it leads."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from vitascope.engines.shares import FairShare, LeastShare

T = TypeVar("T")
Order = tuple[int, ...]


class Turn(NamedTuple):
    order: Order
    arrival: int
    party: str
    given: asyncio.Future[None]

    @property
    def urgency(self) -> int:
        return self.order[0] if self.order else 0


class Turns:
    """At most `at_once` calls at a time; the others wait. Of each kind the most urgent one is next,
    which is the one with the lowest first number of its `order`; among equals the party is next
    that had least of the time, and of one party the lowest `order`, and who came first. `patient`
    calls let the others go before them, and have a least share of the time. Where one party has all
    turns there is one more for another."""

    def __init__(self, at_once: int, now: Callable[[], float] = time.monotonic) -> None:
        self._at_once = at_once
        self._running = 0
        self._share = LeastShare(now)
        self._parties = FairShare(now)
        self._arrivals = itertools.count()
        self._waiting: dict[bool, list[Turn]] = {False: [], True: []}  # by whether it is patient

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    async def run(
        self, call: Callable[[], Awaitable[T]], order: Order, *, patient: bool, party: str = ""
    ) -> T:
        await self._enter(order, patient, party)
        try:
            return await call()
        finally:
            self._end(patient, party)

    async def _enter(self, order: Order, patient: bool, party: str) -> None:
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        turn = Turn(order, next(self._arrivals), party, given)
        self._waiting[patient].append(turn)
        self._serve()
        try:
            await given
        except asyncio.CancelledError:
            self._leave(patient, turn)
            raise

    def _leave(self, patient: bool, turn: Turn) -> None:
        if not turn.given.cancelled():  # it was just served: pass the place on
            self._end(patient, turn.party)
        elif turn in self._waiting[patient]:
            self._waiting[patient].remove(turn)

    def _end(self, patient: bool, party: str) -> None:
        self._share.end(patient=patient)
        self._parties.end(party)
        self._running -= 1
        self._serve()

    def _serve(self) -> None:
        while (found := self._next()) is not None:
            patient, turn = found
            self._waiting[patient].remove(turn)
            if not turn.given.done():  # else it is cancelled, and about to leave
                self._share.begin(patient=patient)
                self._parties.begin(turn.party)
                self._running += 1
                turn.given.set_result(None)

    def _next(self) -> tuple[bool, Turn] | None:
        """Returns the turn that is next, and whether it is patient; None without room."""
        waiting = self._waiting
        if self._running >= self._at_once:
            parties = {turn.party for turns in waiting.values() for turn in turns}
            guests = self._parties.others(parties) if self._running == self._at_once else set()
            waiting = {
                patient: [turn for turn in turns if turn.party in guests]
                for patient, turns in waiting.items()
            }
        if not any(waiting.values()):
            return None
        patient = self._share.patient_is_next(
            urgent=bool(waiting[False]), patient=bool(waiting[True])
        )
        first = min(turn.urgency for turn in waiting[patient])
        equal = [turn for turn in waiting[patient] if turn.urgency == first]
        equal.sort(key=lambda turn: (turn.order, turn.arrival))
        party = self._parties.next(dict.fromkeys(turn.party for turn in equal))
        return patient, next(turn for turn in equal if turn.party == party)
