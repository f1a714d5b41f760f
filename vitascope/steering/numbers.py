"""Sets of edges as sorted numbers, and drawing from them: the same few for the same viewer.

An edge's number is the first 32 bits of its id's hash. A draw goes down the halves of the space of
numbers: at each half it turns left with a probability of the share of edges that lie left, decided
by a hash of the viewer and the place. Every edge is therefore equally likely, a draw costs about
log2(n) steps, no table is kept, and when one of n edges comes or goes about log2(n) in n viewers
draw another one. All steering processes draw alike, because the set alone decides.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator

SMALL = 32  # up to here, sets are looked at whole
_SPACE = 1 << 32
_WORD = (1 << 64) - 1


class Numbers:
    """A sorted set of 32-bit numbers, 4 bytes each."""

    __slots__ = ("_sorted",)

    def __init__(self) -> None:
        self._sorted = array("I")

    def __len__(self) -> int:
        return len(self._sorted)

    def __iter__(self) -> Iterator[int]:
        return iter(self._sorted)

    def __contains__(self, number: int) -> bool:
        place = bisect_left(self._sorted, number)
        return place < len(self._sorted) and self._sorted[place] == number

    def add(self, number: int) -> None:
        place = bisect_left(self._sorted, number)
        if place == len(self._sorted) or self._sorted[place] != number:
            self._sorted.insert(place, number)

    def discard(self, number: int) -> None:
        place = bisect_left(self._sorted, number)
        if place < len(self._sorted) and self._sorted[place] == number:
            del self._sorted[place]

    def drawn(self, seed: int, tries: int) -> Iterator[int]:
        """Returns distinct numbers in the order in which a viewer draws them: all of a small set,
        of a larger one what comes up in `tries`."""
        if len(self) <= SMALL:
            yield from by_draw(self._sorted, seed)
            return
        seen: set[int] = set()
        for turn in range(tries):
            number = _draw(self._sorted, mixed(seed + turn))
            if number not in seen:
                seen.add(number)
                yield number


def by_draw(few: "array[int] | list[int]", seed: int) -> list[int]:
    """Returns these numbers in the order in which a viewer draws them: each draws a number for this
    viewer, and the highest goes first (rendezvous hashing)."""
    return sorted(few, key=lambda number: mixed(seed ^ number), reverse=True)


def number_of(edge_id: str) -> int:
    return int.from_bytes(hashlib.sha256(edge_id.encode()).digest()[:4])


def seed_of(viewer_key: str) -> int:
    return int.from_bytes(hashlib.sha256(viewer_key.encode()).digest()[:8])


def mixed(word: int) -> int:
    """Returns 64 bits in which every bit of `word` counts (the finalizer of SplitMix64)."""
    word &= _WORD
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & _WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & _WORD
    return word ^ (word >> 31)


def _draw(numbers: "array[int]", seed: int) -> int:
    low, high = 0, _SPACE
    first, last = 0, len(numbers)
    while last - first > 1:
        middle = (low + high) >> 1  # names the place: no other one has the same middle
        split = bisect_left(numbers, middle, first, last)
        if split == last or (
            split > first and mixed(seed ^ middle) * (last - first) >> 64 < split - first
        ):
            last, high = split, middle
        else:
            first, low = split, middle
    return numbers[first]
