"""From what was typed to titles: recall by the text engine, order by our own ranking."""

from collections.abc import Sequence

from vitascope.engines.rows import Rows
from vitascope.engines.text import Text, TextDocument
from vitascope.kernel.ids import TitleId
from vitascope.search.contract import Found, SearchDocument
from vitascope.search.ranking import ranked
from vitascope.search.store import DocumentStore
from vitascope.search.suggestions import suggestions
from vitascope.search.synonyms import readings

LONGEST_QUERY = 120  # letters; what comes after says nothing more


class SearchFinder:
    """Implements `Search`."""

    def __init__(self, *, rows: Rows, text: Text) -> None:
        self._documents = DocumentStore(rows)
        self._text = text

    async def index(self, documents: Sequence[SearchDocument]) -> None:
        if documents:
            await self._documents.put(documents)
            await self._text.put([_recalled_by(document) for document in documents])

    async def remove(self, title_ids: Sequence[TitleId]) -> None:
        await self._text.remove(title_ids)
        await self._documents.remove(title_ids)

    async def unknown(self, title_ids: Sequence[TitleId]) -> list[TitleId]:
        recalled = await self._text.known(title_ids)
        read = {document.title_id for document in await self._documents.find(title_ids)}
        return [each for each in title_ids if each not in recalled or each not in read]

    async def find(self, query: str, *, within: frozenset[TitleId], limit: int = 40) -> Found:
        typed = query[:LONGEST_QUERY]
        ids: dict[str, None] = {}
        for reading in readings(typed):
            allowed = frozenset[str](within)
            ids.update(dict.fromkeys(await self._text.candidates(reading, within=allowed)))
        documents = await self._documents.find(list(ids))
        hits = max(
            (ranked(reading, documents, limit) for reading in readings(typed)),
            key=lambda found: found[0].score if found else 0.0,
        )
        return Found(hits=tuple(hits), suggestions=tuple(suggestions(typed, hits, documents)))


def _recalled_by(document: SearchDocument) -> TextDocument:
    return TextDocument(
        id=document.title_id,
        short=(*document.names, *document.people, *document.genres),
        long=" ".join([*document.tags, document.text, str(document.year)]),
    )
