"""Relational truth: a database file per domain on SQLite, a schema per domain on PostgreSQL.

A domain writes SQLAlchemy Core against its own `MetaData`; it never sees which engine is below.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from vitascope.kernel.errors import Unavailable

T = TypeVar("T")

Connection = AsyncConnection
"""What `work` is given, under a name that a domain may use outside its store."""


class RowsUnavailable(Unavailable):
    """The database cannot be reached, or its disk is full. Nothing of the failed work was kept."""

    code = "rows-unavailable"


class NewerSchema(Unavailable):
    """The data was written by a newer version than this one."""

    code = "newer-schema"


class Rows(Protocol):
    """One domain's tables. Safe to share between tasks of one event loop.

    `work` waits for nothing but its connection. An adapter may therefore run it in another thread,
    from end to end; the context variables are those of the one who asks.
    """

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`, for the rare statement that must differ."""
        ...

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` on a connection that sees one consistent snapshot and may not write."""
        ...

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in a transaction and return its answer once the commit is on disk.

        Several writers may share one commit: each runs in a savepoint of its own, so that an
        exception undoes that writer alone. `work` may be run again from the start when the engine
        asks for a retry.
        """
        ...

    async def close(self) -> None: ...
