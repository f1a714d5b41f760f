"""From what was typed to titles: recall by the text engine, order by our own ranking."""

import asyncio
from collections.abc import Sequence

from vitascope.engines.rows import Rows
from vitascope.engines.text import Text, TextDocument
from vitascope.kernel.ids import TitleId
from vitascope.kernel.scope import Scope
from vitascope.search.contract import Found, SearchDocument
from vitascope.search.entries import Entry, phrase
from vitascope.search.likeness import Likeness
from vitascope.search.ranking import ranked
from vitascope.search.store import EntryStore
from vitascope.search.suggestions import suggestions
from vitascope.search.synonyms import readings

LONGEST_QUERY = 120  # letters, before folding and after; what comes later says nothing more
LONGEST_WORD = 30
MOST_WORDS = 12


class SearchFinder:
    """Implements `Search`. All that takes time runs in threads: of the databases, and others."""

    def __init__(self, *, rows: Rows, text: Text) -> None:
        self._entries = EntryStore(rows)
        self._text = text

    async def index(self, documents: Sequence[SearchDocument]) -> None:
        if documents:
            await self._entries.put(documents)
            await self._text.put([_recalled_by(document) for document in documents])

    async def remove(self, title_ids: Sequence[TitleId]) -> None:
        if title_ids:
            await self._text.remove(title_ids)
            await self._entries.remove(title_ids)

    async def unknown(self, title_ids: Sequence[TitleId]) -> list[TitleId]:
        recalled = await self._text.known(title_ids)
        kept = await self._entries.known(title_ids)
        return [each for each in title_ids if each not in recalled or each not in kept]

    async def find(self, query: str, *, scope: Scope, limit: int = 40) -> Found:
        asked = [bounded(reading) for reading in readings(query[:LONGEST_QUERY])]
        recalled = [await self._text.candidates(reading, scope=scope) for reading in asked]
        ids = list(dict.fromkeys(title_id for found in recalled for title_id in found))
        if not ids:
            return Found(hits=(), suggestions=())
        entries = await self._entries.find(ids)
        return await asyncio.to_thread(_ordered, asked, entries, limit)


def bounded(folded: str) -> str:
    """Returns the part of a folded query that is looked for. One character may fold to eighteen
    letters (U+FDFA), so that 120 of them cost 86 ms; many words cost a look at all words each."""
    words = [word[:LONGEST_WORD] for word in folded[:LONGEST_QUERY].split()]
    return " ".join(words[:MOST_WORDS])


def _ordered(asked: Sequence[str], entries: Sequence[Entry], limit: int) -> Found:
    phrases = [each for entry in entries for each in entry.phrases]
    likenesses = [Likeness(phrase(reading), phrases) for reading in asked]
    hits = max(
        (ranked(likeness, entries, limit) for likeness in likenesses),
        key=lambda found: found[0].score if found else 0.0,
    )
    return Found(hits=tuple(hits), suggestions=tuple(suggestions(likenesses[0], hits, entries)))


def _recalled_by(document: SearchDocument) -> TextDocument:
    return TextDocument(
        id=document.title_id,
        short=(*document.names, *document.people, *document.genres),
        long=" ".join([*document.tags, document.text, str(document.year)]),
        rights=document.rights,
    )
