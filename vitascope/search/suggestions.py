"""What a person may be about to type, drawn from the titles that were found for them."""

from collections.abc import Iterable, Sequence

from vitascope.search.contract import Hit, SearchDocument, Suggestion
from vitascope.search.ranking import likeness, phrase

_GOOD = 0.62


def suggestions(
    query: str, hits: Sequence[Hit], documents: Sequence[SearchDocument], limit: int = 8
) -> list[Suggestion]:
    """Names, people and genres that the query begins or nearly is; best first, each once."""
    asked = phrase(query)
    by_id = {document.title_id: document for document in documents}
    found: dict[str, tuple[float, Suggestion]] = {}
    for hit in hits:
        for kind, text in _offers(by_id[hit.title_id]):
            score = likeness(asked, phrase(text))
            if score >= _GOOD and score > found.get(text, (0.0, None))[0]:
                found[text] = score, Suggestion(text=text, kind=kind)
    best = sorted(found.values(), key=lambda one: (-one[0], one[1].text))
    return [suggestion for _, suggestion in best[:limit]]


def _offers(document: SearchDocument) -> Iterable[tuple[str, str]]:
    yield from (("title", name) for name in document.names)
    yield from (("person", person) for person in document.people)
    yield from (("genre", genre) for genre in document.genres)
