"""Keeping one slow or broken part from taking the others with it.

Every call to a neighbour that may be remote passes, from the outside in:

    fallback( retry( breaker( bulkhead( timeout( call )))))

* a **timeout** is the tighter of the call's own limit and what is left of the request's deadline;
* a **bulkhead** lets so many calls run at once and a few more wait, and turns the rest away;
* a **breaker** stops calling what fails, and tries it with a single call after a while
  (the rolling counts and the three states are those of Netflix's Hystrix);
* a **retry** asks again only while the budget shared by all callers lets it, so that retries
  never more than slightly multiply the load on something that is already in trouble;
* a **fallback** gives a lesser answer, and says that it did.

`Trouble` (503, 504) and bugs count as failures. A `Refusal` is an answer like any other.
The breaker's rules are pure and know neither tasks nor the event loop: see `breaker.py`.
"""

import asyncio
import contextvars
import functools
import inspect
import random
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

from vitascope.engines.breaker import Breaker
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import DeadlineExceeded, Refusal, Trouble, Unavailable

T = TypeVar("T")
Call = Callable[[], Awaitable[T]]

_deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)


class Overloaded(Unavailable):
    """The bulkhead is full."""

    code = "overloaded"


class CircuitOpen(Unavailable):
    """The breaker is open: what lies behind it failed too often a moment ago."""

    code = "circuit-open"


# -- deadlines and timeouts


@contextmanager
def deadline(seconds: float, clock: Clock) -> Iterator[None]:
    """Raises `DeadlineExceeded` when the block takes longer than this. An outer deadline is never
    extended."""
    until = clock.monotonic() + seconds
    outer = _deadline.get()
    token = _deadline.set(until if outer is None else min(outer, until))
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining(clock: Clock) -> float | None:
    """Returns the seconds until the deadline, at least 0, or None when there is none."""
    until = _deadline.get()
    return None if until is None else max(0.0, until - clock.monotonic())


async def timeout(call: Call[T], clock: Clock, seconds: float | None = None) -> T:
    """Returns the answer of `call`. When `seconds` or the deadline pass first, it is cancelled, and
    `DeadlineExceeded` is raised."""
    limits = [limit for limit in (seconds, remaining(clock)) if limit is not None]
    if not limits:
        return await call()
    limit = min(limits)
    if limit <= 0:
        raise DeadlineExceeded("The deadline passed before the request was sent.")
    return await _race(call, clock, limit)


async def _race(call: Call[T], clock: Clock, limit: float) -> T:
    work = asyncio.ensure_future(call())
    timer = asyncio.ensure_future(clock.sleep(limit))
    try:
        await asyncio.wait({work, timer}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        raise DeadlineExceeded(f"No answer came within {limit:.2f} s.")
    finally:
        timer.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
        if not work.cancelled():
            work.exception()  # when we are cancelled as it fails, nobody else asks for it


# -- bulkhead


class Bulkhead:
    """At most `concurrency` calls at once; `queue` more wait, and are served as they came."""

    def __init__(self, concurrency: int, queue: int = 0) -> None:
        self.concurrency = concurrency
        self.queue = queue
        self.running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def run(self, call: Call[T]) -> T:
        """Raises `Overloaded` when both the places and the queue are taken."""
        await self._enter()
        try:
            return await call()
        finally:
            self._leave()

    async def _enter(self) -> None:
        if self.running < self.concurrency:
            self.running += 1
            return
        if self.waiting >= self.queue:
            raise Overloaded("The service is busy. Try again in a second.", retry_after_s=1)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # the place was already handed over: pass it on
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def _leave(self) -> None:
        """Hand the place to the next in the queue, so that nobody can slip in between."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


# -- retries


class RetryBudget:
    """How many retries all callers together may make: `share` for each first try, and a few a
    second whatever the load (a lone call must be able to try again). After Twitter's Finagle."""

    def __init__(
        self, clock: Clock, *, share: float = 0.1, per_second: float = 1.0, ceiling: float = 10.0
    ) -> None:
        self._clock = clock
        self._share = share
        self._per_second = per_second
        self._ceiling = ceiling
        self._balance = min(per_second, ceiling)
        self._at = clock.monotonic()

    def deposit(self) -> None:
        """Note that a first try was made."""
        self._add(self._share)

    def withdraw(self) -> bool:
        """Take one retry out of the budget. Returns False if there is none."""
        now = self._clock.monotonic()
        self._add((now - self._at) * self._per_second)
        self._at = now
        if self._balance < 1.0:
            return False
        self._balance -= 1.0
        return True

    def _add(self, tokens: float) -> None:
        self._balance = min(self._ceiling, self._balance + tokens)


class Retry:
    """Asks again after `Trouble`, at most `attempts` times in all, waiting a random part of a
    backoff that doubles up to `longest_s`, as long as budget and deadline allow. For calls that may
    be repeated."""

    def __init__(
        self,
        clock: Clock,
        budget: RetryBudget,
        *,
        attempts: int = 3,
        backoff_s: float = 0.05,
        longest_s: float = 60.0,
        chance: random.Random | None = None,
    ) -> None:
        self._clock = clock
        self._budget = budget
        self._attempts = attempts
        self._backoff_s = backoff_s
        self._longest_s = longest_s
        self._chance = chance or random.Random()

    async def run(self, call: Call[T]) -> T:
        self._budget.deposit()
        for tried in range(1, self._attempts):
            try:
                return await call()
            except CircuitOpen:
                raise  # asking again at once is what the breaker is there to prevent
            except Trouble:
                backoff = min(self._backoff_s * 2 ** (tried - 1), self._longest_s)
                pause = backoff * self._chance.random()
                if not self._time_for(pause) or not self._budget.withdraw():
                    raise
            await self._clock.sleep(pause)
        return await call()

    def _time_for(self, pause: float) -> bool:
        left = remaining(self._clock)
        return left is None or left > pause


# -- fallback


async def fallback(call: Call[T], *lesser: Call[T]) -> tuple[T, bool]:
    """Returns the first answer that is no trouble, and True if it is a lesser one.

    A `Refusal` is never covered up. When the last resort fails too, its error is raised.
    """
    options: tuple[Call[T], ...] = (call, *lesser)
    for place, option in enumerate(options[:-1]):
        try:
            return await option(), place > 0
        except Refusal:
            raise
        except Exception:  # noqa: BLE001 - a broken neighbour must not break its caller
            continue
    return await options[-1](), len(options) > 1


# -- all of it round a neighbour


class Guard:
    """The timeout, bulkhead, breaker and retry of one neighbour; each but the timeout optional."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        timeout_s: float = 2.0,
        bulkhead: Bulkhead | None = None,
        breaker: Breaker | None = None,
        retry: Retry | None = None,
    ) -> None:
        self.name = name
        self.breaker = breaker
        self.bulkhead = bulkhead
        self._clock = clock
        self._timeout_s = timeout_s
        self._retry = retry

    async def run(
        self, call: Call[T], *, repeatable: bool = False, within_s: float | None = None
    ) -> T:
        """Returns the answer of `call`. `within_s` replaces the guard's own time limit. Raises what
        `call` raises, `DeadlineExceeded`, `Overloaded`, `CircuitOpen`."""
        limit = self._timeout_s if within_s is None else within_s
        if repeatable and self._retry is not None:
            return await self._retry.run(lambda: self._unless_open(call, limit))
        return await self._unless_open(call, limit)

    async def _unless_open(self, call: Call[T], limit: float) -> T:
        breaker = self.breaker
        if breaker is None:
            return await self._bounded(call, limit)
        permit = breaker.ask()
        if permit is None:
            raise CircuitOpen(
                f"{self.name} fails and isn't asked now. Try again in a second.", retry_after_s=1
            )
        try:
            answer = await self._bounded(call, limit)
        except Refusal:
            breaker.refused(permit)
            raise
        except asyncio.CancelledError:
            breaker.abandoned(permit)
            raise
        except BaseException:
            breaker.failed(permit)
            raise
        breaker.succeeded(permit)
        return answer

    async def _bounded(self, call: Call[T], limit: float) -> T:
        limited: Call[T] = lambda: timeout(call, self._clock, limit)  # noqa: E731
        if self.bulkhead is None:
            return await limited()
        return await self.bulkhead.run(limited)


class Guards(Protocol):
    """What a call passes through."""

    async def run(self, call: Call[T], *, repeatable: bool = False) -> T: ...


def guarded(
    target: T, guard: Guards, *, repeatable: Collection[str] = (), unbounded: Collection[str] = ()
) -> T:
    """Returns `target` with all its coroutine methods behind `guard`. Only the methods named in
    `repeatable` are ever asked again. Those in `unbounded`, which take a stream and as long as it
    lasts, are asked without the guard."""
    return cast(T, _Guarded(target, guard, frozenset(repeatable), frozenset(unbounded)))


class _Guarded:
    def __init__(
        self,
        target: object,
        guard: Guards,
        repeatable: frozenset[str],
        unbounded: frozenset[str],
    ) -> None:
        self._target = target
        self._guard = guard
        self._repeatable = repeatable
        self._unbounded = unbounded

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        if name in self._unbounded or not inspect.iscoroutinefunction(method):
            return method

        @functools.wraps(method)
        async def passed(*args: Any, **kwargs: Any) -> Any:
            return await self._guard.run(
                lambda: method(*args, **kwargs), repeatable=name in self._repeatable
            )

        setattr(self, name, passed)
        return passed
