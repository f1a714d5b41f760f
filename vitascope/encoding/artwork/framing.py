"""How a still is cut to the shape of a tile, and which colour stands for it. Pure arithmetic."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np
import numpy.typing as npt

from vitascope.encoding.artwork.stills import Frame, luma, steepness

WIDE, TALL = Fraction(16, 9), Fraction(2, 3)

_BLACK = 24.0  # brightest that a bar is
_MOST_BAR = 0.3  # of the picture, at one side
_WORDS = (251, 238, 218)  # what is written on a tint
_READABLE = 4.5  # contrast of small text, WCAG 2.2 AA
_MIDDLE = 0.35  # how much less an edge of the picture weighs than its middle


class Crop(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a picture, in shares of its width and height: it holds at any size."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Returns left, top, right and bottom in whole pixels."""
        across = round(self.left * width), round(self.right * width)
        down = round(self.top * height), round(self.bottom * height)
        return across[0], down[0], max(across[0] + 1, across[1]), max(down[0] + 1, down[1])


WHOLE = Crop()


def without_bars(frames: Sequence[Frame]) -> Crop:
    """Returns what is left of the picture without black bars that are in all of the film."""
    if len(frames) < 3:
        return WHOLE
    brightest = np.max([luma(frame) for frame in frames], axis=0)
    down = _bar(np.percentile(brightest, 98, axis=1))
    across = _bar(np.percentile(brightest, 98, axis=0))
    return Crop(left=across, top=down, right=1 - across, bottom=1 - down)


def _bar(lines: npt.NDArray[np.float64]) -> float:
    """As wide at one side as at the other: what is dark at one only belongs to the picture."""
    shown = np.flatnonzero(lines > _BLACK)
    if not shown.size:
        return 0.0
    bar = min(int(shown[0]), len(lines) - 1 - int(shown[-1]))
    share = (bar + 1) / len(lines)  # the line beside a bar is half of it
    return share if bar and share <= _MOST_BAR else 0.0


def cut(frame: Frame, crop: Crop) -> Frame:
    left, top, right, bottom = crop.box(frame.shape[1], frame.shape[0])
    return frame[top:bottom, left:right]


def within(outer: Crop, part: Crop) -> Crop:
    """Returns `part` of `outer`, in shares of what `outer` is a part of."""
    width, height = outer.right - outer.left, outer.bottom - outer.top
    return Crop(
        left=outer.left + part.left * width,
        top=outer.top + part.top * height,
        right=outer.left + part.right * width,
        bottom=outer.top + part.bottom * height,
    )


def framed(frame: Frame, shape: Fraction) -> tuple[Crop, float]:
    """Returns the part of this shape with the most to see in it, and how much of all that is: 0 to
    1."""
    height, width = frame.shape[:2]
    detail = interest(frame)
    if Fraction(width, height) > shape:
        length = max(1, round(height * shape))
        start, share = _densest(detail.sum(axis=0), length)
        return Crop(left=start / width, right=(start + length) / width), share
    length = max(1, round(width / shape))
    start, share = _densest(detail.sum(axis=1), length)
    return Crop(top=start / height, bottom=(start + length) / height), share


def interest(frame: Frame) -> npt.NDArray[np.float64]:
    """Returns where a picture has something to see: edges, and colours that are rare in it."""
    edges = np.minimum(steepness(luma(frame)), 60.0)
    rare = np.linalg.norm(frame - frame.mean(axis=(0, 1)), axis=2)
    both = edges / max(edges.mean(), 1e-6) + rare / max(rare.mean(), 1e-6)
    return np.asarray(both * _central(*both.shape))


def _central(rows: int, columns: int) -> npt.NDArray[np.float64]:
    down, across = np.linspace(-1, 1, rows)[:, None], np.linspace(-1, 1, columns)[None, :]
    return np.asarray(1 - _MIDDLE * np.minimum(1.0, down**2 + across**2))


def _densest(lines: npt.NDArray[np.float64], length: int) -> tuple[int, float]:
    sums = np.concatenate([[0.0], np.cumsum(lines)])
    inside = sums[length:] - sums[:-length] if length < len(sums) else sums[-1:]
    start = int(inside.argmax())
    return start, float(inside[start] / max(sums[-1], 1e-9))


def tint(frame: Frame) -> str:
    """Returns the colour that most of the picture has, a vivid one before a grey one, dark enough
    to be written on."""
    pixels = frame.reshape(-1, 3).astype(float)
    vivid = pixels.max(axis=1) - pixels.min(axis=1)
    bins = (pixels // 32).astype(int) @ np.array([64, 8, 1])
    weights = np.bincount(bins, weights=0.15 + vivid / 255, minlength=512)
    chosen = pixels[bins == int(weights.argmax())].mean(axis=0)
    while contrast(chosen.round(), _WORDS) < _READABLE:
        chosen = chosen * 0.94
    red, green, blue = (int(each) for each in chosen.round())
    return f"#{red:02x}{green:02x}{blue:02x}"


def contrast(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Returns the contrast ratio of two colours, as WCAG defines it: 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: npt.ArrayLike) -> float:
    share = np.asarray(colour, dtype=float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
