"""Writing to the index: a document's rows in every table, and the counts of its terms."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import text

from vitascope.engines.rows import Connection
from vitascope.engines.text.contract import TextDocument
from vitascope.engines.text.folding import fold
from vitascope.kernel.scope import Rights

_OLD = text(
    "SELECT key, id, short, long FROM documents WHERE id IN (SELECT value FROM json_each(:ids))"
)
_LAST_KEY = text("SELECT coalesce(max(key), 0) FROM documents")
_LAST_CHANGE = text("UPDATE text_change SET last = last + 1 RETURNING last")
_COUNT = text(
    "INSERT INTO terms (kind, term, documents, change) VALUES (:kind, :term, :more, :change)"
    " ON CONFLICT (kind, term) DO UPDATE SET documents = documents + :more, change = :change"
)
_DELETE = (  # FTS5 is told what it holds, and before that is gone
    text("INSERT INTO words (words, rowid, short, long) VALUES ('delete', :key, :short, :long)"),
    text("INSERT INTO grams (grams, rowid, short) VALUES ('delete', :key, :short)"),
    text("DELETE FROM documents WHERE key = :key"),
)
_INSERT = (
    text("INSERT INTO documents (key, id, short, long) VALUES (:key, :id, :short, :long)"),
    text("INSERT INTO words (rowid, short, long) VALUES (:key, :short, :long)"),
    text("INSERT INTO grams (rowid, short) VALUES (:key, :short)"),
)
_DELETE_PHRASE = text("DELETE FROM phrases WHERE phrase = :phrase AND key = :key")
_INSERT_PHRASE = text("INSERT INTO phrases (phrase, key) VALUES (:phrase, :key)")
_DELETE_RIGHTS = text("DELETE FROM rights WHERE key = :key")
_INSERT_RIGHTS = text(
    "INSERT INTO rights (key, country, from_ms, until_ms, maturity)"
    " VALUES (:key, :country, :from_ms, :until_ms, :maturity)"
)


class Row(msgspec.Struct, frozen=True):
    """A document as it is kept: folded, the short fields one a line."""

    key: int
    id: str
    short: str
    long: str


def put(connection: Connection, documents: Sequence[TextDocument]) -> None:
    given = {document.id: document for document in documents}
    old = _kept(connection, list(given))
    last_key: int = connection.execute(_LAST_KEY).scalar_one()
    new_keys = iter(range(last_key + 1, last_key + 1 + len(given)))
    rows = [_row(d, old[d.id].key if d.id in old else next(new_keys)) for d in given.values()]
    changed = [row for row in rows if row != old.get(row.id)]  # often only the rights are new
    _delete(connection, [old[row.id] for row in changed if row.id in old])
    _insert(connection, changed)
    _count(connection, gone=[old[row.id] for row in changed if row.id in old], new=changed)
    _run(connection, _DELETE_RIGHTS, [{"key": row.key} for row in rows])
    _run(
        connection, _INSERT_RIGHTS, [w for row in rows for w in _windows(row, given[row.id].rights)]
    )


def remove(connection: Connection, ids: Sequence[str]) -> None:
    gone = list(_kept(connection, ids).values())
    _delete(connection, gone)
    _count(connection, gone=gone, new=[])
    _run(connection, _DELETE_RIGHTS, [{"key": row.key} for row in gone])


def _kept(connection: Connection, ids: Sequence[str]) -> dict[str, Row]:
    found = connection.execute(_OLD, {"ids": msgspec.json.encode(ids).decode()})
    return {row.id: Row(row.key, row.id, row.short, row.long) for row in found}


def _row(document: TextDocument, key: int) -> Row:
    short = "\n".join(dict.fromkeys(fold(part) for part in document.short))
    return Row(key, document.id, short, fold(document.long))


def _delete(connection: Connection, rows: Sequence[Row]) -> None:
    for statement in _DELETE:
        _run(connection, statement, [msgspec.structs.asdict(row) for row in rows])
    _run(connection, _DELETE_PHRASE, _phrases(rows))


def _insert(connection: Connection, rows: Sequence[Row]) -> None:
    for statement in _INSERT:
        _run(connection, statement, [msgspec.structs.asdict(row) for row in rows])
    _run(connection, _INSERT_PHRASE, _phrases(rows))


def _phrases(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [
        {"phrase": phrase, "key": row.key}
        for row in rows
        for phrase in dict.fromkeys(line.replace(" ", "") for line in row.short.split("\n"))
        if phrase
    ]


def _count(connection: Connection, *, gone: Sequence[Row], new: Sequence[Row]) -> None:
    counts = Counter(term for row in new for term in _terms(row))
    counts.subtract(term for row in gone for term in _terms(row))
    change: int = connection.execute(_LAST_CHANGE).scalar_one()
    _run(
        connection,
        _COUNT,
        [
            {"kind": kind, "term": term, "more": more, "change": change}
            for (kind, term), more in counts.items()
            if more
        ],
    )


def _terms(row: Row) -> Iterable[tuple[str, str]]:
    """(kind, term), each once."""
    yield from {("short", word) for word in row.short.split()}
    yield from {("long", word) for word in row.long.split()}
    yield from {("gram", row.short[i : i + 3]) for i in range(len(row.short) - 2)}


def _windows(row: Row, rights: Rights) -> list[dict[str, object]]:
    """One row a window; none for what is not shown at all."""
    return [
        {
            "key": row.key,
            "country": window.country,
            "from_ms": window.from_ms,
            "until_ms": window.until_ms,
            "maturity": int(rights.maturity),
        }
        for window in rights.windows
        if rights.shown
    ]


def _run(connection: Connection, statement: object, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        connection.execute(statement, rows)  # type: ignore[call-overload]
