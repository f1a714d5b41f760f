"""Our own order of the candidates: pure, the same whichever engine recalled them.

Every word of the query is looked for in every field, and counts by how well it matches (whole,
as the beginning of a word, or misspelt) and by how much the field says (a name more than a tag, a
tag more than a synopsis). A name or a person that matches as a whole counts for more than words
scattered over fields. See docs/decisions/0011-search-ranking.md.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from vitascope.engines.text import fold, tokens
from vitascope.search.contract import Hit, SearchDocument

NAME, PERSON, GENRE, TAG, TEXT, YEAR = 1.0, 0.84, 0.74, 0.62, 0.4, 0.6
SCATTERED = 0.86
"""Of words found in different fields, against a whole match."""

FLOOR = 0.3
"""Below this a candidate is no answer."""

BESIDE_THE_BEST = 0.5
"""What scores less than this share of the best is noise beside it."""


class Phrase(NamedTuple):
    """A name, a person, a genre: folded once."""

    text: str
    words: tuple[str, ...]
    compact: str


@lru_cache(maxsize=65536)
def phrase(text: str) -> Phrase:
    folded = fold(text)
    return Phrase(folded, tuple(folded.split()), folded.replace(" ", ""))


def ranked(query: str, documents: Sequence[SearchDocument], limit: int) -> list[Hit]:
    """Best first; ties by popularity, then by id so that the order is the same every time."""
    asked = phrase(query)
    if not asked.words:
        return []
    scored = [(scored_hit(asked, document), document.popularity) for document in documents]
    best = max((hit.score for hit, _ in scored), default=0.0)
    bar = max(FLOOR, best * BESIDE_THE_BEST)
    good = [(hit, liked) for hit, liked in scored if hit.score >= bar]
    good.sort(key=lambda found: (-round(found[0].score, 3), -found[1], found[0].title_id))
    return [hit for hit, _ in good[:limit]]


def scored_hit(asked: Phrase, document: SearchDocument) -> Hit:
    names = [phrase(name) for name in document.names]
    people = [phrase(person) for person in document.people]
    by_name = max((NAME * likeness(asked, name) for name in names), default=0.0)
    by_person = max((PERSON * likeness(asked, person) for person in people), default=0.0)
    genres = [phrase(genre) for genre in document.genres]
    by_genre = max((GENRE * likeness(asked, genre) for genre in genres), default=0.0)
    scattered = SCATTERED * _scattered(asked, names, people, genres, document)
    score, matched = max(
        (by_name, "name"), (by_person, "people"), (by_genre, "genre"), (scattered, "text")
    )
    return Hit(title_id=document.title_id, score=score, matched=matched)


def likeness(asked: Phrase, known: Phrase) -> float:
    """How well the whole query matches the whole phrase, 0 to 1."""
    if not known.words:
        return 0.0
    if asked.text == known.text:
        return 1.0
    if known.text.startswith(asked.text):
        return 0.9 + 0.08 * len(asked.text) / len(known.text)
    glued = _spelt(asked.compact, known.compact)
    return max(_aligned(asked, known), 0.93 * glued if glued > 0.66 else 0.0)


def _aligned(asked: Phrase, known: Phrase) -> float:
    """Each word of the query with its best word of the phrase; longer words weigh more."""
    weight = sum(len(word) for word in asked.words)
    found = 0.0
    used: set[int] = set()
    for i, word in enumerate(asked.words):
        last = i == len(asked.words) - 1
        quality, place = max(
            (word_likeness(word, other, unfinished=last), -k) for k, other in enumerate(known.words)
        )
        found += quality * len(word) * (0.6 if -place in used else 1.0)
        used.add(-place)
    share = len(asked.compact) / max(len(known.compact), len(asked.compact))
    return found / weight * (0.82 + 0.13 * share)


def word_likeness(word: str, other: str, *, unfinished: bool) -> float:
    """1 when equal, less for a beginning (which the last word typed may be), less for a slip."""
    if word == other:
        return 1.0
    if other.startswith(word) and (unfinished or len(word) >= 3):
        return 0.88 + 0.1 * len(word) / len(other)
    if len(word) < 3:
        return 0.0
    spelt = _spelt(word, other)
    if unfinished and len(other) > len(word) >= 4:  # a slip while still typing the word
        begun = max(_spelt(word, other[: len(word) + k]) for k in (-1, 0, 1))
        spelt = max(spelt, begun * 0.9)
    return spelt * 0.92 if spelt >= 0.58 else 0.0


@lru_cache(maxsize=200_000)
def _spelt(word: str, other: str) -> float:
    return float(OSA.normalized_similarity(word, other, score_cutoff=0.5))


def _scattered(
    asked: Phrase,
    names: Sequence[Phrase],
    people: Sequence[Phrase],
    genres: Sequence[Phrase],
    document: SearchDocument,
) -> float:
    """The query's words, each wherever in the document it is found best."""
    fields = [
        (NAME, {word for each in names for word in each.words}),
        (PERSON, {word for each in people for word in each.words}),
        (GENRE, {word for each in genres for word in each.words}),
        (TAG, {word for tag in document.tags for word in phrase(tag).words}),
    ]
    text = set(tokens(document.text))
    weight = sum(len(word) for word in asked.words)
    found = 0.0
    for word in asked.words:
        best = max(
            (value * max((word_likeness(word, o, unfinished=False) for o in words), default=0.0))
            for value, words in fields
        )
        in_text = TEXT if word in text else 0.0
        in_year = YEAR if word == str(document.year) else 0.0
        found += len(word) * max(best, in_text, in_year)
    return found / weight
