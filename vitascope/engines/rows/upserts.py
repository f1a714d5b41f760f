"""Insert or update, written once for both engines."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql.dml import Insert

Values = Mapping[str, Any]


class Upsert:
    """Inserts rows and, where `key` exists already, updates them; `upsert` for what is written
    often: made once, at the top of a store, because SQLAlchemy takes thirty times as long to put
    such a statement together as SQLite to run it.

    The rows have all columns of `table`. `key` are the columns of a primary key or a unique
    constraint. `update` are the columns to overwrite: None for all but the key, empty to keep what
    is there. `where` limits the update, and may compare with the offered row as
    `literal_column("excluded.version")`. `returning` are columns of the rows that were written.
    """

    def __init__(
        self,
        table: Table,
        *,
        key: Sequence[str],
        update: Sequence[str] | None = None,
        where: "ColumnElement[bool] | None" = None,
        returning: Sequence[ColumnElement[Any]] = (),
    ) -> None:
        columns = _changing(table.columns.keys(), key, update)
        self._key = key
        self._statements = {
            engine.name: _statement(engine.name, table, key, columns, where)
            for engine in (sqlite.dialect, postgresql.dialect)
        }
        if returning:
            self._statements = {
                name: statement.returning(*returning)
                for name, statement in self._statements.items()
            }

    def run(
        self, connection: Connection, rows: Values | Sequence[Values]
    ) -> "CursorResult[*tuple[Any, ...]]":
        values = _latest(rows, self._key)
        statement = self._statements[connection.dialect.name]
        return connection.execute(statement, values if len(values) > 1 else values[0])


def upsert(
    connection: Connection,
    table: Table,
    rows: Values | Sequence[Values],
    *,
    key: Sequence[str],
    update: Sequence[str] | None = None,
    where: "ColumnElement[bool] | None" = None,
) -> Insert:
    """Returns a statement that inserts `rows` and, where `key` exists already, updates it.

    `rows` are mappings by column name, all with the same columns; of several with one key the
    last counts, and they are written in order of their keys, because PostgreSQL deadlocks on
    overlapping batches in different orders. The rest is as in `Upsert`. The statement can be given
    `.returning(...)`.
    """
    values = _latest(rows, key)
    columns = _changing(list(values[0]), key, update)
    statement = _statement(connection.dialect.name, table, key, columns, where)
    return statement.values(values if len(values) > 1 else values[0])


def _latest(rows: Values | Sequence[Values], key: Sequence[str]) -> list[dict[str, Any]]:
    given = [rows] if isinstance(rows, Mapping) else rows
    latest = {tuple(row[name] for name in key): row for row in given}
    return [dict(latest[place]) for place in sorted(latest)]


def _changing(
    columns: Sequence[str], key: Sequence[str], update: Sequence[str] | None
) -> Sequence[str]:
    return [name for name in columns if name not in key] if update is None else update


def _statement(
    dialect: str,
    table: Table,
    key: Sequence[str],
    columns: Sequence[str],
    where: "ColumnElement[bool] | None",
) -> Insert:
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    if not columns:
        return insert.on_conflict_do_nothing(index_elements=list(key))  # type: ignore[no-any-return]
    return insert.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(key),
        set_={name: insert.excluded[name] for name in columns},
        where=where,
    )
