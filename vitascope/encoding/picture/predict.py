"""What a film's chunks weigh and are worth at every size and quality, without a trial.

Passages tell the bits of a picture and of what moves in it at some sizes and two qualities (see
`details.py`); these numbers tell how the bytes of a keyframe, those of another frame, and VMAF
follow from them, for x264 with the preset `veryfast`. They were fitted to 32 trials of 17 clips:
animation, camera, grain, dark, photographs with motion, drawings, fractals. Each clip foretold by
the other sixteen: bytes of keyframes off by a factor of 1.2 and of others by 1.55 (root mean
square), VMAF by 8 points. Where a rung of the film is there already, what it weighs and is worth
moves the others: then VMAF is off by 4 to 5 points in films, and by more in moving patterns.

Other encoders are foretold by what x264 would do: at another CRF, with fewer bytes.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np
import numpy.typing as npt

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Chunk, Detail
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.picture.details import detail_sizes
from vitascope.encoding.picture.frames import Size, display_of, sizes
from vitascope.encoding.picture.hull import STEP, Plane
from vitascope.encoding.picture.recipes.recipe import Recipe
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import rate_of
from vitascope.kernel.media import Codec

Floats = npt.NDArray[np.float64]

_KEYS = (0.0621, 0.9711, -0.1339, 0.0122, 0.8425, -0.0756)
_OTHERS = (-0.1928, 0.2916, 0.7771, -0.0242, -0.8715, 0.3336, 0.6216, -0.0026)
_VMAF = (
    *(5.8044, -1.4925, -0.2226, 1.1803, -0.0153, -0.1051, -0.0206),
    *(0.1538, -0.1504, -0.1974, -0.3078, 0.084, 0.1873, -0.23),
)
_LEAST_BITS = 100.0  # of a frame: less is headers
_LEAST_FALL = 0.02  # in logarithms of bytes for a step of CRF, whatever the numbers say
_LEAST_LOSS = 0.02  # of VMAF


class AgainstX264(msgspec.Struct, frozen=True, kw_only=True):
    """How another encoder compares with x264: the CRF of x264 that looks the same, and by how much
    its bytes differ there, in logarithms."""

    crf_at_24: float  # of the other encoder
    crf_at_34: float
    bytes_: float


_ALIKE = {
    Codec.H264: AgainstX264(crf_at_24=24.0, crf_at_34=34.0, bytes_=0.0),
    Codec.HEVC: AgainstX264(crf_at_24=25.0, crf_at_34=35.0, bytes_=-0.3),
    Codec.VP9: AgainstX264(crf_at_24=34.0, crf_at_34=50.0, bytes_=-0.25),
    Codec.AV1: AgainstX264(crf_at_24=33.0, crf_at_34=52.0, bytes_=-0.45),
}


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """How a film was found to differ from what was foretold of it: bytes in logarithms, VMAF in
    logits."""

    bytes_: float = 0.0
    vmaf: float = 0.0


class PredictedPlane(Plane):
    """A plane of the title at one height that nothing was tried for."""

    def __init__(
        self,
        source: Source,
        size: Size,
        chunks: Sequence[Chunk],
        recipe: Recipe,
        settings: EncodingSettings,
        moved: Moved,
    ) -> None:
        tried, rate = recipe.trial_crfs(settings), rate_of(source.frame_rate)
        self.height = size.height
        self.crfs = np.arange(tried[0], tried[-1] + STEP / 2, STEP)
        alike = _ALIKE[recipe.format.codec]
        usual = (alike.crf_at_24 - recipe.finer, alike.crf_at_34 - recipe.finer)
        steps = (self.crfs - usual[0]) / (usual[1] - usual[0])
        display = display_of(source, settings.heights)
        rows = [_row(chunk, source, size, display, steps) for chunk in chunks]
        weighs = np.exp(alike.bytes_ + moved.bytes_) * np.array([bytes_ for bytes_, _ in rows])
        frames = sum(chunk.frames for chunk in chunks)
        self.shares = np.array([[chunk.frames / frames] for chunk in chunks])
        self.kbps = weighs * 8 / 1000 / float(Fraction(frames) / rate)
        self.vmaf = _vmaf(np.array([worth for _, worth in rows]) + moved.vmaf) * self.shares


def predicted_planes(
    source: Source,
    chunks: Sequence[Chunk],
    recipe: Recipe,
    settings: EncodingSettings,
    moved: Moved,
) -> list[Plane]:
    """Returns a plane for each height. Raises `EncodingFailed` for chunks without details."""
    if not all(chunk.details for chunk in chunks):
        raise EncodingFailed("Nothing was tried, and the shots were found without details.")
    return [
        PredictedPlane(source, size, chunks, recipe, settings, moved)
        for size in sizes(source, settings.heights)
    ]


def logit(vmaf: float) -> float:
    part = min(max(vmaf, 1.0), 99.0) / 100
    return float(np.log(part / (1 - part)))


def _vmaf(logits: Floats) -> Floats:
    """Returns scores that fall with every step of CRF."""
    scores = 100 / (1 + np.exp(-logits))
    slope = _LEAST_LOSS * np.arange(scores.shape[1])
    falling: Floats = np.minimum.accumulate(scores + slope, axis=1) - slope
    return np.clip(falling, 0.0, 100.0)


def _row(
    chunk: Chunk, source: Source, size: Size, display: Size, steps: Floats
) -> tuple[Floats, Floats]:
    """Returns a chunk's bytes, and its VMAF in logits, at every CRF; `steps` are tens of CRF from
    the better of the qualities at which passages were encoded."""
    at = [float(one.width * one.height) for one in detail_sizes(source)]
    pixels, whole = float(size.width * size.height), float(display.width * display.height)
    here, shown = _Look.at(chunk.details, at, pixels), _Look.at(chunk.details, at, whole)
    one, length = 1.0, len(steps)
    keys = _sum(
        _KEYS,
        (one, here.still, steps, steps**2, steps * here.still_falls, here.still_falls),
        length,
    )
    others = _sum(
        _OTHERS,
        (
            *(one, here.still, here.moves, here.moves_fall, steps, steps**2),
            *(steps * here.moves_fall, steps**2 * here.moves_fall),
        ),
        length,
    )
    smaller = float(np.log(pixels / whole))
    worth = _sum(
        _VMAF,
        (
            *(one, steps, steps**2, smaller, smaller**2),
            *(shown.still - here.still - smaller, shown.moves - here.moves - smaller),
            *(shown.still, shown.moves, steps * smaller, steps * shown.still),
            *(steps * shown.moves, smaller * shown.still, float(np.log(whole))),
        ),
        length,
    )
    count = len(chunk.keyframes)
    bytes_ = count * np.exp(_falling(keys)) + (chunk.frames - count) * np.exp(_falling(others))
    return pixels * bytes_ / 8, worth


def _sum(numbers: Sequence[float], told: Sequence[Floats | float], length: int) -> Floats:
    total: Floats = np.zeros(length)
    for number, value in zip(numbers, told, strict=True):
        total += number * value
    return total


def _falling(logs: Floats) -> Floats:
    slope = _LEAST_FALL * STEP * np.arange(len(logs))
    falling: Floats = np.minimum.accumulate(logs + slope) - slope
    return falling


class _Look(msgspec.Struct, frozen=True):
    """What passages take for each pixel at some size, in logarithms, and how that changes over the
    two qualities."""

    still: float
    moves: float
    still_falls: float
    moves_fall: float

    @classmethod
    def at(cls, details: Sequence[Detail], at: Sequence[float], pixels: float) -> "_Look":
        told = np.array([
            [max(_LEAST_BITS, bits) / size for bits in msgspec.structs.astuple(one)]
            for one, size in zip(details, at, strict=True)
        ])  # fmt: skip
        places, values = np.log(at), np.log(told)
        still, moves, still_coarse, moves_coarse = (
            _between(places, values[:, n], float(np.log(pixels))) for n in range(4)
        )
        return cls(still, moves, still_coarse - still, moves_coarse - moves)


def _between(places: Floats, values: Floats, place: float) -> float:
    """Returns what lies between values; below the first, what runs on as between it and the
    second."""
    if len(places) > 1 and place < places[0]:
        rise = (values[1] - values[0]) / (places[1] - places[0])
        return float(values[0] + (place - places[0]) * rise)
    return float(np.interp(place, places, values))
