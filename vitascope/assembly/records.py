"""Processes with databases: the engines below them, and the records that several of them share."""

import importlib.util
from collections.abc import Sequence
from contextlib import AsyncExitStack

import vitascope.catalog
import vitascope.licensing
from vitascope.assembly.process import Process
from vitascope.catalog import Catalog
from vitascope.catalog.shelf import CatalogShelf
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.bus import Outbox
from vitascope.engines.bus.outbox import MIGRATIONS as OUTBOX
from vitascope.engines.bus.outbox_bus import MIGRATIONS as BUS
from vitascope.engines.bus.outbox_bus import OutboxBus
from vitascope.engines.rows import Connection, Rows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.text.sqlite import MIGRATIONS as TEXT
from vitascope.licensing import Licensing
from vitascope.licensing.vault import KeyVault
from vitascope.publishing.ledger import Ledger as JobLedger
from vitascope.settings import Settings
from vitascope.steering import Steering
from vitascope.steering.dispatcher import Dispatcher


class Records(Process):
    """Databases are opened, and migrated, on the first use."""

    def __init__(self, settings: Settings, roles: frozenset[str], stack: AsyncExitStack) -> None:
        super().__init__(settings, roles, stack)
        self.blobs = DiskBlobs(root=self.data / "blobs")
        self._bus: OutboxBus | None = None

    async def rows(self, domain: str, *engines: str) -> Rows:
        """The domain's database, migrated; `engines` are migrations of engines that live in it."""
        own = f"vitascope.{domain}.migrations"
        has_own = importlib.util.find_spec(f"vitascope.{domain}") and importlib.util.find_spec(own)
        migrations = [*([own] if has_own else []), *engines]
        rows = await self._open_rows(domain, migrations)
        self.stack.push_async_callback(rows.close)
        self.checks[domain] = lambda: rows.read(_look)
        return rows

    async def _open_rows(self, domain: str, migrations: Sequence[str]) -> Rows:
        url = self.settings.house.database_url
        if not url or TEXT in migrations:  # FTS5 is SQLite's own
            return await SqliteRows.open(domain, folder=self.data / "rows", migrations=migrations)
        from vitascope.engines.rows.postgres import PostgresRows  # of the extra `postgres`

        return await PostgresRows.open(domain, url=url, migrations=migrations)

    async def bus(self) -> OutboxBus:
        if self._bus is None:
            self._bus = OutboxBus(rows=await self.rows("bus", BUS), clock=self.clock)
            self.endless.append(self._bus.run)
        return self._bus

    async def announcing(self, domain: str) -> tuple[Rows, Outbox]:
        """The domain's database with an outbox in it, which this process relays."""
        rows = await self.rows(domain, OUTBOX)
        return rows, (await self.bus()).outbox(domain, rows)

    def work_url(self) -> str:
        return self.settings.house.database_url or f"sqlite:///{self.data / 'rows' / 'work.db'}"

    async def catalog(self) -> Catalog:
        if url := self.elsewhere("api"):
            calls = {"asset", "illustrate", "keep_picture", "publish", "titles"}
            return await self.dialled(Catalog, url, vitascope.catalog, repeatable=calls)
        rows, outbox = await self.announcing("catalog")
        shelf = CatalogShelf(rows=rows, outbox=outbox, blobs=self.blobs, clock=self.clock)
        return self.serve(Catalog, shelf)

    async def licensing(self) -> Licensing:
        if url := self.elsewhere("licensing"):
            calls = {"keys_for", "key_ids", "token", "clear_key", "raw_key"}
            return await self.dialled(Licensing, url, vitascope.licensing, repeatable=calls)
        vault = KeyVault(
            rows=await self.rows("licensing"),
            secrets=self.secrets,
            clock=self.clock,
            settings=self.settings.licensing,
        )
        return self.serve(Licensing, vault)

    async def steering(self) -> Steering:
        if url := self.elsewhere("steering"):
            return await self.steering_afar(url)
        return self.serve(Steering, Dispatcher(clock=self.clock, settings=self.settings.steering))

    async def job_ledger(self) -> JobLedger:
        rows, outbox = await self.announcing("publishing")
        return JobLedger(rows=rows, outbox=outbox, clock=self.clock)


def _look(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT 1")
