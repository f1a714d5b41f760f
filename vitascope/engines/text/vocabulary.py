"""The terms of an index in memory: how many documents have each, and which ones a word may mean.

Reading the vocabulary costs a scan of the index, so it is read once and then only what changed:
each term carries the number of the change that last touched it, and a process asks for what is
above the number it saw last.
"""

import bisect
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

Kind = Literal["short", "long", "gram"]
"""Words of the short fields, words of the long field, runs of three letters of the short fields."""

COMPLETIONS = 8
MISSPELLINGS = 12


class Meaning(NamedTuple):
    term: str
    slips: int
    documents: int


class Vocabulary:
    """Not safe to use from several threads at once."""

    def __init__(self) -> None:
        self.change = 0  # the last one taken
        self._counts: dict[str, dict[str, int]] = {"short": {}, "long": {}, "gram": {}}
        self._sorted: list[str] = []  # the short fields' words
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)

    def take(self, change: int, counted: Iterable[tuple[str, str, int]]) -> None:
        """Take in (kind, term, documents) of the terms that changed up to `change`."""
        new: list[str] = []
        for kind, term, documents in counted:
            counts = self._counts[kind]
            known = term in counts
            if documents:
                counts[term] = documents
            elif known:
                del counts[term]
            if kind == "short" and known != bool(documents):
                if documents:
                    new.append(term)
                else:
                    self._forget(term)
        self._add(new)
        self.change = change

    def documents(self, kind: Kind, term: str) -> int:
        """Returns how many documents have the term, 0 for an unknown one."""
        return self._counts[kind].get(term, 0)

    def completions(self, word: str) -> list[Meaning]:
        """Returns the most common longer words of the short fields that begin with `word`."""
        first = bisect.bisect_right(self._sorted, word)
        after = bisect.bisect_left(self._sorted, word + "\U0010ffff", lo=first)
        counts = self._counts["short"]
        found = [Meaning(term, 0, counts[term]) for term in self._sorted[first:after]]
        return sorted(found, key=lambda meaning: -meaning.documents)[:COMPLETIONS]

    def misspellings(self, word: str) -> list[Meaning]:
        """Returns the words of the short fields that `word` may be a misspelling of, nearest
        first, of these the most common first. One slip is forgiven in words from three letters
        on, two from six, three from eleven. A swap of neighbours is one slip."""
        allowed = 0 if len(word) < 3 else 1 if len(word) < 6 else 2 if len(word) < 11 else 3
        found: list[Meaning] = []
        if allowed:
            for length in range(len(word) - allowed, len(word) + allowed + 1):
                found += self._within(word, self._by_length.get(length, []), allowed)
        found.sort(key=lambda meaning: (meaning.slips, -meaning.documents, meaning.term))
        return found[:MISSPELLINGS]

    def _within(self, word: str, terms: list[str], allowed: int) -> Iterable[Meaning]:
        if not terms:
            return
        slips = process.cdist(
            [word], terms, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8
        )[0]
        for place in np.flatnonzero(slips <= allowed):
            if slips[place]:
                term = terms[place]
                yield Meaning(term, int(slips[place]), self._counts["short"][term])

    def _add(self, terms: list[str]) -> None:
        for term in terms:
            self._by_length[len(term)].append(term)
        self._sorted.extend(terms)
        self._sorted.sort()  # nearly sorted already, which costs one pass

    def _forget(self, term: str) -> None:
        self._by_length[len(term)].remove(term)
        del self._sorted[bisect.bisect_left(self._sorted, term)]
