"""Relational truth: a database file per domain on SQLite, a schema per domain on PostgreSQL."""

from vitascope.engines.rows.contract import (
    Connection,
    NewerSchema,
    Rows,
    RowsUnavailable,
)
from vitascope.engines.rows.upsert import Upsert, upsert

__all__ = [
    "Connection",
    "NewerSchema",
    "Rows",
    "RowsUnavailable",
    "Upsert",
    "upsert",
]
