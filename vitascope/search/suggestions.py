"""What a person may be about to type, drawn from the titles that were found for them."""

from collections.abc import Iterable, Sequence

from vitascope.search.contract import Hit, Suggestion, SuggestionKind
from vitascope.search.entries import Entry, Phrase
from vitascope.search.likeness import Likeness

_GOOD = 0.62


def suggestions(
    likeness: Likeness, hits: Sequence[Hit], entries: Sequence[Entry], limit: int = 8
) -> list[Suggestion]:
    """Returns names, people and genres that the query begins or nearly is; best first, each
    once."""
    by_id = {entry.title_id: entry for entry in entries}
    kinds: dict[Phrase, SuggestionKind] = {}
    for hit in hits:
        for kind, offer in _offers(by_id[hit.title_id]):
            kinds.setdefault(offer, kind)
    scored = [(likeness.of(offer), offer) for offer in kinds]
    good = sorted((-score, offer.written, offer) for score, offer in scored if score >= _GOOD)
    return [Suggestion(text=written, kind=kinds[offer]) for _, written, offer in good[:limit]]


def _offers(entry: Entry) -> Iterable[tuple[SuggestionKind, Phrase]]:
    yield from (("title", name) for name in entry.names)
    yield from (("person", person) for person in entry.people)
    yield from (("genre", genre) for genre in entry.genres)
