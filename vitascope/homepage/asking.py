"""Asking neighbours that the page can do without: a short wait, a breaker, and a lesser answer."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog

from vitascope.engines.breaker import Breaker
from vitascope.engines.guard import Guard
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Refusal

T = TypeVar("T")
_log = structlog.get_logger("homepage")

NEIGHBOURS = ("catalog", "viewing", "search", "recommend")


class Neighbours:
    """One guard for each, shared by all requests of the process."""

    def __init__(self, clock: Clock, timeout_s: float, names: Iterable[str] = NEIGHBOURS) -> None:
        self._guards = {
            name: Guard(name, clock, timeout_s=timeout_s, breaker=Breaker(clock)) for name in names
        }

    def asking(self) -> "Asking":
        return Asking(self._guards)


class Asking:
    """One request's questions. `missing` are those whose answer was done without."""

    def __init__(self, guards: dict[str, Guard]) -> None:
        self._guards = guards
        self._missing: set[str] = set()

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(sorted(self._missing))

    def miss(self, names: Iterable[str]) -> None:
        self._missing.update(names)

    async def need(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """The answer; there is no other. Raises what the neighbour or its guard raises."""
        return await self._guards[name].run(call)

    async def ask(
        self, name: str, call: Callable[[], Awaitable[T]], otherwise: Callable[[], T]
    ) -> T:
        """The answer, or what `otherwise` makes. A refusal is an answer, and is raised."""
        try:
            return await self._guards[name].run(call)
        except Refusal:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong there, the page goes on
            _log.warning("done without", neighbour=name, error=repr(error))
            self._missing.add(name)
            return otherwise()
