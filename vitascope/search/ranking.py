"""Our own order of the candidates: pure, the same whichever engine recalled them.

Every word of the query is looked for in every field, and counts by how well it matches (whole,
as the beginning of a word, or misspelt) and by how much the field says (a name more than a tag, a
tag more than a synopsis). A name or a person that matches as a whole counts for more than words
scattered over fields. See docs/decisions/0011-search-ranking.md.
"""

from collections.abc import Iterable, Sequence

from vitascope.search.contract import Hit, MatchedField
from vitascope.search.entries import Entry, Phrase
from vitascope.search.likeness import Likeness

NAME, PERSON, GENRE, TAG, TEXT, YEAR = 1.0, 0.84, 0.74, 0.62, 0.4, 0.6
SCATTERED = 0.86
"""Of words found in different fields, against a whole match."""

FLOOR = 0.3
"""Below this a candidate is no answer."""

SURE = 0.64
"""A name, a person or a genre that is less like the query is another one."""

COVERED = 0.5
"""Of the letters of the query, the share in words that were found, where words are scattered."""

BESIDE_THE_BEST = 0.5
"""What scores less than this share of the best is noise beside it."""


def ranked(likeness: Likeness, entries: Sequence[Entry], limit: int) -> list[Hit]:
    """Returns hits, best first; ties by popularity, then by id so that the order is the same every
    time. What is noise beside the best is left out."""
    scored = [(scored_hit(likeness, entry), entry.popularity) for entry in entries]
    best = max((hit.score for hit, _ in scored), default=0.0)
    bar = max(FLOOR, best * BESIDE_THE_BEST)
    good = [(hit, liked) for hit, liked in scored if hit.score >= bar]
    good.sort(key=lambda found: (-round(found[0].score, 3), -found[1], found[0].title_id))
    return [hit for hit, _ in good[:limit]]


def scored_hit(likeness: Likeness, entry: Entry) -> Hit:
    by_field: tuple[tuple[float, MatchedField], ...] = (
        (NAME * _sure(likeness, entry.names), "name"),
        (PERSON * _sure(likeness, entry.people), "people"),
        (GENRE * _sure(likeness, entry.genres), "genre"),
        (SCATTERED * _scattered(likeness, entry), "text"),
    )
    score, matched = max(by_field)
    return Hit(title_id=entry.title_id, score=score, matched=matched)


def _sure(likeness: Likeness, phrases: Iterable[Phrase]) -> float:
    best = max(map(likeness.of, phrases), default=0.0)
    return best if best >= SURE else 0.0


def _scattered(likeness: Likeness, entry: Entry) -> float:
    """The query's words, each wherever in the entry it is found best."""
    fields = (
        (NAME, entry.names),
        (PERSON, entry.people),
        (GENRE, entry.genres),
        (TAG, entry.tags),
    )
    best = [0.0] * len(likeness.words)
    for value, phrases in fields:
        for each in phrases:
            for i, quality, _ in likeness.found(each.text):
                if quality < SURE:
                    continue
                best[i] = max(best[i], value * quality)
    text = f" {entry.text} "
    found, covered = 0.0, 0
    for word, by_field in zip(likeness.words, best, strict=True):
        in_text = TEXT if f" {word} " in text else 0.0
        in_year = YEAR if word == str(entry.year) else 0.0
        value = max(by_field, in_text, in_year)
        found += len(word) * value
        covered += len(word) if value else 0
    return found / likeness.weight if covered > COVERED * likeness.weight else 0.0
