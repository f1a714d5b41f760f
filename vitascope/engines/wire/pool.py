"""The end that asks: several processes that do the same, as one.

The list of processes is read again when it is older than `refresh_s` and a call is made: an idle
service asks nobody. The read goes on beside the call, which uses the list as it was.
"""

import asyncio
import random
from collections.abc import Callable, Collection

import httpx
import msgspec

from vitascope.engines.discovery import Discovery
from vitascope.engines.wire.balance import Balance, BalancedInstance, BalanceSettings
from vitascope.engines.wire.failures import CutOff, Draining, Failure, NotReached
from vitascope.engines.wire.line import Call, Line
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import DeadlineExceeded, Unavailable

Connect = Callable[[str], Line]


class Pool:
    """Implements `Asks` for all the processes that run `part`."""

    def __init__(
        self,
        part: str,
        discovery: Discovery,
        clock: Clock,
        *,
        refresh_s: float = 2.0,
        timeout_s: float = 10.0,
        settings: BalanceSettings | None = None,
        chance: random.Random | None = None,
        connect: Connect | None = None,
    ) -> None:
        """`timeout_s` is for one process: less than the caller's patience, so that another one can
        be asked."""
        self.part = part
        self._discovery = discovery
        self._clock = clock
        self._refresh_s = refresh_s
        self._balance = Balance(clock, settings=settings, chance=chance)
        self._connect = connect or (lambda url: Line(url, clock=clock, timeout_s=timeout_s))
        self._lines: dict[str, Line] = {}
        self._retired: list[Line] = []
        self._read_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, call: Call) -> httpx.Response:
        """Ask one process. Where it cannot be reached or drains, and, of a repeatable call, where
        it breaks off or is too slow, ask another one. Raises `Unavailable`, `DeadlineExceeded`."""
        await self._know()
        tried: list[str] = []
        failure: Exception | None = None
        while (instance := self._balance.choose(tried)) is not None:
            tried.append(instance.url)
            try:
                return await self._ask(instance, call)
            except (NotReached, Draining) as error:
                failure = error
            except (CutOff, DeadlineExceeded) as error:
                if not call.repeatable:
                    raise
                failure = error
            if call.stream is not None and not isinstance(failure, NotReached):
                break  # its first bytes may be spent
            self._read_again()
        self._read_again()
        raise failure or Unavailable(f"No process that runs {self.part} was found.")

    async def _ask(self, instance: BalancedInstance, call: Call) -> httpx.Response:
        begun = self._clock.monotonic()
        self._balance.begun(instance)
        try:
            answer = await self._line(instance.url).ask(call)
        except (NotReached, CutOff):
            self._balance.broke(instance)
            raise
        except DeadlineExceeded:
            self._balance.timed_out(instance, self._clock.monotonic() - begun)
            raise
        except BaseException:
            self._balance.abandoned(instance, self._clock.monotonic() - begun)
            raise
        if answer.status_code == Draining.status and _code_of(answer) == Draining.code:
            self._balance.drains(instance)
            raise Draining(f"The process at {instance.url} is about to stop.")
        if answer.status_code == DeadlineExceeded.status:
            self._balance.timed_out(instance, self._clock.monotonic() - begun)
            raise DeadlineExceeded(f"The process at {instance.url} did not answer in time.")
        self._balance.answered(instance, self._clock.monotonic() - begun)
        return answer

    async def url(self) -> str:
        """Returns the address of a healthy process. Raises `Unavailable`."""
        await self._know()
        instance = self._balance.choose()
        if instance is None:
            raise Unavailable(f"No process that runs {self.part} was found.")
        return instance.url

    async def _know(self) -> None:
        """Read the list at the first call, and beside a call when it is old."""
        if self._read_at is None:
            self._read_again(at_once=True)
            if self._reading is not None:
                await asyncio.shield(self._reading)
        elif self._clock.monotonic() - self._read_at >= self._refresh_s:
            self._read_again(at_once=True)

    def _read_again(self, *, at_once: bool = False) -> None:
        """Beside everything else; after a failure at most every half second."""
        age = self._clock.monotonic() - (self._read_at or 0.0)
        if self._reading is None and (at_once or self._read_at is None or age > 0.5):
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._read_ended)

    def _read_ended(self, task: "asyncio.Task[None]") -> None:
        self._reading = None
        if not task.cancelled():
            task.exception()  # told by the calls that find nobody

    async def _read(self) -> None:
        try:
            found = await self._discovery.instances(self.part)
        finally:
            self._read_at = self._clock.monotonic()
        draining = {one.url for one in found if one.draining}
        self._balance.know([one.url for one in found], draining)
        await self._retire(self._lines.keys() - set(self._balance.urls))
        await asyncio.gather(*(self._look(one) for one in self._balance.due()))

    async def _retire(self, gone: Collection[str]) -> None:
        """Close the lines to processes that are gone, when their last call has ended."""
        self._retired += [self._lines.pop(url) for url in gone]
        for line in [line for line in self._retired if not line.in_flight]:
            self._retired.remove(line)
            await line.close()

    async def _look(self, instance: BalancedInstance) -> None:
        if await self._line(instance.url).is_ready():
            self._balance.ready(instance)
        else:
            self._balance.not_ready(instance)

    def _line(self, url: str) -> Line:
        if url not in self._lines:
            self._lines[url] = self._connect(url)
        return self._lines[url]

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        for line in [*self._lines.values(), *self._retired]:
            await line.close()
        self._lines.clear()
        self._retired.clear()


def _code_of(answer: httpx.Response) -> str:
    try:
        return msgspec.msgpack.decode(answer.content, type=Failure).code
    except msgspec.MsgspecError:
        return ""
