"""One process: the parts it runs, made by their providers, and the way to all the others."""

import asyncio
import importlib
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from typing import TypeVar, cast

from vitascope.assembly.adapters import ADAPTERS, Adapters
from vitascope.assembly.domains import (
    OPERATOR,
    PARTS,
    errors_of,
    pairs_of,
    part_of,
    repeatable,
)
from vitascope.assembly.engines import Engines
from vitascope.assembly.everyone import Everyone
from vitascope.assembly.measured import measured
from vitascope.assembly.offer import Offer, Task
from vitascope.engines import wire
from vitascope.engines.breaker import Breaker, Circuit
from vitascope.engines.discovery import Registry
from vitascope.engines.guard import Bulkhead, Call, Guard, Retry, RetryBudget, guarded
from vitascope.engines.neighbours import CIRCUIT_OPEN
from vitascope.identity import Identity
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, NotFound
from vitascope.settings import Settings, inner_address

T = TypeVar("T")
Provider = Callable[..., Awaitable[Offer]]

_PATIENT = frozenset({"worker", "edge", OPERATOR})


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
        self.engines = Engines(
            settings,
            stack,
            name=name,
            patient=self.parts <= _PATIENT,
            adapters=adapters,
            clock=clock,
        )
        self._providers = dict(providers or {})
        self._offers: dict[str, Offer] = {}
        self._given: dict[tuple[str, str], object] = {}
        self._keys: wire.WireKeys | None = None
        self._opening = True

    async def open(self) -> None:
        """Make every part of this process. What one needs comes before it. A neighbour that is
        needed for that may be starting at the same time: it is waited for."""
        for part in PARTS:
            if part in self.parts:
                await self._offer(part)
        self._opening = False

    @property
    def offers(self) -> Mapping[str, Offer]:
        """Returns what is open, by part."""
        return self._offers

    @property
    def tasks(self) -> list[Task]:
        """Returns what is to be run until the process ends."""
        offered = [task for offer in self._offers.values() for task in offer.tasks]
        return [*self.engines.tasks, *offered]

    async def registration(self, draining: asyncio.Event) -> list[Task]:
        """Returns what enters this process where others look for it, while it answers; as one that
        drains once `draining` is set."""
        discovery = await self.engines.discovery() if self.answers else None
        if not isinstance(discovery, Registry):
            return []
        url, parts = self.settings.discovery.advertise, sorted(self._offers)
        if not url:
            host, port = self.inner_address
            url = f"http://{socket.gethostname() if host in ('0.0.0.0', '::') else host}:{port}"
        return [lambda: discovery.keep(url, parts, draining)]

    @property
    def linger_s(self) -> float:
        """Returns how long this process refuses calls politely before it closes its port. Where
        callers choose among several processes, each has heard by then and asks another."""
        said = self.settings.discovery
        several = said.by != "static" or any(len(urls) > 1 for urls in said.addresses.values())
        return said.linger_s if several and self.served else 0.0

    @property
    def served(self) -> list[tuple[type, object]]:
        """Returns the contracts that others may dial."""
        return [
            (PARTS[part].offers[name], contract)
            for part, offer in self._offers.items()
            for name, contract in offer.contracts.items()
        ]

    @property
    def answers(self) -> bool:
        """Returns True if the process listens: for people, for other processes, or for
        monitoring."""
        routers = any(offer.routers or offer.inner_routers for offer in self._offers.values())
        return bool(self.served or routers or self.settings.service.inner_port)

    @property
    def inner_address(self) -> tuple[str, int]:
        """Returns host and port of the inner listener."""
        return inner_address(self.settings, gateway="gateway" in self.parts)

    async def identity(self) -> Identity:
        """Returns the contract by which a gateway reads access tokens."""
        return cast(Identity, await self._contract("identity", "gateway"))

    async def _offer(self, part: str) -> Offer:
        if part not in self._offers:
            needs = {
                name: await (
                    self._each(name, part)
                    if name in PARTS[part].each
                    else self._contract(name, part)
                )
                for name in PARTS[part].needs
            }
            self._offers[part] = await self._provider(part)(self.engines, **needs)
        return self._offers[part]

    def _provider(self, part: str) -> Provider:
        if part not in self._providers:
            module = importlib.import_module(f"vitascope.assembly.providers.{part}")
            self._providers[part] = module.provide
        return self._providers[part]

    async def _contract(self, name: str, caller: str) -> object:
        """Returns a contract by its name in the table: of this process, or dialled."""
        part = part_of(name)
        if (caller, name) not in self._given:
            self._given[caller, name] = measured(
                (await self._offer(part)).contracts[name]
                if part in self.parts
                else await self.dialled(PARTS[part].offers[name], caller=caller),
                part,
                self.engines.metrics,
            )
        return self._given[caller, name]

    async def _each(self, name: str, caller: str) -> Everyone[object]:
        """Returns what finds a contract of every process that answers for it."""
        part = part_of(name)
        self._check_findable(part)
        protocol = PARTS[part].offers[name]
        everyone: Everyone[object] = Everyone(
            part,
            await self.engines.discovery(),
            connect=self.engines.line,
            dial=lambda line: self._dial(protocol, line, caller),
        )
        self.engines.stack.push_async_callback(everyone.close)
        return everyone

    async def dialled(self, protocol: type[T], *, caller: str = OPERATOR) -> T:
        """Returns the contract as the processes that run its part answer for it, behind a guard.

        A process that works through jobs is patient, for about a minute: the other one may be
        starting again. A process that answers people is not, and leaves a broken neighbour alone
        for a while.
        """
        part = wire.domain_of(protocol)
        self._check_findable(part)
        return await self._dial(protocol, await self.engines.pool(part), caller)

    async def _dial(self, protocol: type[T], asks: wire.Asks, caller: str) -> T:
        part = wire.domain_of(protocol)
        repeated = repeatable(protocol)
        afar = wire.dial(
            protocol,
            asks,
            await self.wire_keys(),
            errors_of(part),
            caller=caller,
            repeatable=repeated,
        )
        patient = self._patient(part)
        guard = (
            patient
            if caller in _PATIENT
            else _OncePatient(lambda: self._opening, patient, self._impatient(part))
        )
        streamed = {name for name, method in wire.methods_of(protocol).items() if method.stream}
        return guarded(afar, guard, repeatable=repeated, unbounded=streamed)

    def _check_findable(self, part: str) -> None:
        """Raises `Invalid` when no setting says where `part` is."""
        said = self.settings.discovery
        named = {*said.addresses, *(p for p in ("licensing", "steering") if self._wired(p))}
        if said.by == "static" and not self._wired("api") and not named & {part, "*"}:
            raise Invalid(
                f"No setting says where {part} is. Name the process that runs it in [discovery] "
                "addresses, or set [wire] api (VITASCOPE_WIRE__API) to the URL of the inner "
                "listener of the process that runs the rest, or run it in this process."
            )

    def _wired(self, name: str) -> str:
        url: str = getattr(self.settings.wire, name)
        return url

    async def wire_keys(self) -> wire.WireKeys:
        """Returns the keys of the pairs that this process calls or answers; where one is not among
        its secrets, the secret from which all are derived."""
        if self._keys is None:
            secrets, pairs = self.engines.secrets, pairs_of(self.parts)
            given = {}
            for pair in pairs:
                try:
                    given[pair] = await secrets.get(key_name(*pair))
                except NotFound:
                    break
            whole = pairs and len(given) == len(pairs)
            root = None if whole else await secrets.get_or_make("wire")
            self._keys = wire.WireKeys(root, given)
        return self._keys

    def _impatient(self, name: str) -> Guard:
        clock = self.engines.clock
        breaker = Breaker(clock)
        circuits = self.engines.metrics.gauge(*CIRCUIT_OPEN)
        circuits.labels("wire", name).set_function(
            lambda: float(breaker.health().circuit is Circuit.OPEN)
        )
        return Guard(
            name,
            clock,
            timeout_s=2.5 * self.settings.wire.timeout_s,  # for a second process, when one hangs
            bulkhead=Bulkhead(64, 64),
            breaker=breaker,
            retry=Retry(clock, RetryBudget(clock)),
        )

    def _patient(self, name: str) -> Guard:
        # Its few calls are bounded by their backoff. A budget that is saved up second by second
        # would have a worker that starts together with its neighbour fail its jobs at once.
        clock = self.engines.clock
        budget = RetryBudget(clock, per_second=20.0, ceiling=20.0)
        retry = Retry(clock, budget, attempts=24, backoff_s=0.5, longest_s=6.0)
        return Guard(name, clock, timeout_s=30.0, retry=retry)


class _OncePatient:
    """Implements `Guards`: patient while the process opens, and impatient from then on."""

    def __init__(self, is_opening: Callable[[], bool], patient: Guard, impatient: Guard) -> None:
        self._is_opening = is_opening
        self._patient = patient
        self._impatient = impatient

    async def run(self, call: Call[T], *, repeatable: bool = False) -> T:
        guard = self._patient if self._is_opening() else self._impatient
        return await guard.run(call, repeatable=repeatable)


def key_name(caller: str, domain: str) -> str:
    """Returns the name of the secret with which `caller` signs its calls of `domain`."""
    return f"wire-{caller}-{domain}"
