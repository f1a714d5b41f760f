"""Doing without a neighbour: one mechanism for every journey.

A journey (home, play, a title's page) asks several domains and needs few of them. `Neighbours`
keeps a guard for each, with a time limit and a breaker, shared by all requests of the process.
`Asking` is one request: it asks, falls back to a lesser answer, and remembers what is missing, so
that the journey's answer can say so.

    asking = neighbours.asking()
    page = await asking.need("catalog", lambda: catalog.page(title_id, viewer))
    thumbs, similar = await at_once(
        asking.ask("viewing", lambda: viewing.thumbs(profile_id, [title_id]), otherwise=dict),
        asking.ask("recommend", lambda: recommend.similar(title_id), otherwise=list),
    )
    return TitleView(..., degraded=asking.missing)
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, TypeVar, cast, overload

import structlog

from vitascope.engines.breaker import Breaker, Circuit
from vitascope.engines.guard import Guard
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Refusal, Trouble

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
Missing = TypeVar("Missing", bound=str)
Question = Callable[[], Awaitable[T]]
CIRCUIT_OPEN = (
    "vitascope_circuit_open",
    "1 while it is not asked.",
    ("journey", "neighbour"),
)
"""The gauge of breakers: name, text, labels. For calls to other processes the journey is `wire`."""


_log = structlog.get_logger("neighbours")


class Neighbours(Generic[Missing]):
    """One guard for each of `names`. `journey` is who asks, as logs and metrics call it. `Missing`
    are the names of what an answer may lack: those of neighbours, or as `ask` is told."""

    def __init__(
        self,
        clock: Clock,
        names: Iterable[str],
        *,
        journey: str,
        timeout_s: float,
        metrics: Metrics | None = None,
    ) -> None:
        self._journey = journey
        self._breakers = {name: Breaker(clock) for name in names}
        self._guards = {
            name: Guard(name, clock, timeout_s=timeout_s, breaker=breaker)
            for name, breaker in self._breakers.items()
        }
        figures = metrics or Metrics()
        labels = ("journey", "neighbour")
        self._without = figures.counter(
            "vitascope_done_without", "Questions answered without the neighbour.", labels
        )
        circuits = figures.gauge(*CIRCUIT_OPEN)
        for name, breaker in self._breakers.items():
            circuits.labels(journey, name).set_function(functools.partial(_circuit_figure, breaker))

    def asking(self) -> "Asking[Missing]":
        """Returns what one request asks with, and which notes what it did without."""
        return Asking(self)

    async def run(self, neighbour: str, question: Question[T], within_s: float | None) -> T:
        """Returns the answer. Raises what the neighbour raises, `DeadlineExceeded` or
        `CircuitOpen`."""
        return await self._guards[neighbour].run(question, within_s=within_s)

    def done_without(self, neighbour: str, what: str, error: Exception) -> None:
        """Count and log it. Anything but trouble is a fault, and is logged with its trace."""
        self._without.labels(self._journey, neighbour).inc()
        expected = isinstance(error, Trouble | OSError)
        tell = _log.warning if expected else _log.error
        tell(
            "done without",
            journey=self._journey,
            neighbour=neighbour,
            missing=what,
            error=repr(error),
            exc_info=None if expected else error,
        )


class Asking(Generic[Missing]):
    """What one request asks. `missing` names what it was answered without."""

    def __init__(self, neighbours: Neighbours[Missing]) -> None:
        self._neighbours = neighbours
        self._missing: set[Missing] = set()

    @property
    def missing(self) -> tuple[Missing, ...]:
        return tuple(sorted(self._missing))

    def miss(self, names: Iterable[Missing]) -> None:
        """Note what something that was prepared earlier had to do without."""
        self._missing.update(names)

    async def need(
        self, neighbour: str, question: Question[T], *, within_s: float | None = None
    ) -> T:
        """Returns the answer; there is no other. Raises what the neighbour or its guard raises."""
        return await self._neighbours.run(neighbour, question, within_s)

    async def ask(
        self,
        neighbour: str,
        question: Question[T],
        otherwise: Callable[[], T],
        *,
        missing: Missing | None = None,
        within_s: float | None = None,
    ) -> T:
        """Returns the answer, or what `otherwise` makes when there is none in time. A refusal is an
        answer, and is raised. `missing` is what the journey's answer then lacks, by default the
        neighbour; `within_s` replaces the time limit that all have."""
        try:
            return await self._neighbours.run(neighbour, question, within_s)
        except Refusal:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong there, the journey goes on
            what = missing or cast(Missing, neighbour)
            self._missing.add(what)
            self._neighbours.done_without(neighbour, what, error)
            return otherwise()


@overload
async def at_once(one: Awaitable[A], two: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def at_once(
    one: Awaitable[A], two: Awaitable[B], three: Awaitable[C], /
) -> tuple[A, B, C]: ...
@overload
async def at_once(
    one: Awaitable[A], two: Awaitable[B], three: Awaitable[C], four: Awaitable[D], /
) -> tuple[A, B, C, D]: ...
async def at_once(*questions: Awaitable[Any]) -> tuple[Any, ...]:
    """Returns all answers, asked for at the same time. When one raises, the others are cancelled
    and have ended before its error is raised: nothing goes on behind a request that was refused."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        return tuple(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _circuit_figure(breaker: Breaker) -> float:
    return 0.0 if breaker.health().circuit is Circuit.CLOSED else 1.0
