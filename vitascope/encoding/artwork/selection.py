"""Which stills a partner may choose from: the best of the film, no two of them alike. Pure.

Shots of a conversation are cut to and fro, and a long shot is many times the same picture: what
looks like a better one is left out, whichever shot it is from.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from vitascope.encoding.artwork.stills import Frame, Place
from vitascope.encoding.contract.picture import Chunk

MOST = 12

_SMALL = (32, 18)
_ALIKE = 10.0  # mean difference of 255 between small copies; a still camera's are 1 to 4 apart
_OF_ONE_SHOT = 2.0  # times as different must be what is from the same shot


def selected(
    places: Sequence[Place],
    frames: Sequence[Frame],
    worth: Sequence[float],
    chunks: Sequence[Chunk],
) -> list[int]:
    """Returns which of the places are offered, by index, the best first: at most `MOST`. `worth` is
    their score, 0 for what is unfit."""
    copies = [_small(frame) for frame in frames]
    shots = np.searchsorted([chunk.start for chunk in chunks], [p.frame for p in places], "right")
    taken: list[int] = []
    for n in sorted(range(len(places)), key=lambda n: -worth[n]):
        if worth[n] <= 0 or len(taken) == MOST:
            break
        if all(
            _difference(copies[n], copies[m]) >= _ALIKE * (_OF_ONE_SHOT if same else 1.0)
            for m in taken
            for same in [shots[n] == shots[m]]
        ):
            taken.append(n)
    return taken


def _small(frame: Frame) -> npt.NDArray[np.float64]:
    small = Image.fromarray(frame).resize(_SMALL, Image.Resampling.BOX)
    return np.asarray(small, dtype=float)


def _difference(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    return float(np.abs(one - other).mean())
