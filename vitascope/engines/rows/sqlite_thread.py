"""SQLite connections that live in threads, and transactions that run there as one call.

SQLite waits for the disk, so it may not run on the event loop. Asking a thread for one statement
after the other costs two switches each, and SQLAlchemy's bridge to asyncio as much again: some
0.5 ms for a read of one row, which itself takes 0.02. So a whole transaction is one call in the
connection's thread.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from vitascope.engines.rows.work import Work, run_work
from vitascope.engines.sqlite_dialect import URL_SCHEME
from vitascope.engines.sqlite_library import sqlite

T = TypeVar("T")


class Threads:
    """At most `count` threads, each with a connection of its own, opened when it is first used."""

    def __init__(self, count: int, connect: "Callable[[], ThreadConnection]") -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="sqlite")
        self._connect = connect
        self._own = threading.local()
        self._opened: list[ThreadConnection] = []

    async def visit(self, work: "Callable[[ThreadConnection], T]") -> T:
        """Run `work` in a thread as soon as one is free. Cancelling the caller does not stop work
        that has begun."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, work)

    async def close(self) -> None:
        """Wait for the work that has begun, then close the connections."""
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
        """Commit what the block did, or undo it when the block raises."""
        with self._connection.begin():
            yield

    def run(self, work: Work[T], context: contextvars.Context) -> T:
        """Run `work` in the open transaction, with the caller's context variables."""
        return context.run(run_work, self._connection, work)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what fails in the block, and nothing else. Past SQLAlchemy: it is cheap."""
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
    def driver(self) -> sqlite.Connection:
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, sqlite.Connection)
        return driver

    def close(self) -> None:
        self._connection.close()


def _engine(path: Path, begin: str, pragmas: tuple[str, ...], busy_s: float) -> Engine:
    """Transactions are begun by us: the driver's own BEGIN comes late and is never IMMEDIATE."""

    def connect() -> sqlite.Connection:
        return sqlite.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)

    engine = create_engine(f"{URL_SCHEME}://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite.Connection, _record: object) -> None:
        for pragma in pragmas:
            driver.execute(pragma)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        cast(sqlite.Connection, connection.connection.driver_connection).execute(begin)

    return engine
