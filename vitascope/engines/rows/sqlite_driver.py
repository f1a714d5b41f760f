"""aiosqlite with one visit to its thread for each statement instead of four.

aiosqlite makes a cursor, executes, fetches and closes in separate messages to the thread that
owns the connection; each costs two context switches. Rows are fetched whole anyway, so all four
are done in one message. SQLAlchemy is given such a connection by `async_creator`.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class WholeCursor:
    """A cursor that has fetched everything when `execute` returns."""

    arraysize = 1

    def __init__(self, connection: "WholeConnection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "WholeCursor":
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> "WholeCursor":
        await self._connection.visit(self._execute, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Any]) -> "WholeCursor":
        await self._connection.visit(self._executemany, statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _execute(self, connection: sqlite3.Connection, statement: str, parameters: Any) -> None:
        self._take(connection.execute(statement, parameters))

    def _executemany(
        self, connection: sqlite3.Connection, statement: str, parameters: Sequence[Any]
    ) -> None:
        self._take(connection.executemany(statement, parameters))

    def _take(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid
        cursor.close()


class WholeConnection(aiosqlite.Connection):
    """A connection whose cursors are `WholeCursor`s."""

    def cursor(self) -> Any:
        return WholeCursor(self)

    async def visit(self, work: Any, *given: Any) -> None:
        """Run `work(connection, *given)` in the thread of the connection."""
        await self._execute(work, self._conn, *given)  # type: ignore[no-untyped-call]


async def connect(path: Path, busy_timeout_s: float) -> WholeConnection:
    """Transactions are begun by us: the driver's own BEGIN comes late and is never IMMEDIATE."""

    def connector() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)

    connection = WholeConnection(connector, iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does: never keep the process from ending
    await connection
    return connection


@asynccontextmanager
async def savepoint(connection: AsyncConnection) -> AsyncIterator[None]:
    """What fails in the block is undone, and nothing else. Past SQLAlchemy, because it is cheap."""
    driver = await _driver(connection)
    await driver.visit(sqlite3.Connection.execute, "SAVEPOINT writer")
    try:
        yield
    except BaseException:
        if driver.in_transaction:  # else SQLite has undone everything already
            await driver.visit(sqlite3.Connection.execute, "ROLLBACK TO writer")
            await driver.visit(sqlite3.Connection.execute, "RELEASE writer")
        raise
    await driver.visit(sqlite3.Connection.execute, "RELEASE writer")


async def in_transaction(connection: AsyncConnection) -> bool:
    return (await _driver(connection)).in_transaction


async def _driver(connection: AsyncConnection) -> WholeConnection:
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, WholeConnection)
    return driver
