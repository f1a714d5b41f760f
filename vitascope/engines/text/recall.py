"""What to ask an index for some words, so that reading the answer costs no more in a large index.

A common word says little and costs most: `the` is in every third name. So each question reads at
most so many entries of the index. The terms that may be meant are taken in the order in
which they are worth reading, as long as they fit, and the ranker weighs the common ones later.
"""

from collections.abc import Iterable, Sequence

import msgspec

from vitascope.engines.text.vocabulary import Vocabulary

ENTRIES = 1500
"""How many a question for words reads."""

GRAM_ENTRIES = 1500
"""How many a question for runs of letters reads."""

_GRAMS_AT_MOST = 24


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """Four questions; what one misses another mostly finds. An empty one need not be asked."""

    beginning: str  # names that begin with this, whatever breaks the words: "thegener"
    short: tuple[str, ...]  # any of these words in the short fields,
    long: tuple[str, ...]  # or any of these in the long field
    grams: tuple[str, ...]  # any of these runs of three letters in the short fields
    together: tuple[str, ...]  # all of these words: each alone is too common to be read


def recall(words: Sequence[str], vocabulary: Vocabulary) -> Recall:
    """Returns what to ask the index for. `words` are folded. The last one may not have been typed
    to its end."""
    short, long = _words(words, vocabulary)
    taken = {*short, *long}
    common = any(word not in taken and _count(word, vocabulary) for word in words)
    return Recall(
        beginning="".join(words),
        short=tuple(short),
        long=tuple(long),
        grams=tuple(_grams(" ".join(words), vocabulary)),
        together=tuple(dict.fromkeys(words)) if common else (),
    )


def _words(words: Sequence[str], vocabulary: Vocabulary) -> tuple[list[str], list[str]]:
    """Whole words, the rarest first; then what they begin or misspell, the most common first."""
    budget = _Budget(ENTRIES)
    rarest = sorted(dict.fromkeys(words), key=lambda word: _count(word, vocabulary))
    short = [w for w in rarest if budget.takes(vocabulary.documents("short", w))]
    long = [w for w in rarest if budget.takes(vocabulary.documents("long", w))]
    meant = [
        meaning
        for word in words
        for meaning in (
            *(vocabulary.completions(word) if len(word) > 2 or word == words[-1] else ()),
            *vocabulary.misspellings(word),
        )
    ]
    meant.sort(key=lambda meaning: meaning.slips)
    short += [meaning.term for meaning in meant if budget.takes(meaning.documents)]
    return list(dict.fromkeys(short)), long


def _grams(typed: str, vocabulary: Vocabulary) -> Iterable[str]:
    budget = _Budget(GRAM_ENTRIES)
    grams = {typed[i : i + 3] for i in range(len(typed) - 2)}
    counted = sorted((vocabulary.documents("gram", gram), gram) for gram in grams)
    return [gram for count, gram in counted if budget.takes(count)][:_GRAMS_AT_MOST]


def _count(word: str, vocabulary: Vocabulary) -> int:
    return vocabulary.documents("short", word) + vocabulary.documents("long", word)


class _Budget:
    """How many entries may still be read."""

    def __init__(self, entries: int) -> None:
        self._left = entries

    def takes(self, entries: int) -> bool:
        """Returns True if there are some, and they still fit."""
        if not 0 < entries <= self._left:
            return False
        self._left -= entries
        return True
