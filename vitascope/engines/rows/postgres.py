"""Rows on PostgreSQL: a schema per domain in one database, through asyncpg.

How the words map: `read` is a `REPEATABLE READ, READ ONLY` transaction, `write` a `SERIALIZABLE`
one, run again when the server reports a serialization failure or a deadlock; so work that is right
under SQLite's single writer is right here. SQLAlchemy's `run_sync` runs the work in a greenlet of
the event loop's thread, which is suspended at each statement. The server groups commits by itself,
and `synchronous_commit=on` is asked for whatever the server's own default is.

Permissions: the role must be able to create a schema in the database (or own the one named for
the domain). Costs: up to `pool_size` connections for each domain and process.
"""

import asyncio
import contextvars
import random
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from vitascope.engines.rows.contract import RowsUnavailable
from vitascope.engines.rows.migrate import read_revisions, upgrade
from vitascope.engines.rows.work import Work, run_work
from vitascope.kernel.clock import Clock, SystemClock

T = TypeVar("T")

_AGAIN = {"40001", "40P01", "0A000"}  # serialization failure, deadlock, plan outdated by DDL
_AWAY = ("08", "53", "57P", "58")  # connection, resources (disk full), shutdown, system error

_writing: contextvars.ContextVar["PostgresRows | None"] = contextvars.ContextVar(
    "writing", default=None
)


class PostgresSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a schema of one domain is reached."""

    pool_size: int = 5
    """Connections that a process keeps for each domain; further work waits."""

    pool_timeout_s: float = 10.0
    """How long work waits for a connection before it is told `rows-unavailable`."""

    retry_s: float = 10.0
    """For how long a write that meets others is run again before it is told `rows-unavailable`."""


class PostgresRows:
    """One domain's tables in one schema. Make it with `await PostgresRows.open(...)`."""

    dialect = "postgresql"

    def __init__(self, domain: str, url: str, settings: PostgresSettings, clock: Clock) -> None:
        self._domain = domain
        self._clock = clock
        self._settings = settings
        self._engine = _engine(url, domain, settings)
        self._reader = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._writer = self._engine.execution_options(isolation_level="SERIALIZABLE")
        self._one_by_one = asyncio.Lock()
        self._closed = False

    @classmethod
    async def open(
        cls,
        domain: str,
        *,
        url: str,
        migrations: Sequence[str] = (),
        settings: PostgresSettings | None = None,
        clock: Clock | None = None,
    ) -> "PostgresRows":
        """Open the schema `domain` of the database at `url`, making and migrating it as needed.

        `url` is `postgresql://user:password@host:port/database`. Raises `NewerSchema` and
        `RowsUnavailable`.
        """
        rows = cls(domain, url, settings or PostgresSettings(), clock or SystemClock())
        try:
            await rows._prepare(migrations)
        except BaseException:
            await rows.close()
            raise
        return rows

    async def read(self, work: Work[T]) -> T:
        self._refuse_closed()
        try:
            async with self._reader.begin() as connection:
                return await connection.run_sync(run_work, work)
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise self._unavailable_for(error) or error from error

    async def write(self, work: Work[T]) -> T:
        self._refuse_closed()
        if _writing.get() is self:
            raise RuntimeError(
                "A write was begun inside another write on the same database; it could wait for "
                "itself. Use the connection that the outer work was given."
            )
        token = _writing.set(self)
        try:
            return await self._until_it_fits(work)
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise self._unavailable_for(error) or error from error
        finally:
            _writing.reset(token)

    async def close(self) -> None:
        self._closed = True
        await self._engine.dispose()

    async def _until_it_fits(self, work: Work[T]) -> T:
        """Run `work`; when it met another writer, again, one at a time within this process."""
        try:
            return await self._once(work)
        except DBAPIError as error:
            if _sqlstate(error) not in _AGAIN:
                raise
        give_up = self._clock.monotonic() + self._settings.retry_s
        async with self._one_by_one:
            for attempt in range(1, 1000):
                try:
                    return await self._once(work)
                except DBAPIError as error:
                    late = self._clock.monotonic() > give_up
                    if _sqlstate(error) not in _AGAIN or late:
                        raise
                await self._clock.sleep(random.uniform(0, min(0.1, 0.002 * 2**attempt)))
        raise RowsUnavailable(f"Too many changes conflict in {self._domain}. Try again.")

    async def _once(self, work: Work[T]) -> T:
        async with self._writer.begin() as connection:
            return await connection.run_sync(run_work, work)

    async def _prepare(self, migrations: Sequence[str]) -> None:
        revisions = await read_revisions(migrations)
        whose = f"The schema {self._domain}"
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        try:
            async with self._engine.begin() as connection:  # READ COMMITTED: sees who was before
                await connection.execute(lock, {"name": f"vitascope {self._domain}"})
                await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self._domain}"'))
                await connection.run_sync(upgrade, revisions, whose)
        except (DBAPIError, OSError) as error:
            raise self._unavailable_for(error) or error from error

    def _unavailable_for(self, error: BaseException) -> RowsUnavailable | None:
        """Returns the refusal that `error` amounts to, or None when it is the statement's own
        fault."""
        if isinstance(error, PoolTimeout):
            return RowsUnavailable(
                f"Too many requests wait for the database {self._domain}. Try again."
            )
        state = _sqlstate(error)
        if state in _AGAIN:
            return RowsUnavailable(f"Too many changes conflict in {self._domain}. Try again.")
        if state == "53100":
            return RowsUnavailable("PostgreSQL's disk is full. Free some space and try again.")
        gone = isinstance(error, DBAPIError) and error.connection_invalidated
        if gone or isinstance(error, OSError) or state.startswith(_AWAY):
            cause = getattr(error, "orig", error)
            return RowsUnavailable(
                f"PostgreSQL cannot be reached for {self._domain} ({cause}). Check that it runs "
                "and that the address in the settings is right."
            )
        return None

    def _refuse_closed(self) -> None:
        if self._closed:
            raise RowsUnavailable(f"The database of {self._domain} is closed: stopping.")


def _sqlstate(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", "") or "")


def _engine(url: str, schema: str, settings: PostgresSettings) -> AsyncEngine:
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout_s,
        pool_pre_ping=True,
        connect_args={
            "server_settings": {
                "search_path": schema,
                "synchronous_commit": "on",
                "application_name": f"vitascope {schema}",
            }
        },
    )

    @event.listens_for(engine.sync_engine, "first_connect", once=True)
    def remember_schema(_connection: object, _record: object) -> None:
        # the schema may not exist yet when the dialect asks which one is in use
        engine.dialect.default_schema_name = schema

    return engine
