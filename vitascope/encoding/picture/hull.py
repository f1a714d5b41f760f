"""From trials to the convex hull of a title's rate-quality plane.

Each sample has, at each size, three curves over CRF: the logarithm of a keyframe's bytes, of
another frame's bytes, and VMAF. Samples that were tried over a wide range give the mean curves,
shape-preserving cubics (straight lines erred by 2-3 VMAF and up to half the rate); every sample,
also one that was tried near the rungs only, says how far it lies from them. A chunk's curves are
those of its own samples and, where it has none, of samples as complex as it is; its bytes follow
what a small encode of all frames told of it beside them.

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

from vitascope.encoding.contract.picture import Chunk, TrialPoint, TrialResult
from vitascope.encoding.contract.request import EncodingFailed

Floats = npt.NDArray[np.float64]

FEWEST_CRFS = 4  # of a sample that shows how the curves run
STEP = 0.25  # of CRF
SLOPES = np.geomspace(0.3, 3e-4, 48)  # VMAF per kbit/s, from the thriftiest
_ALIKE = 0.3  # in logarithms of complexity, beyond which samples tell less of a chunk
_OWN = 2.5  # how much further off, in the same measure over `_ALIKE`, samples of other chunks are


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """The whole title at one height and one slope."""

    height: int
    bitrate_kbps: float
    vmaf: float
    crf: float  # what one CRF for all shots would be
    crfs: tuple[float, ...]  # by chunk
    vmafs: tuple[float, ...] = ()  # by chunk
    vmaf_per_crf: float = 0.0


class Plane:
    """The title at one height: bitrate share and VMAF share of every chunk at every CRF."""

    def __init__(
        self, height: int, results: Sequence[TrialResult], chunks: Sequence[Chunk], rate: float
    ) -> None:
        self.height = height
        samples = [_Sample(result, height) for result in results]
        samples = [sample for sample in samples if len(sample.crfs)]
        wide = [sample for sample in samples if len(sample.crfs) >= FEWEST_CRFS]
        if not wide:
            most = max((len(sample.crfs) for sample in samples), default=0)
            raise EncodingFailed(
                f"{height} lines were tried at {most} CRFs; {FEWEST_CRFS} are needed."
            )
        first, last = max(s.crfs[0] for s in wide), min(s.crfs[-1] for s in wide)
        self.crfs: Floats = np.arange(first, last + STEP / 2, STEP)
        mean = np.mean([sample.over(self.crfs) for sample in wide], axis=0)
        curves = np.array([sample.beside(self.crfs, mean) for sample in samples])
        complexity = np.array([log(sample.complexity) for sample in samples])
        curves[:, :2, :] -= complexity[:, None, None]  # bytes for what the frames hold
        own = np.array([sample.chunk for sample in samples])
        frames = sum(chunk.frames for chunk in chunks)
        rows = [_row(chunk, curves, complexity, own) for chunk in chunks]
        kbit = np.array([bytes_ * 8 / 1000 for bytes_, _ in rows])
        self.shares: Floats = np.array([[chunk.frames / frames] for chunk in chunks])
        self.kbps: Floats = kbit / (frames / rate)
        self.vmaf: Floats = np.array([vmaf for _, vmaf in rows]) * self.shares

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
        shares = self.vmaf[shots, places]
        return Point(
            height=self.height,
            bitrate_kbps=float(self.kbps[shots, places].sum()),
            vmaf=float(shares.sum()),
            crf=float(self.crfs[overall]),
            crfs=tuple(float(self.crfs[place]) for place in places),
            vmafs=tuple(np.round(shares / self.shares[:, 0], 2).tolist()),
            vmaf_per_crf=float(steepness),
        )


class _Sample:
    """One sample at one height: logarithms of bytes, and VMAF, at the CRFs that were tried."""

    def __init__(self, result: TrialResult, height: int) -> None:
        points = sorted((p for p in result.points if p.height == height), key=_crf)
        self.chunk = result.chunk
        self.complexity = max(1.0, result.complexity)
        self.crfs = [point.crf for point in points]
        told = [(log(max(1.0, p.key_bytes)), log(max(1.0, p.frame_bytes)), p.vmaf) for p in points]
        self._values = np.array(told).T

    def over(self, crfs: Floats) -> Floats:
        """Returns the three curves by themselves."""
        from scipy.interpolate import PchipInterpolator  # slow to import

        return np.array([PchipInterpolator(self.crfs, values)(crfs) for values in self._values])

    def beside(self, crfs: Floats, mean: Floats) -> Floats:
        """Returns the three curves as they lie beside the mean ones. Outside of what was tried they
        run as these do."""
        there = [np.interp(self.crfs, crfs, curve) for curve in mean]
        return np.array([
            curve + np.interp(crfs, self.crfs, values - at)
            for curve, values, at in zip(mean, self._values, there, strict=True)
        ])  # fmt: skip


def _crf(point: TrialPoint) -> float:
    return point.crf


def _row(
    chunk: Chunk, curves: Floats, complexity: Floats, own: npt.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Returns a chunk's bytes and its VMAF at every CRF."""
    mine = log(max(1.0, chunk.complexity))
    off = ((complexity - mine) / _ALIKE) ** 2 + np.where(own == chunk.index, 0.0, _OWN**2)
    weights = np.exp(-(off - off.min()) / 2)
    keys, others, vmaf = np.einsum("s,sck->ck", weights / weights.sum(), curves)
    count = len(chunk.keyframes)
    bytes_ = np.exp(mine) * (count * np.exp(keys) + (chunk.frames - count) * np.exp(others))
    return bytes_, np.clip(vmaf, 0.0, 100.0)


def planes_of(results: Sequence[TrialResult], chunks: Sequence[Chunk], rate: float) -> list[Plane]:
    """Returns a plane for each height that was tried over a wide range."""
    heights = sorted({point.height for result in results for point in result.points})
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
