"""Relational truth: a database file per domain on SQLite, a schema per domain on PostgreSQL.

A domain writes SQLAlchemy Core against its own `MetaData`; it never sees which engine is below.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from vitascope.kernel.errors import Unavailable

if TYPE_CHECKING:  # a process that keeps no rows does not load SQLAlchemy
    from sqlalchemy.engine import Connection

T = TypeVar("T")


class RowsUnavailable(Unavailable):
    """The database cannot be reached, or its disk is full. Nothing of the failed work was kept."""

    code = "rows-unavailable"


class NewerSchema(Unavailable):
    """The data was written by a newer version than this one."""

    code = "newer-schema"


class Rows(Protocol):
    """One domain's tables. Safe to share between tasks of one event loop.

    `work` is plain synchronous code on a SQLAlchemy `Connection`; it must not wait for anything
    else. An adapter may run it in another thread, with the caller's context variables. So it
    returns values: a result, a cursor or the connection itself is of no use after it ended.
    """

    @property
    def dialect(self) -> str:
        """Returns `sqlite` or `postgresql`, for the rare statement that must differ."""
        ...

    async def read(self, work: "Callable[[Connection], T]") -> T:
        """Run `work` on a connection that sees one consistent snapshot and may not write."""
        ...

    async def write(self, work: "Callable[[Connection], T]") -> T:
        """Run `work` in a transaction and return its result once the commit is on disk.

        Several writers may share one commit: each runs in a savepoint of its own, so that an
        exception undoes that writer alone. `work` may be run again from the start when the engine
        asks for a retry.
        """
        ...

    async def close(self) -> None: ...
