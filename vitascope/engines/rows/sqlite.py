"""Rows on SQLite: one file per domain, WAL, `synchronous=FULL`, one writer that groups commits.

How the words map: `read` is a deferred transaction on a connection that SQLite itself keeps from
writing (`query_only`); `write` is a savepoint inside a `BEGIN IMMEDIATE .. COMMIT` which all the
writers that were waiting share. An fsync costs the same for one row as for a thousand, so the
more write at once the cheaper each becomes, and nobody is answered before the commit. Each of
these transactions runs whole in the thread of its connection (`sqlite_thread.py`).

Several processes may open the same file: writers wait for each other up to `busy_timeout_s`, and
a group ends after `group_ms` so that the others get their turn. A reader never waits.

Costs: one thread for the writer, one for each reader in use. The folder must be on a local disk
(WAL needs shared memory) and writable by the user of the service.
"""

import asyncio
import contextvars
import functools
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy.exc import DBAPIError

from vitascope.engines.rows.contract import RowsUnavailable
from vitascope.engines.rows.migrate import Revisions, read_revisions, upgrade
from vitascope.engines.rows.sqlite_errors import unavailable_for
from vitascope.engines.rows.sqlite_thread import ThreadConnection, Threads
from vitascope.engines.rows.work import Work
from vitascope.engines.sqlite_library import sqlite
from vitascope.kernel.clock import Clock, SystemClock

T = TypeVar("T")

_writing: contextvars.ContextVar["SqliteRows | None"] = contextvars.ContextVar(
    "writing", default=None
)
_READS = ("PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA query_only=ON")
_WRITES = (*_READS[:2], "PRAGMA journal_size_limit=67108864")


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

    def __init__(self, work: Work[T]) -> None:
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

    def __init__(self, path: Path, settings: SqliteSettings, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._settings = settings
        self._readers = self._threads(settings.readers, "BEGIN", _READS)
        self._writer = self._threads(1, "BEGIN IMMEDIATE", _WRITES)
        self._waiting: deque[_Write[Any]] = deque()  # the writer's thread takes from it too
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
        clock: Clock | None = None,
    ) -> "SqliteRows":
        """Open `folder/domain.db`, making and migrating it as needed.

        `migrations` are packages of revisions, such as `vitascope.catalog.migrations`. Raises
        `NewerSchema` and `RowsUnavailable`.
        """
        rows = cls(folder / f"{domain}.db", settings or SqliteSettings(), clock or SystemClock())
        try:
            await rows._prepare(migrations)
        except BaseException:
            await rows.close()
            raise
        return rows

    async def read(self, work: Work[T]) -> T:
        self._refuse_closed()
        context = contextvars.copy_context()

        def whole(connection: ThreadConnection) -> T:
            with connection.transaction():
                return connection.run(work, context)

        try:
            return await self._readers.visit(whole)
        except (DBAPIError, sqlite.Error) as error:
            raise unavailable_for(error, self._path, reading=True) or error from error

    async def write(self, work: Work[T]) -> T:
        self._refuse_closed()
        if _writing.get() is self:
            raise RuntimeError(
                "A write was begun inside another write on the same database; it would wait for "
                "itself. Use the connection that the outer work was given."
            )
        write = _Write(work)
        self._waiting.append(write)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve(), name=f"rows {self._path.stem}")
        return await write.acknowledged

    async def close(self) -> None:
        """Finish the writes that were accepted, then let go of the file."""
        self._closed = True
        if self._serving is not None:
            await self._serving
        await self._readers.close()
        await self._writer.close()

    async def _prepare(self, migrations: Sequence[str]) -> None:
        revisions = await read_revisions(migrations)
        try:
            await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
            await self._turn_wal_on()
            await self._writer.visit(lambda connection: self._upgrade(connection, revisions))
        except (DBAPIError, sqlite.Error) as error:
            raise unavailable_for(error, self._path) or error from error
        except OSError as error:
            raise RowsUnavailable(
                f"The folder {self._path.parent} cannot be made: {error.strerror}. Give the "
                "service a data folder that it may write to."
            ) from error

    def _upgrade(self, connection: ThreadConnection, revisions: Sequence[Revisions]) -> None:
        with connection.transaction():
            connection.run(
                lambda given: upgrade(given, revisions, str(self._path)), contextvars.copy_context()
            )

    async def _turn_wal_on(self) -> None:
        """WAL is a property of the file. Switching needs the file alone, and does not wait."""
        give_up = self._clock.monotonic() + self._settings.busy_timeout_s
        while not await self._writer.visit(_wal_is_on):
            if self._clock.monotonic() > give_up:
                raise RowsUnavailable(
                    f"{self._path} is held by another process and cannot be switched to WAL. "
                    "Stop the program that keeps it locked, and use a local disk."
                )
            await self._clock.sleep(0.02)

    async def _serve(self) -> None:
        """A commit for those who wait, another for those who came meanwhile, until nobody waits."""
        while (first := self._next()) is not None:
            group = [first]
            try:
                await self._writer.visit(functools.partial(self._commit, group))
            except Exception as error:  # noqa: BLE001 - whatever it is, the whole group must hear it
                for write in group:
                    write.fail(unavailable_for(error, self._path) or error)
            else:
                for write in group:
                    write.acknowledge()

    def _commit(self, group: list[_Write[Any]], connection: ThreadConnection) -> None:
        """In the writer's thread: one transaction for the group, which grows while it runs."""
        until = self._clock.monotonic() + self._settings.group_ms / 1000
        with connection.transaction():
            self._run(connection, group[0])
            while len(group) < self._settings.group_limit and self._clock.monotonic() < until:
                if (following := self._next()) is None:
                    break
                group.append(following)
                self._run(connection, following)

    def _next(self) -> _Write[Any] | None:
        """Returns the one who has waited longest, of those who have not given up."""
        while self._waiting:
            write = self._waiting.popleft()
            if not write.acknowledged.cancelled():
                return write
        return None

    def _run(self, connection: ThreadConnection, write: _Write[Any]) -> None:
        write.context.run(_writing.set, self)
        try:
            with connection.savepoint():
                write.value = connection.run(write.work, write.context)
        except Exception as error:
            write.error = unavailable_for(error, self._path) or error
            if not connection.driver.in_transaction:
                raise  # SQLite undid everything (a full disk does that): so all must fail

    def _threads(self, count: int, begin: str, pragmas: tuple[str, ...]) -> Threads:
        busy_s = self._settings.busy_timeout_s
        return Threads(count, lambda: ThreadConnection(self._path, begin, pragmas, busy_s))

    def _refuse_closed(self) -> None:
        if self._closed:
            raise RowsUnavailable(f"The database {self._path.stem} is closed: stopping.")


def _wal_is_on(connection: ThreadConnection) -> bool:
    """Past SQLAlchemy, which would begin a transaction, where no switch is possible."""
    try:
        mode: tuple[str] = connection.driver.execute("PRAGMA journal_mode=WAL").fetchone()
    except sqlite.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite.SQLITE_BUSY:
            raise
        return False
    return mode[0] == "wal"
