"""Full text on SQLite's FTS5.

How the words map: a document is a row of `documents` (its folded text) and of two FTS5 tables
over it, `words` and `grams` (runs of three letters of the short fields); its rights are rows of
`rights`, one a window; its short fields, written without spaces, are rows of `phrases`. `terms`
counts the documents of every term. Each process keeps these counts in memory and reads before a
query those that changed. Answers are ordered by bm25, short fields weighing more.

Costs: a database file of about four times the text; some milliseconds for a document that
changed. A query reads a bounded part of the index (`recall.py`): 2-4 ms at 15,000 titles, much the
same at 5,000. Needs a database of SQLite: where the rows live on PostgreSQL this index still
lives beside the process that searches, and is rebuilt from the catalogue when it is lost.
"""

import threading
from collections.abc import Sequence

import msgspec
from sqlalchemy import text

from vitascope.engines.rows import Connection, Rows
from vitascope.engines.text.contract import CANDIDATES, TextDocument
from vitascope.engines.text.folding import tokens
from vitascope.engines.text.recall import Recall, recall
from vitascope.engines.text.sqlite_writing import put, remove
from vitascope.engines.text.vocabulary import Vocabulary
from vitascope.kernel.country import EVERYWHERE
from vitascope.kernel.scope import Scope

MIGRATIONS = "vitascope.engines.text.migrations"

_ALLOWED = """EXISTS (
    SELECT 1 FROM rights
     WHERE rights.key = {key} AND rights.country IN (:country, :everywhere)
       AND rights.from_ms <= :at_ms AND (rights.until_ms IS NULL OR :at_ms < rights.until_ms)
       AND rights.maturity <= :maturity)"""
_BEGINNING = text(f"""
    SELECT key FROM phrases
     WHERE phrase >= :beginning AND phrase < :beyond AND {_ALLOWED.format(key="phrases.key")}
     ORDER BY phrase LIMIT :limit""")
_WORDS = text(f"""
    SELECT words.rowid FROM words
     WHERE words MATCH :match AND {_ALLOWED.format(key="words.rowid")}
     ORDER BY bm25(words, 6.0, 1.0) LIMIT :limit""")
_GRAMS = text(f"""
    SELECT grams.rowid FROM grams
     WHERE grams MATCH :match AND {_ALLOWED.format(key="grams.rowid")}
     ORDER BY rank LIMIT :limit""")
_TOGETHER = text(f"""
    SELECT words.rowid FROM words
     WHERE words MATCH :match AND {_ALLOWED.format(key="words.rowid")}
     ORDER BY words.rowid DESC LIMIT :limit""")
_KNOWN = text("SELECT id FROM documents WHERE id IN (SELECT value FROM json_each(:ids))")
_IDS = text("SELECT key, id FROM documents WHERE key IN (SELECT value FROM json_each(:keys))")
_CHANGE = text("SELECT last FROM text_change")
_TERMS = text("SELECT kind, term, documents FROM terms WHERE change > :since")


class SqliteText:
    """`rows` is a database of its own, on SQLite, opened with `MIGRATIONS`."""

    def __init__(self, rows: Rows) -> None:
        if rows.dialect != "sqlite":
            raise ValueError(f"FTS5 needs SQLite; this database is {rows.dialect}.")
        self._rows = rows
        self._vocabulary = Vocabulary()
        self._reading = threading.Lock()  # queries run in the threads of the database

    async def put(self, documents: Sequence[TextDocument]) -> None:
        if documents:
            await self._rows.write(lambda connection: put(connection, documents))

    async def remove(self, ids: Sequence[str]) -> None:
        if ids:
            await self._rows.write(lambda connection: remove(connection, ids))

    async def known(self, ids: Sequence[str]) -> frozenset[str]:
        def work(connection: Connection) -> frozenset[str]:
            rows = connection.execute(_KNOWN, {"ids": msgspec.json.encode(ids).decode()})
            return frozenset(rows.scalars())

        return await self._rows.read(work)

    async def candidates(self, query: str, *, scope: Scope, limit: int = CANDIDATES) -> list[str]:
        words = tokens(query)
        if not words:
            return []

        def work(connection: Connection) -> list[str]:
            keys = _found(connection, self._recall(connection, words), scope, limit)
            asked = {"keys": msgspec.json.encode(keys).decode()}
            ids = {row.key: row.id for row in connection.execute(_IDS, asked)}
            return [ids[key] for key in keys]

        return await self._rows.read(work)

    def _recall(self, connection: Connection, words: Sequence[str]) -> Recall:
        with self._reading:
            last: int = connection.execute(_CHANGE).scalar_one()
            if last > self._vocabulary.change:
                changed = connection.execute(_TERMS, {"since": self._vocabulary.change})
                self._vocabulary.take(last, changed)
            return recall(words, self._vocabulary)


def _found(connection: Connection, asked: Recall, scope: Scope, limit: int) -> list[int]:
    given = {
        "country": scope.country,
        "everywhere": EVERYWHERE,
        "at_ms": scope.at_ms,
        "maturity": int(scope.maturity),
        "limit": limit,
    }
    bounds = {"beginning": asked.beginning, "beyond": asked.beginning + "\U0010ffff"}
    found = [connection.execute(_BEGINNING, {**given, **bounds})]
    matches = (
        (_WORDS, " OR ".join(_in("short", asked.short) + _in("long", asked.long))),
        (_GRAMS, " OR ".join(map(_quoted, asked.grams))),
        (_TOGETHER, " AND ".join(map(_quoted, asked.together))),
    )
    found += [connection.execute(q, {**given, "match": match}) for q, match in matches if match]
    return _interleaved([rows.scalars().all() for rows in found], limit)


def _in(column: str, words: Sequence[str]) -> list[str]:
    return [f"{column} : ({' OR '.join(map(_quoted, words))})"] if words else []


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _interleaved(answers: Sequence[Sequence[int]], limit: int) -> list[int]:
    """First of each, second of each, and so on, without repetition."""
    longest = max(len(answer) for answer in answers)
    mixed = [answer[i] for i in range(longest) for answer in answers if i < len(answer)]
    return list(dict.fromkeys(mixed))[:limit]
