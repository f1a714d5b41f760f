"""Relational truth: a database file per domain on SQLite, a schema per domain on PostgreSQL.

The contract alone does not load SQLAlchemy: an edge and the command line keep no rows, and would
take half as long again to start.
"""

from typing import TYPE_CHECKING, Any

from vitascope.engines.rows.contract import NewerSchema, Rows, RowsUnavailable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from vitascope.engines.rows.upserts import Upsert, upsert

__all__ = [
    "Connection",
    "NewerSchema",
    "Rows",
    "RowsUnavailable",
    "Upsert",
    "upsert",
]


def __getattr__(name: str) -> Any:
    if name == "Connection":
        from sqlalchemy.engine import Connection

        return Connection
    if name in ("Upsert", "upsert"):
        from vitascope.engines.rows import upserts

        return getattr(upserts, name)
    raise AttributeError(f"{__name__} has no {name}")
