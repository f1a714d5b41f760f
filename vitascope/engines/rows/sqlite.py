"""Rows on SQLite: one file per domain, WAL, `synchronous=FULL`, one writer that groups commits.

How the words map: `read` is a deferred transaction on a connection that SQLite itself keeps from
writing (`query_only`); `write` is a savepoint inside a `BEGIN IMMEDIATE .. COMMIT` which all the
writers that were waiting share. An fsync costs the same for one row as for a thousand, so the
more write at once the cheaper each becomes, and nobody is answered before the commit.

Several processes may open the same file: writers wait for each other up to `busy_timeout_s`, and
a group ends after `group_ms` so that the others get their turn. A reader never waits.

Costs: one thread for the writer, one for each reader in use. The folder must be on a local disk
(WAL needs shared memory) and writable by the user of the service.
"""

import asyncio
import contextvars
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from vitascope.engines.rows.contract import RowsUnavailable
from vitascope.engines.rows.migrate import read_revisions, upgrade
from vitascope.engines.rows.sqlite_driver import connect, in_transaction, savepoint
from vitascope.engines.rows.sqlite_trouble import trouble_of

T = TypeVar("T")

_writing: contextvars.ContextVar["SqliteRows | None"] = contextvars.ContextVar(
    "writing", default=None
)


class SqliteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a SQLite database of one domain is opened."""

    busy_timeout_s: float = 10.0
    """How long a writer waits for another process before it is told `rows-unavailable`."""

    readers: int = 4
    """At most this many reads at once; further ones wait. Each in use costs a thread."""

    group_limit: int = 1000
    """At most this many writers share one commit."""

    group_ms: int = 25
    """After this many milliseconds a group is committed even if more writers are waiting."""


class _Write(Generic[T]):
    """One caller's work on its way through a group."""

    def __init__(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> None:
        self.work = work
        self.context = contextvars.copy_context()
        self.acknowledged: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.value: T | None = None
        self.error: BaseException | None = None

    def acknowledge(self) -> None:
        if self.error is not None:
            self.fail(self.error)
        elif not self.acknowledged.done():
            self.acknowledged.set_result(self.value)  # type: ignore[arg-type]

    def fail(self, error: BaseException) -> None:
        if not self.acknowledged.done():
            self.acknowledged.set_exception(error)


class SqliteRows:
    """One domain's tables in one file. Make it with `await SqliteRows.open(...)`."""

    dialect = "sqlite"

    def __init__(self, path: Path, settings: SqliteSettings) -> None:
        self._path = path
        self._settings = settings
        self._writer = _engine(path, settings, begin="BEGIN IMMEDIATE", size=1)
        self._reader = _engine(path, settings, begin="BEGIN", size=settings.readers)
        self._queue: asyncio.Queue[_Write[Any] | None] = asyncio.Queue()
        self._serving: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(
        cls,
        domain: str,
        *,
        folder: Path,
        migrations: Sequence[str] = (),
        settings: SqliteSettings | None = None,
    ) -> "SqliteRows":
        """Open `folder/domain.db`, making and migrating it as needed.

        `migrations` are packages of revisions, such as `vitascope.catalog.migrations`. Raises
        `NewerSchema` and `RowsUnavailable`.
        """
        path = folder / f"{domain}.db"
        rows = await asyncio.to_thread(cls, path, settings or SqliteSettings())
        try:
            await rows._prepare(migrations)
        except BaseException:
            await rows.close()
            raise
        return rows

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        self._refuse_closed()
        try:
            async with self._reader.begin() as connection:
                return await work(connection)
        except (DBAPIError, PoolTimeout) as error:
            raise trouble_of(error, self._path, reading=True) or error from error

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        self._refuse_closed()
        if _writing.get() is self:
            raise RuntimeError(
                "A write was begun inside another write on the same database; it would wait for "
                "itself. Use the connection that the outer work was given."
            )
        write = _Write(work)
        self._queue.put_nowait(write)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve(), name=f"rows {self._path.stem}")
        return await write.acknowledged

    async def close(self) -> None:
        """Finish the writes that were accepted, then let go of the file."""
        self._closed = True
        if self._serving is not None:
            self._queue.put_nowait(None)
            await self._serving
            self._serving = None
        await self._reader.dispose()
        await self._writer.dispose()

    async def _prepare(self, migrations: Sequence[str]) -> None:
        revisions = await read_revisions(migrations)
        try:
            await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
            await self._turn_wal_on()
            async with self._writer.begin() as connection:
                await upgrade(connection, revisions, str(self._path))
        except (DBAPIError, sqlite3.Error) as error:
            raise trouble_of(error, self._path) or error from error
        except OSError as error:
            raise RowsUnavailable(
                f"The folder {self._path.parent} cannot be made: {error.strerror}. Give the "
                "service a data folder that it may write to."
            ) from error

    async def _turn_wal_on(self) -> None:
        """WAL is a property of the file. Switching needs the file alone, and does not wait."""
        give_up = asyncio.get_running_loop().time() + self._settings.busy_timeout_s
        while not await self._wal_is_on():
            if asyncio.get_running_loop().time() > give_up:
                raise RowsUnavailable(
                    f"{self._path} is held by another process and cannot be switched to WAL. "
                    "Stop the program that keeps it locked, and use a local disk."
                )
            await asyncio.sleep(0.02)

    async def _wal_is_on(self) -> bool:
        async with self._writer.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:  # past SQLAlchemy, which would begin a transaction, where no switch is possible
                mode = await driver.execute_fetchall("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return False
            return bool(mode[0][0] == "wal")

    async def _serve(self) -> None:
        while (first := await self._queue.get()) is not None:
            await self._group(first)

    async def _group(self, first: _Write[Any]) -> None:
        """Run everything that waits in one transaction, then acknowledge it all or none of it."""
        group: list[_Write[Any]] = []
        last = False
        try:
            async with self._writer.begin() as connection:
                until = asyncio.get_running_loop().time() + self._settings.group_ms / 1000
                following: _Write[Any] | None = first
                while following is not None:
                    group.append(following)
                    await self._run(connection, following)
                    following, last = self._follower(len(group), until)
        except Exception as error:  # noqa: BLE001 - whatever it is, the whole group must hear it
            self._fail(group or [first], error)
        else:
            for write in group:
                write.acknowledge()
        if last:
            self._queue.put_nowait(None)

    def _follower(self, count: int, until: float) -> tuple[_Write[Any] | None, bool]:
        """The next writer for this commit, if any; and whether closing was asked for."""
        if count >= self._settings.group_limit or asyncio.get_running_loop().time() > until:
            return None, False
        while not self._queue.empty():
            write = self._queue.get_nowait()
            if write is None:
                return None, True
            if not write.acknowledged.cancelled():
                return write, False
        return None, False

    async def _run(self, connection: AsyncConnection, write: _Write[Any]) -> None:
        """Run one writer's work in a savepoint, in the context of the one who asked."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._work(connection, write), context=write.context)
        write.value = await task
        if write.error is not None and not await in_transaction(connection):
            raise write.error  # SQLite undid everything (a full disk does that): so all must fail

    async def _work(self, connection: AsyncConnection, write: _Write[T]) -> T | None:
        _writing.set(self)
        try:
            async with savepoint(connection):
                return await write.work(connection)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the asker must hear
            write.error = trouble_of(error, self._path) or error
            return None

    def _fail(self, group: Sequence[_Write[Any]], error: Exception) -> None:
        for write in group:
            write.fail(trouble_of(error, self._path) or error)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise RowsUnavailable(f"The database {self._path.stem} is closed: stopping.")


def _engine(path: Path, settings: SqliteSettings, *, begin: str, size: int) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        pool_size=size,
        max_overflow=0,
        pool_timeout=30,
        async_creator=lambda: connect(path, settings.busy_timeout_s),
    )
    pragmas = ["PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"]
    if begin == "BEGIN":
        pragmas.append("PRAGMA query_only=ON")
    else:
        pragmas.append("PRAGMA journal_size_limit=67108864")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
