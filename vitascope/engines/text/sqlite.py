"""Full text on SQLite's FTS5.

How the words map: a document is a row of two FTS5 tables, `words` (its folded words) and `grams`
(the trigrams of its short fields). The fuzzy route reads the vocabulary of `words` once per
change, finds what a query's word may mean with rapidfuzz, and asks FTS5 for these words; the
trigram route asks for the query's trigrams. Both are ordered by bm25, short fields weighing more.

Costs: one database file of about three times the text; a query takes 1-3 ms at 15,000 titles, of
which the scan of the vocabulary is the larger part. Needs a database of SQLite: where the rows
live on PostgreSQL this index still lives beside the process that searches, and is rebuilt from
the catalogue when it is lost.
"""

from collections.abc import Sequence

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Connection, text

from vitascope.engines.rows import Rows
from vitascope.engines.text.contract import CANDIDATES, TextDocument
from vitascope.engines.text.folding import fold, tokens

MIGRATIONS = "vitascope.engines.text.migrations"

_MEANT_PER_WORD = 24
_FIND = """
    SELECT id FROM {table}
     WHERE {table} MATCH :match
       AND id IN (SELECT value FROM json_each(:within))
     ORDER BY bm25({table}, 0.0, 6.0, 1.0) LIMIT :limit
"""


class SqliteText:
    """`rows` is a database of its own, on SQLite, opened with `MIGRATIONS`."""

    def __init__(self, rows: Rows) -> None:
        if rows.dialect != "sqlite":
            raise ValueError(f"FTS5 needs SQLite; this database is {rows.dialect}.")
        self._rows = rows
        self._vocabulary: tuple[int, list[str]] = -1, []  # as of a change; replaced as one

    async def put(self, documents: Sequence[TextDocument]) -> None:
        def work(connection: Connection) -> None:
            _delete(connection, [document.id for document in documents])
            for document in documents:
                short = " \n ".join(fold(part) for part in document.short)
                row = {"id": document.id, "short": short, "long": fold(document.long)}
                connection.execute(
                    text("INSERT INTO words (id, short, long) VALUES (:id, :short, :long)"), row
                )
                connection.execute(text("INSERT INTO grams (id, short) VALUES (:id, :short)"), row)
            _count(connection)

        await self._rows.write(work)

    async def remove(self, ids: Sequence[str]) -> None:
        def work(connection: Connection) -> None:
            _delete(connection, ids)
            _count(connection)

        await self._rows.write(work)

    async def known(self, ids: Sequence[str]) -> frozenset[str]:
        asked = text("SELECT id FROM words WHERE id IN (SELECT value FROM json_each(:ids))")

        def work(connection: Connection) -> frozenset[str]:
            rows = connection.execute(asked, {"ids": msgspec.json.encode(ids).decode()})
            return frozenset(rows.scalars())

        return await self._rows.read(work)

    async def candidates(
        self, query: str, *, within: frozenset[str], limit: int = CANDIDATES
    ) -> list[str]:
        words = tokens(query)
        if not words or not within:
            return []
        allowed = msgspec.json.encode(sorted(within)).decode()

        def work(connection: Connection) -> list[str]:
            fuzzy = _fuzzy(words, self._read_vocabulary(connection))
            routes = [
                _find(connection, "words", fuzzy, allowed, limit),
                _find(connection, "grams", _trigrams(" ".join(words)), allowed, limit),
            ]
            return _interleaved(routes, limit)

        return await self._rows.read(work)

    def _read_vocabulary(self, connection: Connection) -> list[str]:
        last = connection.execute(text("SELECT last FROM text_change")).scalar_one()
        known_at, vocabulary = self._vocabulary
        if last != known_at:
            rows = connection.execute(text("SELECT term FROM vocabulary"))
            vocabulary = [row[0] for row in rows]
            self._vocabulary = last, vocabulary
        return vocabulary


def _fuzzy(words: Sequence[str], vocabulary: Sequence[str]) -> str:
    """What the words may mean, any of which will do: bm25 puts first who has most of them."""
    meant = {other for word in words for other in meanings(word, vocabulary)}
    exact = [_quoted(word) + "*" for word in words]
    return " OR ".join([*exact, *(_quoted(other) for other in sorted(meant))])


def meanings(word: str, vocabulary: Sequence[str]) -> list[str]:
    """The words of `vocabulary` that `word` may be a misspelling of: one slip of the finger in
    short words, two from six letters on, three from eleven. A swap of neighbours is one slip."""
    slips = 0 if len(word) < 3 else 1 if len(word) < 6 else 2 if len(word) < 11 else 3
    if slips == 0:
        return []
    found = process.extract(
        word, vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=_MEANT_PER_WORD
    )
    return [term for term, _, _ in found]


def _trigrams(words: str) -> str:
    grams = {words[i : i + 3] for i in range(len(words) - 2)}
    return " OR ".join(_quoted(gram) for gram in sorted(grams) if gram.strip())


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _find(connection: Connection, table: str, match: str, within: str, limit: int) -> list[str]:
    if not match:
        return []
    query = text(_FIND.format(table=table))
    rows = connection.execute(query, {"match": match, "within": within, "limit": limit})
    return [row[0] for row in rows]


def _interleaved(routes: Sequence[Sequence[str]], limit: int) -> list[str]:
    """First of each, second of each, and so on, without repetition."""
    longest = max(len(route) for route in routes)
    mixed = [route[i] for i in range(longest) for route in routes if i < len(route)]
    return list(dict.fromkeys(mixed))[:limit]


def _delete(connection: Connection, ids: Sequence[str]) -> None:
    for name in ids:
        for table in ("words", "grams"):
            connection.execute(text(f"DELETE FROM {table} WHERE id = :id"), {"id": name})


def _count(connection: Connection) -> None:
    connection.execute(text("UPDATE text_change SET last = last + 1"))
