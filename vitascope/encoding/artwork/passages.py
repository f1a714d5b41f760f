"""Which few seconds of a film make its preview: the liveliest, and fit to be seen. Pure.

How many bits each shot took in the search for cuts tells where much happens; of the passages with
the most, a look at each tells which one moves, and which is only grain or flicker in the dark.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from vitascope.encoding.artwork.stills import Look, Place, inner, within
from vitascope.encoding.contract.picture import Chunk
from vitascope.encoding.timing import frames_in

LASTS_S = 6.0
_SHORTEST_S = 2.0
_LOOKED_AT = 4  # passages
_LOOKS_EACH = 3


def candidates(chunks: Sequence[Chunk], frames: int, rate: Fraction) -> list[range]:
    """Returns the passages with the most going on, none over another; none in a film too short for
    one."""
    allowed = inner(frames)
    length = min(frames_in(LASTS_S, rate), len(allowed))
    if length < frames_in(_SHORTEST_S, rate):
        return []
    starts = _starts(chunks, allowed, length)
    found: list[range] = []
    for start in sorted(starts, key=lambda start: (-_bits(chunks, start, length), start)):
        if all(abs(start - other.start) >= length for other in found):
            found.append(range(start, start + length))
    return sorted(found[:_LOOKED_AT], key=lambda passage: passage.start)


def _starts(chunks: Sequence[Chunk], allowed: range, length: int) -> list[int]:
    """Returns where a shot begins; and as late as may be, where every shot begins too late."""
    last = allowed.stop - length
    begins = {start for chunk in chunks for start in (chunk.start, *chunk.keyframes)}
    return sorted({start for start in begins if allowed.start <= start <= last} | {last})


def _bits(chunks: Sequence[Chunk], start: int, length: int) -> float:
    return sum(
        chunk.complexity * max(0, min(chunk.end, start + length) - max(chunk.start, start))
        for chunk in chunks
    )


def places(passage: range, rate: Fraction) -> list[Place]:
    return within(passage.start, passage.stop, _LOOKS_EACH, rate)


def liveliest(found: Sequence[range], looks: Sequence[Look]) -> range | None:
    """Returns the passage that moves most, by the looks at the places of each; one that is black,
    fading or lettered in part counts for less, and one that is black throughout for nothing."""
    best, most = None, 0.0
    for n, passage in enumerate(found):
        worth = _worth(looks[n * _LOOKS_EACH : (n + 1) * _LOOKS_EACH])
        if worth > most:
            best, most = passage, worth
    return best


def _worth(seen: Sequence[Look]) -> float:
    share = float(np.mean([one.fit for one in seen]))
    moves = float(np.mean([min(one.change, 40.0) for one in seen]))
    lettered = float(np.mean([min(1.0, 5 * one.lettered) for one in seen]))
    return share**2 * (1 - 0.8 * lettered) * (2.0 + moves)
