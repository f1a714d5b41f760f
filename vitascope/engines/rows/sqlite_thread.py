"""A SQLite connection that lives in a thread, and transactions that run there from end to end.

SQLite waits for the disk, so it may not run on the event loop. To ask a thread for one statement
after the other costs two switches each, and SQLAlchemy's bridge to asyncio as much again: some
0.5 ms for a read of one row, which itself takes 0.02. So the work is carried to the connection
instead. It waits for nothing but the connection, as the port demands, and the connection answers
at once here: the work runs from its first line to its last without ever being suspended, and so
needs no event loop.
"""

import asyncio
import contextvars
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import NullPool

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]


class Threads:
    """At most `count` threads, each with a connection of its own, opened when it is first used."""

    def __init__(self, count: int, connect: "Callable[[], ThreadConnection]") -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="sqlite")
        self._connect = connect
        self._own = threading.local()
        self._opened: list[ThreadConnection] = []

    async def visit(self, work: "Callable[[ThreadConnection], T]") -> T:
        """Run `work` in a thread that is free, or will be. A caller that gives up does not stop
        what has begun."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, work)

    async def close(self) -> None:
        """When what has begun is done."""
        await asyncio.to_thread(self._close)

    def _run(self, work: "Callable[[ThreadConnection], T]") -> T:
        if not hasattr(self._own, "connection"):
            self._own.connection = self._connect()
            self._opened.append(self._own.connection)
        return work(self._own.connection)

    def _close(self) -> None:
        self._pool.shutdown()
        for connection in self._opened:
            connection.close()


class ThreadConnection:
    """Belongs to the thread that opened it. `begin` is how its transactions begin."""

    def __init__(self, path: Path, begin: str, pragmas: tuple[str, ...], busy_s: float) -> None:
        self._connection = _engine(path, begin, pragmas, busy_s).connect()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits what the block did, or undoes it when the block raises."""
        with self._connection.begin():
            yield

    def run(self, work: Work[T], context: contextvars.Context) -> T:
        """Run `work` within the transaction that is open, in the `context` of the one who asked."""
        given = cast(AsyncConnection, _AtOnce(self._connection))
        return context.run(_from_end_to_end, work, given)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails in the block is undone, and nothing else. Past SQLAlchemy: it is cheap."""
        driver = self.driver
        driver.execute("SAVEPOINT writer")
        try:
            yield
        except BaseException:
            if driver.in_transaction:  # else SQLite has undone everything already
                driver.execute("ROLLBACK TO writer")
                driver.execute("RELEASE writer")
            raise
        driver.execute("RELEASE writer")

    @property
    def driver(self) -> sqlite3.Connection:
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def close(self) -> None:
        self._connection.close()


class _AtOnce:
    """The part of an `AsyncConnection` that stores use, over a connection that never waits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, *said: Any, **more: Any) -> Any:
        return self._connection.execute(*said, **more)

    async def scalar(self, *said: Any, **more: Any) -> Any:
        return self._connection.scalar(*said, **more)

    async def scalars(self, *said: Any, **more: Any) -> Any:
        return self._connection.scalars(*said, **more)

    async def exec_driver_sql(self, *said: Any, **more: Any) -> Any:
        return self._connection.exec_driver_sql(*said, **more)

    async def run_sync(self, call: Callable[..., T], *given: Any, **more: Any) -> T:
        return call(self._connection, *given, **more)


def _from_end_to_end(work: Work[T], connection: AsyncConnection) -> T:
    steps = work(connection).__await__()
    try:
        next(steps)
    except StopIteration as done:
        return cast(T, done.value)
    steps.close()
    raise RuntimeError("The work waited for something else than its connection, which it may not.")


def _engine(path: Path, begin: str, pragmas: tuple[str, ...], busy_s: float) -> Engine:
    """Transactions are begun by us: the driver's own BEGIN comes late and is never IMMEDIATE."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            driver.execute(pragma)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        cast(sqlite3.Connection, connection.connection.driver_connection).execute(begin)

    return engine
