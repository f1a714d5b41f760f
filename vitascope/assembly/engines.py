"""The engines of one process: each chosen by the settings and opened at its first use."""

import importlib.util
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope.assembly.adapters import ADAPTERS, Adapters
from vitascope.assembly.offer import Task
from vitascope.engines import trace, wire
from vitascope.engines.blobs import Blobs
from vitascope.engines.bus import Bus, Outbox
from vitascope.engines.cache import Cache
from vitascope.engines.discovery import Discovery
from vitascope.engines.leases import Leases
from vitascope.engines.media import Media
from vitascope.engines.notices import Notices
from vitascope.engines.rows import Rows, RowsUnavailable
from vitascope.engines.secrets import Secrets
from vitascope.engines.text import Text
from vitascope.engines.work import Queue, Work, Worker
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.path_tokens import KeyRing
from vitascope.settings import Settings

if TYPE_CHECKING:
    from vitascope.engines.rows import Connection

_PATIENCE_S = 30.0
_log = trace.get_log("engines")


class Engines:
    """What providers build on. `stack` closes what was opened, the last opened first."""

    def __init__(
        self,
        settings: Settings,
        stack: AsyncExitStack,
        *,
        name: str = "",
        patient: bool = False,
        adapters: Adapters = ADAPTERS,
        clock: Clock | None = None,
    ) -> None:
        """`name` tells this worker or edge from the others. A `patient` process answers nobody, and
        may wait for its neighbours."""
        self.settings = settings
        self.stack = stack
        self.name = name
        self.data = Path(settings.service.data)
        self.clock = clock or SystemClock()
        self.metrics = trace.Metrics()
        self.tasks: list[Task] = []  # of the engines themselves
        self.checks: dict[str, Callable[[], Awaitable[object]]] = {}  # for /readyz
        self._patient = patient
        self._adapters = adapters
        self._named = settings.engines
        self._pools: dict[str, wire.Pool] = {}
        self._discovery: Discovery | None = None
        self._leases: Leases | None = None
        self._bus: Bus | None = None

    @cached_property
    def secrets(self) -> Secrets:
        return self._adapters.secrets[self._named.secrets](self.data)

    @cached_property
    def blobs(self) -> Blobs:
        return self._adapters.blobs[self._named.blobs](self)

    @cached_property
    def notices(self) -> Notices:
        """Returns notices that take the way of `rows`: what several processes share is what tells
        them of changes."""
        notices = self._adapters.notices[self._named.rows](self)
        self.stack.push_async_callback(notices.close)
        return notices

    @cached_property
    def cache(self) -> Cache:
        return self._adapters.cache[self._named.cache](self)

    @cached_property
    def media(self) -> Media:
        return self._adapters.media["boxed"](self.settings)

    def work(self) -> Work:
        return self._adapters.work[self._named.work](self)

    def worker(self, queues: Sequence[Queue]) -> Worker:
        """Returns this process as one of the workers that take work from `queues`."""
        return self._adapters.worker[self._named.work](self, queues)

    async def leases(self) -> Leases:
        if self._leases is None:
            self._leases = await self._adapters.leases[self._named.leases](self)
        return self._leases

    async def text(self) -> Text:
        return await self._adapters.text[self._named.text](self)

    async def rows(self, domain: str, *engines: str) -> Rows:
        """Returns the domain's database, migrated; `engines` are migrations of engines that live in
        it."""
        own = f"vitascope.{domain}.migrations"
        has_own = importlib.util.find_spec(f"vitascope.{domain}") and importlib.util.find_spec(own)
        migrations = [*([own] if has_own else []), *engines]
        return self.watched(domain, await self._open_rows(domain, migrations))

    async def _open_rows(self, domain: str, migrations: Sequence[str]) -> Rows:
        """Many processes that start together wait for one another to bring tables up to date."""
        opened = self._adapters.rows[self._named.rows]
        for pause_s in (0.5, 1.0, 2.0, 4.0):
            try:
                return await opened(self, domain, migrations)
            except RowsUnavailable as error:
                _log.warning("rows_not_opened", domain=domain, why=error.detail)
            await self.clock.sleep(pause_s)
        return await opened(self, domain, migrations)

    def watched(self, name: str, rows: Rows) -> Rows:
        """Returns `rows`, which are closed with the process and are a line of `/readyz`."""
        self.stack.push_async_callback(rows.close)
        self.checks[name] = lambda: rows.read(_look)
        return rows

    async def bus(self) -> Bus:
        if self._bus is None:
            self._bus = await self._adapters.bus[self._named.bus](self)
            self.tasks.append(self._bus.run)
        return self._bus

    async def announcing(self, domain: str) -> tuple[Rows, Outbox]:
        """Returns the domain's database with an outbox in it, which this process relays."""
        from vitascope.engines.bus.outbox import MIGRATIONS

        rows = await self.rows(domain, MIGRATIONS)
        return rows, (await self.bus()).outbox(domain, rows)

    def work_url(self) -> str:
        if self._named.rows == "postgres":
            return self._named.postgres_url
        return f"sqlite:///{self.data / 'rows' / 'work.db'}"

    async def pool(self, part: str) -> wire.Pool:
        """Returns the processes that run `part`, as one that can be asked."""
        if part not in self._pools:
            self._pools[part] = wire.Pool(
                part,
                await self.discovery(),
                self.clock,
                refresh_s=self.settings.discovery.refresh_s,
                timeout_s=_PATIENCE_S if self._patient else self.settings.wire.timeout_s,
            )
            self.stack.push_async_callback(self._pools[part].close)
        return self._pools[part]

    def line(self, url: str) -> wire.Line:
        """Returns a line to one process, for the caller to close."""
        return wire.Line(url, clock=self.clock, timeout_s=_PATIENCE_S)

    async def urls(self, part: str) -> list[str]:
        """Returns the inner listeners of the processes that run `part` now, those that drain last.
        Raises `Unavailable`."""
        found = await (await self.discovery()).instances(part)
        return [one.url for one in sorted(found, key=lambda one: one.draining)]

    async def discovery(self) -> Discovery:
        if self._discovery is None:
            self._discovery = await self._adapters.discovery[self.settings.discovery.by](self)
        return self._discovery

    async def path_keys(self) -> KeyRing:
        return KeyRing(current="1", keys={"1": await self.secrets.get_or_make("path-1")})


def _look(connection: "Connection") -> None:
    connection.exec_driver_sql("SELECT 1")
