"""Insert or update, written once for both engines."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert


def upsert(
    connection: AsyncConnection,
    table: Table,
    rows: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] | None = None,
    where: "ColumnElement[bool] | None" = None,
) -> Insert:
    """A statement that inserts `rows` and, where `key` exists already, updates it.

    `rows` are mappings by column name, all with the same columns; of several with one key the
    last counts, and they are written in order of their keys, because PostgreSQL deadlocks on
    overlapping batches in different orders. `key` are the columns of a primary key or a unique
    constraint. `update` are the columns to overwrite: None for all but the key, empty to keep
    what is there. `where` limits the update, and may compare with the offered row as
    `literal_column("excluded.version")`. The statement can be given `.returning(...)`.
    """
    given = [rows] if isinstance(rows, Mapping) else rows
    latest = {tuple(row[name] for name in key): row for row in given}
    values = [dict(latest[place]) for place in sorted(latest)]
    columns = [name for name in values[0] if name not in key] if update is None else update
    postgres = connection.dialect.name == "postgresql"
    insert: Any = (postgresql if postgres else sqlite).insert(table).values(values)
    if not columns:
        return insert.on_conflict_do_nothing(index_elements=list(key))  # type: ignore[no-any-return]
    return insert.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(key),
        set_={name: insert.excluded[name] for name in columns},
        where=where,
    )
