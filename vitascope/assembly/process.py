"""What every process has: settings, clock, secrets, and the way to the others."""

from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import vitascope.steering
from vitascope.engines import trace, wire
from vitascope.engines.breaker import Breaker
from vitascope.engines.guard import Bulkhead, Guard, Retry, RetryBudget, guarded
from vitascope.engines.media import Media
from vitascope.engines.secrets.file import FileSecrets
from vitascope.identity import Identity
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.path_tokens import KeyRing
from vitascope.settings import Settings
from vitascope.steering import Steering

T = TypeVar("T")
Endless = Callable[[], Coroutine[Any, Any, None]]


class Process:
    """What is open in one process. `stack` closes it, the last opened first."""

    def __init__(self, settings: Settings, roles: frozenset[str], stack: AsyncExitStack) -> None:
        self.settings = settings
        self.roles = roles
        self.stack = stack
        self.data = Path(settings.house.data)
        self.clock = SystemClock()
        self.secrets = FileSecrets(folder=self.data / "secrets")
        self.metrics = trace.Metrics()
        self.endless: list[Endless] = []  # to be run until the process ends
        self.served: list[tuple[type, object]] = []  # contracts that others may dial
        self.checks: dict[str, Callable[[], Awaitable[object]]] = {}  # for /readyz
        self.signed_in: Identity | None = None  # who reads access tokens

    def elsewhere(self, role: str) -> str:
        """The URL of the process that has `role`; empty when it is this one."""
        said = self.settings.wire
        if role in self.roles:
            return ""
        url: str = getattr(said, role)
        return url or ("" if "api" in self.roles else said.api)

    async def dialled(
        self, protocol: type[T], url: str, module: ModuleType, *, repeatable: Collection[str] = ()
    ) -> T:
        """The contract as the process at `url` answers for it, behind a guard of its own.

        `repeatable` names the calls that do no harm when they are made twice. A process that works
        through jobs is patient with them, for about a minute: the other one may be starting again.
        A process that answers people is not, and leaves a broken neighbour alone for a while.
        """
        secret = await self.secrets.get_or_make("wire")
        afar = wire.dial(protocol, url, secret, wire.errors_of(module))
        self.stack.push_async_callback(wire.hang_up, afar)
        guard = self._impatient(url) if "api" in self.roles else self._patient(url)
        return guarded(afar, guard, repeatable=repeatable)

    def _impatient(self, name: str) -> Guard:
        return Guard(
            name,
            self.clock,
            timeout_s=2.0,
            bulkhead=Bulkhead(64, 64),
            breaker=Breaker(self.clock),
            retry=Retry(self.clock, RetryBudget(self.clock)),
        )

    def _patient(self, name: str) -> Guard:
        # Its few calls are bounded by their backoff. A budget that is saved up second by second
        # would have a worker that starts together with its neighbour fail its jobs at once.
        budget = RetryBudget(self.clock, per_second=20.0, ceiling=20.0)
        retry = Retry(self.clock, budget, attempts=24, backoff_s=0.5, longest_s=6.0)
        return Guard(name, self.clock, timeout_s=30.0, retry=retry)

    def serve(self, protocol: type[T], real: T) -> T:
        """Let other processes dial `real`."""
        self.served.append((protocol, real))
        return real

    async def path_keys(self) -> KeyRing:
        return KeyRing(current="1", keys={"1": await self.secrets.get_or_make("path-1")})

    async def steering_afar(self, url: str) -> Steering:
        calls = {"rank", "edges", "report"}
        return await self.dialled(Steering, url, vitascope.steering, repeatable=calls)


def media_tools(settings: Settings) -> Media:
    """ffmpeg, ffprobe and the packager, caged as this machine allows."""
    from vitascope.engines.media.boxed import BoxedMedia

    return BoxedMedia(sandbox=settings.house.sandbox)
