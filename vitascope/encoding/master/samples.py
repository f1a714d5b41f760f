"""What some dozens of whole pictures of a film tell: pixels that are dead, bars, levels that are
not those of the tags, blocks of a codec.

Each comes as codes of luma, at the size in which it is coded. Nothing is told of what a few
pictures have: a title card, a dark scene, a shallow focus are no fault of a master.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import ndimage

Luma = npt.NDArray[np.uint8]
Real = npt.NDArray[np.float32]

MOST = 48  # pictures of a film
EVERY_S = 3.0

_ENOUGH = 8  # pictures, before a pixel is called dead
_APART = 24.0  # codes between a dead pixel and those around it
_ALIVE = 10.0  # by so much must what is around it change over the film
_CLUSTER, _NEIGHBOURS, _NEAR = 9, 3, 32  # pixels; a logo or a subtitle has many close together
_ECHO = 6  # what a dead pixel makes of its neighbours, by their means and by coding
_MOST_PIXELS = 20
_BLACK = 28  # a row or column of a bar has no brighter pixel
_LIT = 60  # and tells of bars only in a picture that has brighter ones
_LEAST_BAR = 0.012
_GEOMETRY = 3  # pictures that agree
_FLAT = 100.0  # variance of luma, below which a picture tells nothing of blocks
_SEEN_STEP = 0.5  # codes; a step that is less is not seen

Box = tuple[int, int, int, int]  # left, top, right, bottom: how much is black


class Pixel(msgspec.Struct, frozen=True, kw_only=True):
    x: int
    y: int
    bright: bool


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """`pictures` is how many there are; `bars` are those of the film, `others` those that parts of
    it have instead, with the time in milliseconds at which they are first seen. `outside` is the
    part of the pictures outside of video levels, `lowest` and `highest` the codes between which all
    of them lie."""

    pictures: int = 0
    dead: tuple[Pixel, ...] = ()
    bars: Box = (0, 0, 0, 0)
    others: tuple[tuple[int, Box], ...] = ()
    outside: float = 0.0
    lowest: int = 255
    highest: int = 0
    blocks: float = 1.0


def samples_in(file: Path, width: int, height: int, times: Sequence[float]) -> Samples:
    """Returns what a file of pictures tells, which show at `times`, in seconds of the film."""
    watch = SampleWatch(width, height)
    for picture, time in zip(_pictures(file, width, height), times, strict=False):
        watch.see(picture, time)
    return watch.found()


def _pictures(file: Path, width: int, height: int) -> Iterator[Luma]:
    with file.open("rb") as opened:
        while len(content := opened.read(width * height)) == width * height:
            yield np.frombuffer(content, np.uint8).reshape(height, width)


class SampleWatch:
    """Sees the pictures one after another, and keeps a few figures for each pixel."""

    def __init__(self, width: int, height: int) -> None:
        shape = (height, width)
        self._size = shape
        self._seen = 0
        self._bright = np.zeros(shape, dtype=np.uint8)
        self._dark = np.zeros(shape, dtype=np.uint8)
        self._sum = np.zeros(shape, dtype=np.float32)
        self._own = np.zeros(shape, dtype=np.float32)
        self._squares = np.zeros(shape, dtype=np.float32)
        self._boxes: list[tuple[float, Box]] = []
        self._outside: list[float] = []
        self._blocks: list[float] = []
        self._lowest, self._highest = 255, 0

    def see(self, picture: Luma, time: float) -> None:
        self._seen += 1
        self._watch_levels(picture)
        self._watch_pixels(picture)
        if picture.max() >= _LIT:
            self._boxes.append((time, box_of(picture)))
        inner = _inside(picture, self._boxes[-1][1]) if self._boxes else picture
        if inner.size and inner.var() >= _FLAT:
            self._blocks.append(blocks_of(inner.astype(np.float32)))

    def found(self) -> Samples:
        bars, others = _geometry(self._boxes, self._size)
        return Samples(
            pictures=self._seen,
            dead=self._dead(),
            bars=bars,
            others=others,
            outside=float(np.median(self._outside)) if self._outside else 0.0,
            lowest=self._lowest,
            highest=self._highest,
            blocks=float(np.median(self._blocks)) if self._blocks else 1.0,
        )

    def _watch_levels(self, picture: Luma) -> None:
        counts = np.bincount(picture.ravel(), minlength=256)
        total = picture.size
        self._outside.append(float(counts[:12].sum() + counts[244:].sum()) / total)
        seen = np.flatnonzero(counts > total * 1e-4)
        self._lowest = min(self._lowest, int(seen[0]))
        self._highest = max(self._highest, int(seen[-1]))

    def _watch_pixels(self, picture: Luma) -> None:
        real = picture.astype(np.float32)
        wide = ndimage.uniform_filter(real, 7, mode="nearest") * 49
        near = ndimage.uniform_filter(real, 3, mode="nearest") * 9
        around = (wide - near) / 40
        self._bright += (real - around) > _APART
        self._dark += (around - real) > _APART
        self._own += real
        self._sum += around
        self._squares += around * around

    def _dead(self) -> tuple[Pixel, ...]:
        """A pixel that in nearly all pictures is brighter, or in nearly all darker, than what is
        around it, while that changes."""
        if self._seen < _ENOUGH:
            return ()
        mean = self._sum / self._seen
        alive = np.sqrt(np.maximum(0, self._squares / self._seen - mean * mean)) >= _ALIVE
        often = 0.95 * self._seen
        strength = np.abs(self._own - self._sum)
        found = [
            *((y, x, True) for y, x in _clusters((self._bright >= often) & alive)),
            *((y, x, False) for y, x in _clusters((self._dark >= often) & alive)),
        ]
        found.sort(key=lambda one: -strength[one[0], one[1]])
        near = _counted_near([(y, x) for y, x, _ in found], self._size)
        alone: list[tuple[int, int, bool]] = []
        for y, x, bright in found:
            echo = any(max(abs(y - v), abs(x - u)) <= _ECHO for v, u, _ in alone)
            if near[y, x] <= _NEIGHBOURS and not echo:
                alone.append((y, x, bright))
            if len(alone) > _MOST_PIXELS:  # a pattern of the film, and no fault of a camera
                return ()
        return tuple(Pixel(x=x, y=y, bright=bright) for y, x, bright in alone)


def _clusters(marked: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Returns the middles of groups of few pixels."""
    groups, count = ndimage.label(marked, structure=np.ones((3, 3)))
    if count == 0 or count > 10_000:
        return []
    sizes = np.bincount(groups.ravel())[1:]
    middles = ndimage.center_of_mass(marked, groups, np.arange(1, count + 1))
    return [
        (round(y), round(x))
        for (y, x), size in zip(middles, sizes, strict=True)
        if size <= _CLUSTER
    ]


def _counted_near(points: Sequence[tuple[int, int]], size: tuple[int, int]) -> Real:
    """Returns for each place how many of the points are near it."""
    counts = np.zeros(size, dtype=np.float32)
    for y, x in points:
        counts[y, x] += 1
    square = 2 * _NEAR + 1
    near: Real = np.round(ndimage.uniform_filter(counts, square, mode="constant") * square**2)
    return near


def box_of(picture: Luma) -> Box:
    rows, columns = picture.max(axis=1) > _BLACK, picture.max(axis=0) > _BLACK
    if not rows.any():
        return (0, 0, 0, 0)
    ys, xs = np.flatnonzero(rows), np.flatnonzero(columns)
    height, width = picture.shape
    return int(xs[0]), int(ys[0]), width - 1 - int(xs[-1]), height - 1 - int(ys[-1])


def _inside(picture: Luma, box: Box) -> Luma:
    left, top, right, bottom = box
    height, width = picture.shape
    return picture[top : height - bottom, left : width - right]


def _geometry(
    boxes: Sequence[tuple[float, Box]], size: tuple[int, int]
) -> tuple[Box, tuple[tuple[int, Box], ...]]:
    """Returns the bars that most pictures agree on, and others on which at least three do. A dark
    picture may look as if it had more; one with less has none."""
    if not boxes:
        return (0, 0, 0, 0), ()
    told = [(time, _bars(box, size)) for time, box in boxes]
    usual, count = Counter(box for _, box in told).most_common(1)[0]
    if count < min(_GEOMETRY, len(told)):
        return (0, 0, 0, 0), ()
    counts = Counter(box for _, box in told)
    others: dict[Box, int] = {}
    for time, box in told:
        if box != usual and counts[box] >= _GEOMETRY:
            others.setdefault(box, round(1000 * time))
    return usual, tuple((time, box) for box, time in others.items())


def _bars(box: Box, size: tuple[int, int]) -> Box:
    """Bars come in pairs that are alike, to within a pixel or two; anything else is picture."""
    left, top, right, bottom = (each // 2 * 2 for each in box)
    height, width = size
    across = min(left, right) if abs(left - right) <= 4 else 0
    upright = min(top, bottom) if abs(top - bottom) <= 4 else 0
    across = across if across >= width * _LEAST_BAR else 0
    upright = upright if upright >= height * _LEAST_BAR else 0
    return across, upright, across, upright


def blocks_of(real: Real) -> float:
    """Returns how much steeper the picture is at the edges of 8 by 8 blocks than elsewhere, across
    and upright, whichever is less: a fence is steep one way."""
    found = []
    for axis in (0, 1):
        steps = np.abs(np.diff(real, axis=axis)).mean(axis=1 - axis)
        whole = len(steps) // 8 * 8
        if not whole:
            return 1.0
        phases = steps[:whole].reshape(-1, 8).mean(axis=0)
        usual = float(np.median(phases))
        seen = float(phases.max()) - usual >= _SEEN_STEP
        found.append(float(phases.max()) / max(1e-3, usual) if seen else 1.0)
    return min(found)
