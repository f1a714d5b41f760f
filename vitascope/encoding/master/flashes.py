"""Flashes that may harm people with photosensitive epilepsy, counted as ITU-R BT.1702 and WCAG 2
(success criterion 2.3.1) count them.

A flash is a pair of opposing changes of a large part of the picture. A change counts where it is of
a tenth of the greatest luminance and more, and the darker side is below 0.8 of that; in HDR, of 20
cd/m2 and more with the darker side below 160. For red flashes one of the two sides is a saturated
red, and it changes by more than 20 of 320. More than three flashes within a second are told, where
a quarter of the picture and more changes at once. That is a count on frames, and no certificate: no
pattern is looked at, nor the size of anybody's screen.

The picture comes as small frames, whose cells are means: what flashes in a quarter of the picture
flashes in a quarter of the cells.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from vitascope.encoding.master.spans import Span, joined

WIDTH, HEIGHT = 32, 18
FRAME_BYTES = WIDTH * HEIGHT * 3

_AREA = 0.25
_MOST = 6  # changes within a second: three flashes
_TOGETHER_S = 0.08  # what changes within this time changes at once
_LONG_AGO = -1_000_000  # frames
_NEAR_MS = 2000
_RED, _SATURATED = 20.0, 0.8

Cells = npt.NDArray[np.float32]
Frames = npt.NDArray[np.uint8]


class Flashes(msgspec.Struct, frozen=True, kw_only=True):
    """`general` and `red`: where, in milliseconds of the film, and how many a second at most."""

    general: tuple[tuple[Span, float], ...] = ()
    red: tuple[tuple[Span, float], ...] = ()


class Light(msgspec.Struct, frozen=True, kw_only=True):
    """How codes of a picture become light: luminance by code (0 to 255), and what counts."""

    curve: tuple[float, ...]
    change: float
    darker: float


def light_of(transfer: str) -> Light:
    code = np.arange(256) / 255
    if transfer == "smpte2084":
        root = code ** (1 / 78.84375)
        nits = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (
            1 / 0.1593017578125
        )
        return Light(curve=tuple(nits.tolist()), change=20.0, darker=160.0)
    if transfer == "arib-std-b67":
        low, high = code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12
        nits = 1000 * np.where(code <= 0.5, low, high) ** 1.2
        return Light(curve=tuple(nits.tolist()), change=20.0, darker=160.0)
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return Light(curve=tuple(linear.tolist()), change=0.1, darker=0.8)


def flashes_in(file: Path, times: Sequence[float], rate: float, transfer: str) -> Flashes:
    """Returns the flashes in a file of small RGB frames, which show at `times`, in seconds."""
    watch = FlashWatch(rate, light_of(transfer))
    at = 0
    for frames in read_frames(file, max(2, round(rate))):
        watch.see(frames, times[at : at + len(frames)])
        at += len(frames)
    return watch.found()


def read_frames(file: Path, count: int) -> Iterator[Frames]:
    """Yields `count` frames at a time: a film is never whole in memory."""
    with file.open("rb") as opened:
        while content := opened.read(FRAME_BYTES * count):
            whole = len(content) // FRAME_BYTES
            if whole == 0:
                return
            shape = (whole, WIDTH * HEIGHT, 3)
            yield np.frombuffer(content, np.uint8, whole * FRAME_BYTES).reshape(shape)


class FlashWatch:
    """Sees the frames of a film, about a second at a time."""

    def __init__(self, rate: float, light: Light) -> None:
        self._curve = np.array(light.curve, dtype=np.float32)
        self._greatest = np.float32(max(light.curve)) if light.change == 0.1 else np.float32(1000)
        together = max(1, round(rate * _TOGETHER_S))
        self._general = _Changes(light.change, light.darker, together)
        self._red = _Changes(_RED, np.inf, together)

    def see(self, frames: Frames, times: Sequence[float]) -> None:
        linear = self._curve[frames]
        luminance = linear @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
        self._general.see(luminance, None, times)
        red, green, blue = linear[..., 0], linear[..., 1], linear[..., 2]
        amount = np.maximum(0, red - green - blue) * (320 / self._greatest)
        saturated = red >= _SATURATED * np.maximum(linear.sum(axis=-1), 1e-6)
        self._red.see(amount, saturated, times)

    def found(self) -> Flashes:
        return Flashes(general=_spans(self._general.events), red=_spans(self._red.events))


class _Changes:
    """When a quarter of the cells changed at once, up and down in turn. Of a stretch in which no
    cells enough change by as much nothing is looked at closely."""

    def __init__(self, change: float, darker: float, together: int) -> None:
        self._change = np.float32(change)
        self._darker = darker
        self._together = together
        self._before: tuple[Cells, Frames | None, Sequence[float]] | None = None
        self._closely = False
        self.events: list[float] = []

    def see(self, cells: Cells, counts: Frames | None, times: Sequence[float]) -> None:
        if self._before is not None and self._may_flash(self._before[0], cells):
            if not self._closely:
                self._begin(self._before[0][0])
                self._look(*self._before)
            self._closely = True
            self._look(cells, counts, times)
        else:
            self._closely = False
        self._before = (cells, counts, times)

    def _may_flash(self, before: Cells, now: Cells) -> bool:
        high = np.maximum(before.max(axis=0), now.max(axis=0))
        low = np.minimum(before.min(axis=0), now.min(axis=0))
        return bool(((high - low) >= self._change).mean() >= _AREA)

    def _begin(self, first: Cells) -> None:
        self._low, self._high = first.copy(), first.copy()
        self._up = np.zeros(first.shape, dtype=np.int8)  # the last change of each cell
        self._rose = np.full(first.shape, _LONG_AGO)
        self._fell = self._rose.copy()
        self._peaked = np.zeros(first.shape, dtype=bool)
        self._at = 0
        self._last = 0

    def _look(self, cells: Cells, counts: Frames | None, times: Sequence[float]) -> None:
        for n, (now, time) in enumerate(zip(cells, times, strict=False)):
            counted = None if counts is None else counts[n]
            self._next(now, counted)
            for rising, when in ((1, self._rose), (-1, self._fell)):
                at_once = (self._at - when < self._together).mean()
                if at_once >= _AREA and self._last != rising:
                    self.events.append(time)
                    self._last = rising
                    when[:] = _LONG_AGO  # what has counted counts once
            self._at += 1

    def _next(self, now: Cells, counted: Frames | None) -> None:
        """Note which cells change with this frame. Of red only peaks that are saturated count."""
        higher = now >= self._high
        if counted is not None:
            self._peaked = np.where(higher, counted, self._peaked)
        self._high = np.maximum(self._high, now)
        self._low = np.minimum(self._low, now)
        falls = (self._up >= 0) & (self._high - now >= self._change) & (now < self._darker)
        rises = (self._up <= 0) & (now - self._low >= self._change) & (self._low < self._darker)
        if counted is not None:
            falls &= self._peaked
            rises &= counted.astype(bool)
        rises &= ~falls
        for changed, sign, when in ((falls, -1, self._fell), (rises, 1, self._rose)):
            self._up[changed] = sign
            self._low[changed] = now[changed]
            self._high[changed] = now[changed]
            when[changed] = self._at
            if counted is not None:
                self._peaked[changed] = counted[changed]


def _spans(events: Sequence[float]) -> tuple[tuple[Span, float], ...]:
    """Returns the stretches with more than three flashes within a second."""
    spans: list[Span] = []
    first = 0
    most: list[tuple[float, float]] = []
    for last, time in enumerate(events):
        while time - events[first] > 0.99:
            first += 1
        count = last - first + 1
        if count > _MOST:
            spans.append((round(1000 * events[first]), round(1000 * time)))
            most.append((time, count / 2))
    return tuple(
        (span, max(rate for time, rate in most if span[0] <= round(1000 * time) <= span[1]))
        for span in joined(spans, _NEAR_MS)
    )
