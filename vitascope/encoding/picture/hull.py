"""From trials to the convex hull of a title's rate-quality plane.

Each sampled shot has, at each size, three curves over CRF: the logarithm of a keyframe's bytes, of
another frame's bytes, and VMAF; between the trials they are shape-preserving cubics (straight
lines erred by 2-3 VMAF and up to half the rate). A shot that was not tried borrows the curves of
the one nearest in complexity, its bytes scaled by the ratio.

For one size and one slope (VMAF gained per kbit/s) every shot takes the CRF at which its own curve
has that slope: no bit could be moved from one shot to another and gain. Sweeping the slope draws
the title's best curve at that size; the upper hull of all sizes' curves is what a ladder is picked
from.
"""

from collections.abc import Sequence
from math import log

import msgspec
import numpy as np
import numpy.typing as npt

from vitascope.encoding.contract.picture import Chunk, TrialResult
from vitascope.encoding.contract.request import EncodingFailed

Floats = npt.NDArray[np.float64]

STEP = 0.25  # of CRF
SLOPES = np.geomspace(0.3, 3e-4, 48)  # VMAF per kbit/s, from the thriftiest


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """The whole title at one height and one slope."""

    height: int
    bitrate_kbps: float
    vmaf: float
    crf: float  # what one CRF for all shots would be
    crfs: tuple[float, ...]  # by chunk
    vmaf_per_crf: float = 0.0


class Plane:
    """The title at one height: bitrate share and VMAF share of every chunk at every CRF."""

    def __init__(
        self, height: int, results: Sequence[TrialResult], chunks: Sequence[Chunk], rate: float
    ) -> None:
        self.height = height
        tried = sorted((r for r in results if r.height == height), key=lambda r: r.crf)
        crfs = [result.crf for result in tried]
        if len(crfs) < 4:
            raise EncodingFailed(f"{height} lines were tried at {len(crfs)} CRFs; 4 are needed.")
        self.crfs: Floats = np.arange(crfs[0], crfs[-1] + STEP / 2, STEP)
        frames = sum(chunk.frames for chunk in chunks)
        curves = {number: self._curves(tried, crfs, number) for number in set(tried[0].chunks)}
        rows = [_row(chunk, chunks, curves) for chunk in chunks]
        kbit = np.array([bytes_ * 8 / 1000 for bytes_, _ in rows])
        weight = np.array([[chunk.frames / frames] for chunk in chunks])
        self.kbps: Floats = kbit / (frames / rate)
        self.vmaf: Floats = np.array([vmaf for _, vmaf in rows]) * weight

    def _curves(
        self, tried: Sequence[TrialResult], crfs: list[float], number: int
    ) -> tuple[Floats, Floats, Floats]:
        places = [place for place, chunk in enumerate(tried[0].chunks) if chunk == number]

        def over_crf(values: list[float]) -> Floats:
            from scipy.interpolate import PchipInterpolator  # slow to import

            return np.asarray(PchipInterpolator(crfs, values)(self.crfs), dtype=np.float64)

        def mean(values: tuple[float, ...]) -> float:
            return sum(values[place] for place in places) / len(places)

        keys = np.exp(over_crf([log(mean(result.key_bytes)) for result in tried]))
        others = np.exp(over_crf([log(mean(result.frame_bytes)) for result in tried]))
        return keys, others, over_crf([mean(result.vmaf) for result in tried])

    def at_crf(self, crf: float) -> Point:
        """Returns the point of one CRF for all shots."""
        place = int(np.argmin(np.abs(self.crfs - crf)))
        return self._point(place, np.full(len(self.kbps), place))

    def at_slope(self, slope: float, spread: float) -> Point:
        """Returns every shot at this slope, at most `spread` from the one CRF that has it
        overall."""
        gain = self.vmaf - slope * self.kbps
        overall = int(np.argmax(gain.sum(axis=0)))
        near = np.abs(self.crfs - self.crfs[overall]) <= spread
        return self._point(overall, np.argmax(np.where(near, gain, -np.inf), axis=1))

    def _point(self, overall: int, places: npt.NDArray[np.int64]) -> Point:
        shots = np.arange(len(places))
        total = self.vmaf.sum(axis=0)
        steepness = -np.gradient(total, self.crfs)[overall]
        return Point(
            height=self.height,
            bitrate_kbps=float(self.kbps[shots, places].sum()),
            vmaf=float(self.vmaf[shots, places].sum()),
            crf=float(self.crfs[overall]),
            crfs=tuple(float(self.crfs[place]) for place in places),
            vmaf_per_crf=float(steepness),
        )


def _row(
    chunk: Chunk, chunks: Sequence[Chunk], curves: dict[int, tuple[Floats, Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Returns a chunk's bytes and its VMAF at every CRF."""
    complexity = {each.index: max(1.0, each.complexity) for each in chunks}
    own = complexity[chunk.index]
    like = min(curves, key=lambda number: (abs(log(own / complexity[number])), number))
    if chunk.index in curves:
        like = chunk.index
    keys, others, vmaf = curves[like]
    count = len(chunk.keyframes)
    ratio = min(4.0, max(0.25, own / complexity[like]))
    return ratio * (count * keys + (chunk.frames - count) * others), vmaf


def planes_of(results: Sequence[TrialResult], chunks: Sequence[Chunk], rate: float) -> list[Plane]:
    heights = sorted({result.height for result in results})
    return [Plane(height, results, chunks, rate) for height in heights]


def sweep(planes: Sequence[Plane], spread: float) -> list[Point]:
    return [plane.at_slope(float(slope), spread) for plane in planes for slope in SLOPES]


def upper_hull(points: Sequence[Point]) -> list[Point]:
    """Returns the points that no mixture of two others beats, by rising bitrate and rising VMAF."""
    hull: list[Point] = []
    for point in sorted(points, key=lambda p: (p.bitrate_kbps, -p.vmaf)):
        if hull and point.vmaf <= hull[-1].vmaf:
            continue
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) <= _slope(hull[-2], point):
            hull.pop()
        hull.append(point)
    return hull


def _slope(a: Point, b: Point) -> float:
    return (b.vmaf - a.vmaf) / max(1e-9, b.bitrate_kbps - a.bitrate_kbps)
