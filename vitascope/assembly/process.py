"""One process: the parts it runs, made by their providers, and the way to all the others."""

import importlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from typing import TypeVar, cast

from vitascope.assembly.adapters import ADAPTERS, Adapters
from vitascope.assembly.domains import PARTS, errors_of, part_of, repeatable
from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer, Task
from vitascope.engines import wire
from vitascope.engines.breaker import Breaker
from vitascope.engines.guard import Bulkhead, Guard, Retry, RetryBudget, guarded
from vitascope.identity import Identity
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid
from vitascope.settings import Settings

T = TypeVar("T")
Provider = Callable[..., Awaitable[Offer]]

_PATIENT = frozenset({"worker", "edge"})


class Process:
    """What is open in one process."""

    def __init__(
        self,
        settings: Settings,
        parts: Collection[str],
        stack: AsyncExitStack,
        *,
        name: str = "",
        adapters: Adapters = ADAPTERS,
        providers: Mapping[str, Provider] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`providers` take the place of those in `providers/`, by part, as `adapters` do for
        engines: tests replace one and leave the others."""
        self.settings = settings
        self.parts = frozenset(parts)
        self.engines = Engines(settings, stack, name=name, adapters=adapters, clock=clock)
        self._providers = dict(providers or {})
        self._offers: dict[str, Offer] = {}
        self._dialled: dict[str, object] = {}

    async def open(self) -> None:
        """Make every part of this process. What one needs comes before it."""
        for part in PARTS:
            if part in self.parts:
                await self._offer(part)

    @property
    def offers(self) -> Mapping[str, Offer]:
        """What is open, by part."""
        return self._offers

    @property
    def tasks(self) -> list[Task]:
        """What is to be run until the process ends."""
        offered = [task for offer in self._offers.values() for task in offer.tasks]
        return [*self.engines.tasks, *offered]

    @property
    def served(self) -> list[tuple[type, object]]:
        """The contracts that others may dial."""
        return [
            (PARTS[part].offers[name], contract)
            for part, offer in self._offers.items()
            for name, contract in offer.contracts.items()
        ]

    async def identity(self) -> Identity:
        """Who reads access tokens, where there is a gateway."""
        return cast(Identity, await self._contract("identity"))

    async def _offer(self, part: str) -> Offer:
        if part not in self._offers:
            needs = {name: await self._contract(name) for name in PARTS[part].needs}
            self._offers[part] = await self._provider(part)(self.engines, **needs)
        return self._offers[part]

    def _provider(self, part: str) -> Provider:
        if part not in self._providers:
            module = importlib.import_module(f"vitascope.assembly.providers.{part}")
            self._providers[part] = module.provide
        return self._providers[part]

    async def _contract(self, name: str) -> object:
        """A contract by its name in the table: of this process, or dialled."""
        part = part_of(name)
        if part in self.parts:
            return (await self._offer(part)).contracts[name]
        if name not in self._dialled:
            protocol = PARTS[part].offers[name]
            self._dialled[name] = await self.dialled(protocol, self._url_of(part))
        return self._dialled[name]

    def _url_of(self, part: str) -> str:
        """Where another process has `part`. Raises `Invalid` when no setting says it."""
        said = self.settings.wire
        url: str = getattr(said, part, "") or said.api
        if not url:
            raise Invalid(
                f"No setting says where {part} is: set [wire] api, or VITASCOPE_WIRE__API, to the "
                "URL of the process that runs it, or run it in this process."
            )
        return url

    async def dialled(self, protocol: type[T], url: str) -> T:
        """The contract as the process at `url` answers for it, behind a guard of its own.

        A process that works through jobs is patient, for about a minute: the other one may be
        starting again. A process that answers people is not, and leaves a broken neighbour alone
        for a while.
        """
        secret = await self.engines.secrets.get_or_make("wire")
        afar = wire.dial(protocol, url, secret, errors_of(wire.domain_of(protocol)))
        self.engines.stack.push_async_callback(wire.hang_up, afar)
        patient = not self.parts or bool(self.parts & _PATIENT)
        guard = self._patient(url) if patient else self._impatient(url)
        return guarded(afar, guard, repeatable=repeatable(protocol))

    def _impatient(self, name: str) -> Guard:
        clock = self.engines.clock
        return Guard(
            name,
            clock,
            timeout_s=2.0,
            bulkhead=Bulkhead(64, 64),
            breaker=Breaker(clock),
            retry=Retry(clock, RetryBudget(clock)),
        )

    def _patient(self, name: str) -> Guard:
        # Its few calls are bounded by their backoff. A budget that is saved up second by second
        # would have a worker that starts together with its neighbour fail its jobs at once.
        clock = self.engines.clock
        budget = RetryBudget(clock, per_second=20.0, ceiling=20.0)
        retry = Retry(clock, budget, attempts=24, backoff_s=0.5, longest_s=6.0)
        return Guard(name, clock, timeout_s=30.0, retry=retry)
