"""How well a query matches a phrase, and each of its words each word of the candidates.

The 120 candidates have some 1,500 different words between them. Comparing a word of the query
with all of these is one call of rapidfuzz, so it is done once for a query and looked up then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from vitascope.search.entries import Phrase

_Found = tuple[tuple[int, float, str], ...]
"""(the place of a word in the query, how well it is matched, by which word), in that order."""

_Matches = Mapping[str, Sequence[tuple[int, float]]]
"""A word of the candidates, and which words of the query it matches how well. Few match any."""

LEAST = 0.58
"""Words less alike than this are different words."""

SHORTEST_COMPACT = 5
"""Fewer letters run together are the beginning of too much."""

LEAST_WHOLE = 0.66
"""The same for whole phrases."""


class Likeness:
    """Of one query to the `phrases` of its candidates. All values are between 0 and 1."""

    def __init__(self, asked: Phrase, phrases: Iterable[Phrase]) -> None:
        self._asked = asked
        self._compact = asked.compact
        self.words = asked.text.split()
        self.weight = sum(map(len, self.words))
        known = {each.text: each.compact for each in phrases}
        self._words = {text: text.split() for text in known}
        others = list({word for words in self._words.values() for word in words})
        whole = _whole(self.words, others)
        self._whole = _by_other(whole)
        self._typed = _by_other(whole | _unfinished(self.words, others))
        glued, texts = _alike(self._compact, list(known.values())), list(known)
        self._glued = {texts[place]: quality for place, quality in glued}
        self._of: dict[str, float] = {}
        self._found: dict[str, _Found] = {}

    def of(self, known: Phrase) -> float:
        """Returns how well the whole query matches the whole phrase."""
        if known.text not in self._of:
            self._of[known.text] = self._compare(known)
        return self._of[known.text]

    def found(self, text: str) -> _Found:
        """Returns the words of the query that are among those of `text`, as whole words."""
        if text not in self._found:
            self._found[text] = _best(self._whole, self._words[text])
        return self._found[text]

    def _compare(self, known: Phrase) -> float:
        asked = self._asked.text
        if not known.text:
            return 0.0
        if asked == known.text:
            return 1.0
        if known.text.startswith(asked):
            return 0.9 + 0.08 * len(asked) / len(known.text)
        compact = known.compact
        if len(self._compact) >= SHORTEST_COMPACT and compact.startswith(self._compact):
            return 0.88 + 0.08 * len(self._compact) / len(compact)
        glued = self._glued.get(known.text, 0.0)
        return max(self._aligned(known), 0.93 * glued if glued > LEAST_WHOLE else 0.0)

    def _aligned(self, known: Phrase) -> float:
        """Each word of the query with its best word of the phrase; longer words weigh more, and a
        word of the phrase that was taken already counts for less."""
        found = 0.0
        used: set[str] = set()
        for i, quality, other in _best(self._typed, self._words[known.text]):
            found += quality * len(self.words[i]) * (0.6 if other in used else 1.0)
            used.add(other)
        if not found:
            return 0.0
        share = len(self._compact) / max(len(known.compact), len(self._compact))
        return found / self.weight * (0.82 + 0.13 * share)


def _best(matches: _Matches, others: Iterable[str]) -> _Found:
    """Each word of the query that has some among `others`, with the best of them."""
    best: dict[int, tuple[int, float, str]] = {}
    for other in others:
        for i, quality in matches.get(other, ()):
            if i not in best or quality > best[i][1]:
                best[i] = i, quality, other
    return tuple(best[i] for i in sorted(best))


def _by_other(qualities: Mapping[tuple[int, str], float]) -> _Matches:
    matches: dict[str, list[tuple[int, float]]] = {}
    for (i, other), quality in qualities.items():
        matches.setdefault(other, []).append((i, quality))
    return matches


def _whole(words: Sequence[str], others: Sequence[str]) -> dict[tuple[int, str], float]:
    """1 when equal, less for a beginning of three letters or more, less for a slip."""
    found: dict[tuple[int, str], float] = {}
    for i, word in enumerate(words):
        if len(word) < 3:
            found |= {(i, other): 1.0 for other in others if other == word}
            continue
        found |= _misspelt(i, word, others)
        found |= {(i, other): _begun(word, other) for other in others if other.startswith(word)}
    return found


def _unfinished(words: Sequence[str], others: Sequence[str]) -> dict[tuple[int, str], float]:
    """The last word may be short of some letters, even with a slip in those that are there."""
    i, word = len(words) - 1, words[-1]
    found = {(i, other): _begun(word, other) for other in others if other.startswith(word)}
    if len(word) < 4:
        return found
    longer = [o for o in others if len(o) > len(word) and (i, o) not in found]
    for k in (-1, 0, 1):
        for place, quality in _alike(word, [other[: len(word) + k] for other in longer]):
            if quality * 0.9 >= LEAST:
                key = i, longer[place]
                found[key] = max(found.get(key, 0.0), quality * 0.9 * 0.92)
    whole = _misspelt(i, word, longer)
    return {key: max(quality, whole.get(key, 0.0)) for key, quality in found.items()}


def _misspelt(i: int, word: str, others: Sequence[str]) -> dict[tuple[int, str], float]:
    alike = _alike(word, others)
    return {(i, others[place]): quality * 0.92 for place, quality in alike if quality >= LEAST}


def _begun(word: str, other: str) -> float:
    return 1.0 if word == other else 0.88 + 0.1 * len(word) / len(other)


def _alike(word: str, others: Sequence[str]) -> Iterator[tuple[int, float]]:
    """Yields (place, 1 less the share of letters that differ) of those that share a half."""
    if others:
        scorer = OSA.normalized_similarity
        alike = process.cdist([word], others, scorer=scorer, score_cutoff=0.5, dtype=np.float32)[0]
        for place in np.flatnonzero(alike):
            yield int(place), float(alike[place])
