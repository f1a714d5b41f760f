"""Which frames of a film are worth showing, judged on small copies of them.

A look is two frames of one shot, a moment apart: the first says what the picture is like, both
together whether it moves, or only fades. Everything here is arithmetic on arrays.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import msgspec
import numpy as np
import numpy.typing as npt

from vitascope.encoding.contract.picture import Chunk
from vitascope.encoding.timing import frames_in

Frame = npt.NDArray[np.uint8]
"""Rows, columns, red green blue."""

EDGE = 0.05  # of the film, at either end, where titles and credits are
_APART_S = 0.4  # between the two frames of a look
_LEAST = 12  # looks at a film of few shots

_LUMA = np.array([0.2126, 0.7152, 0.0722])
_DARK, _BRIGHT = 24.0, 240.0
_DOWN, _ACROSS = 9, 16  # parts in which the focus is looked for


class Place(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Two frames of one shot, by number."""

    frame: int
    later: int


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a place is like. Brightness from 0 to 255, shares from 0 to 1."""

    mean: float
    contrast: float  # standard deviation of brightness
    dark: float  # share that is black or nearly so
    bright: float
    edges: float  # steepness of the sharpest tenth
    colour: float  # colourfulness after Hasler and Süsstrunk
    focus: float  # 0: as much to see everywhere; 1: all in one spot
    lettered: float  # share of the height that has lettering in it
    change: float  # mean difference between the two frames
    fades: bool

    @property
    def fit(self) -> bool:
        return self.mean >= 20 and self.contrast >= 12 and self.dark <= 0.85 and not self.fades


def inner(frames: int) -> range:
    """Returns the film without its first and its last moments."""
    return range(round(frames * EDGE), max(1, round(frames * (1 - EDGE))))


def places(chunks: Sequence[Chunk], frames: int, rate: Fraction, most: int) -> list[Place]:
    """Returns the middles of the shots, at most `most`, evenly over the film; of few shots several
    each."""
    each = ceil(_LEAST / len(chunks)) if len(chunks) < _LEAST else 1
    found = [place for chunk in chunks for place in within(chunk.start, chunk.end, each, rate)]
    allowed = inner(frames)
    kept = [place for place in found if place.frame in allowed and place.later in allowed]
    step = max(1.0, len(kept) / most)
    return [kept[int((n + 0.5) * step)] for n in range(min(most, len(kept)))]


def within(start: int, end: int, count: int, rate: Fraction) -> list[Place]:
    """Returns `count` places, each in the middle of its part of the frames from `start` to
    `end`."""
    edges = [start + (end - start) * n // count for n in range(count + 1)]
    apart = min(frames_in(_APART_S, rate), max(1, (end - start) // count // 3))
    middles = [(a + b) // 2 for a, b in itertools.pairwise(edges)]
    return [Place(frame=n, later=min(n + apart, end - 1)) for n in middles]


def luma(frame: Frame) -> npt.NDArray[np.float64]:
    return np.asarray(frame @ _LUMA)


def look(first: Frame, later: Frame) -> Look:
    one, two = luma(first), luma(later)
    return Look(
        mean=float(one.mean()),
        contrast=float(one.std()),
        dark=float((one < _DARK).mean()),
        bright=float((one > _BRIGHT).mean()),
        edges=_edges(one),
        colour=_colourfulness(first),
        focus=_focus(one),
        lettered=_lettered(first, one),
        change=float(np.abs(one - two).mean()),
        fades=_fades(one, two),
    )


def steepness(brightness: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Returns how much each pixel differs from its neighbours."""
    down, across = np.gradient(brightness)
    return np.asarray(np.hypot(down, across))


def _edges(brightness: npt.NDArray[np.float64]) -> float:
    """Of the sharpest tenth only: what is out of focus behind a face is no fault."""
    steep = np.sort(steepness(brightness), axis=None)
    return float(steep[-max(1, steep.size // 10) :].mean())


def _colourfulness(frame: Frame) -> float:
    red, green, blue = (frame[..., n].astype(float) for n in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def _focus(brightness: npt.NDArray[np.float64]) -> float:
    """A face before a wall has it, a meadow has not: how uneven the edges lie, by their entropy."""
    steep = np.minimum(steepness(brightness), 60.0) + 1e-6
    parts = [np.array_split(band, _ACROSS, axis=1) for band in np.array_split(steep, _DOWN)]
    lies = np.array([part.mean() if part.size else 1e-6 for band in parts for part in band])
    shares = lies / lies.sum()
    return float(1 + (shares * np.log(shares)).sum() / np.log(shares.size))


def _lettered(frame: Frame, brightness: npt.NDArray[np.float64]) -> float:
    """Lettering is white, and has many hard edges in each line that it crosses."""
    grey = frame.max(axis=2).astype(int) - frame.min(axis=2) < 40
    steps = np.abs(np.diff(brightness, axis=1))
    white = np.maximum(brightness[:, 1:], brightness[:, :-1]) > 200
    strokes = (steps > 35) & white & (grey[:, 1:] | grey[:, :-1])
    return float((strokes.sum(axis=1) >= 8).mean())


def _fades(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> bool:
    """The same picture, lighter or darker all over."""
    higher = max(one.mean(), two.mean(), 1.0)
    if abs(one.mean() - two.mean()) / higher < 0.12:
        return False
    alike = ((one - one.mean()) * (two - two.mean())).mean()
    return bool(alike > 0.85 * one.std() * two.std())


def scores(looks: Sequence[Look]) -> list[float]:
    """Returns a score for each look, from 0 (unfit) to about 1. Sharpness and colour are judged by
    what this film has of them: a soft or a black and white one has its best frames too."""
    fit = [one for one in looks if one.fit]
    if not fit:
        return [0.0 for _ in looks]
    sharp = max(float(np.median([one.edges for one in fit])), 1.0)
    rich = max(float(np.percentile([one.colour for one in fit], 75)), 10.0)
    return [_score(one, sharp, rich) if one.fit else 0.0 for one in looks]


def _score(one: Look, sharp: float, rich: float) -> float:
    exposed = min(1.0, one.mean / 70) * min(1.0, max(0.0, (225 - one.mean) / 75))
    good = (
        0.25 * min(1.0, one.edges / sharp)
        + 0.20 * min(1.0, one.colour / rich)
        + 0.15 * min(1.0, one.contrast / 50)
        + 0.20 * exposed
        + 0.20 * min(1.0, one.focus / 0.08)
    )
    clipped = 0.5 * max(0.0, one.dark - 0.35) + 0.4 * max(0.0, one.bright - 0.25)
    return max(0.01, good - clipped - min(0.5, 5 * one.lettered))
