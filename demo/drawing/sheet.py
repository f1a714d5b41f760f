"""A sheet to draw on, in units of the picture rather than of the page.

The origin is the picture's focus and one unit is its reach, so that one drawing serves a tall
poster and a wide billboard: what is near the origin is the figure, and `left`, `right`, `top` and
`bottom` say where the paper ends. Everything is drawn at twice the size and scaled down once.
"""

import math
import random
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from demo.drawing.palette import Colour, Palette, mix

Point = tuple[float, float]
_SCALE = 2


@cache
def _grain() -> Image.Image:
    noise = np.random.default_rng(7).normal(128, 9, (512, 512)).clip(0, 255)
    return Image.fromarray(noise.astype(np.uint8), "L")


class Sheet:
    """`focus` is a share of width and height, `reach` a share of the shorter side."""

    def __init__(
        self, width: int, height: int, palette: Palette, seed: int, focus: Point, reach: float
    ) -> None:
        self.size = (width, height)
        self.w, self.h = width * _SCALE, height * _SCALE
        self.ink, self.deep, self.main, self.accent, self.light = palette
        self.random = random.Random(seed)
        self.x0, self.y0 = focus[0] * self.w, focus[1] * self.h
        self.unit = reach * min(self.w, self.h)
        self.left, self.right = -self.x0 / self.unit, (self.w - self.x0) / self.unit
        self.top, self.bottom = -self.y0 / self.unit, (self.h - self.y0) / self.unit
        self.image = Image.new("RGB", (self.w, self.h), self.ink)
        self.draw = ImageDraw.Draw(self.image)

    # -- places

    def at(self, point: Point) -> Point:
        return self.x0 + point[0] * self.unit, self.y0 + point[1] * self.unit

    def _box(self, x: float, y: float, rx: float, ry: float) -> tuple[float, float, float, float]:
        (x1, y1), (x2, y2) = self.at((x - rx, y - ry)), self.at((x + rx, y + ry))
        return x1, y1, x2, y2

    # -- flat shapes

    def poly(self, points: Iterable[Point], colour: Colour) -> None:
        self.draw.polygon([self.at(p) for p in points], fill=colour)

    def rect(self, x1: float, y1: float, x2: float, y2: float, colour: Colour) -> None:
        self.poly([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], colour)

    def disc(self, x: float, y: float, r: float, colour: Colour, ry: float | None = None) -> None:
        self.draw.ellipse(self._box(x, y, r, r if ry is None else ry), fill=colour)

    def ring(
        self, x: float, y: float, r: float, width: float, colour: Colour, ry: float | None = None
    ) -> None:
        box = self._box(x, y, r, r if ry is None else ry)
        self.draw.ellipse(box, outline=colour, width=max(1, round(width * self.unit)))

    def slice(self, x: float, y: float, r: float, start: float, end: float, colour: Colour) -> None:
        """A piece of a disc; degrees, clockwise from three o'clock."""
        self.draw.pieslice(self._box(x, y, r, r), start, end, fill=colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        thick = max(1, round(width * self.unit))
        self.draw.line([self.at(p) for p in points], fill=colour, width=thick, joint="curve")

    def limb(self, points: Sequence[Point], radii: Sequence[float], colour: Colour) -> None:
        """A smooth thick stroke through `points`, as wide at each as `radii` say."""
        for x, y, r in _smooth(points, radii):
            self.disc(x, y, r, colour)

    def star(self, x: float, y: float, r: float, colour: Colour, points: int = 4) -> None:
        corners = []
        for i in range(points * 2):
            reach = r if i % 2 == 0 else r * 0.28
            corners.append(turned((x, y), reach, i * 180 / points - 90))
        self.poly(corners, colour)

    def stars(self, count: int, colour: Colour, until: float | None = None) -> None:
        low = self.bottom if until is None else until
        for _ in range(count):
            x = self.random.uniform(self.left, self.right)
            y = self.random.uniform(self.top, low)
            r = self.random.choice((0.006, 0.008, 0.012, 0.02))
            self.disc(x, y, r, mix(self.deep, colour, self.random.uniform(0.4, 1)))

    # -- light

    def fade(self, stops: Sequence[Colour], until: float = 1.0) -> None:
        """Cover the sheet with a gradient from top to `until` (a share of the height)."""
        rows = np.linspace(0, 1 / until, 256).clip(0, 1) * (len(stops) - 1)
        bands = np.stack(
            [np.interp(rows, range(len(stops)), [s[i] for s in stops]) for i in range(3)], axis=-1
        )
        strip = Image.fromarray(bands.round().astype(np.uint8)[:, None, :], "RGB")
        self.image.paste(strip.resize((self.w, self.h), Image.Resampling.BICUBIC))

    def glow(self, x: float, y: float, r: float, colour: Colour, strength: float = 0.8) -> None:
        """Light that falls off with distance, laid over what is there."""
        falloff = np.exp(-((self._distance(x, y) / r) ** 2) * 2.2) * 255 * strength
        self.stain(falloff, colour)

    def stain(self, mask: NDArray[np.floating[Any]], colour: Colour) -> None:
        """Lay `colour` over the sheet as strongly as `mask` (0 to 255, any size) says."""
        small = Image.fromarray(mask.clip(0, 255).astype(np.uint8), "L")
        wide = small.resize((self.w, self.h), Image.Resampling.BICUBIC)
        self.image.paste(Image.new("RGB", (self.w, self.h), colour), (0, 0), wide)

    def grid(self, step: int = 8) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and y, in units, of every `step`-th pixel."""
        xs = (np.arange(0, self.w, step) - self.x0) / self.unit
        ys = (np.arange(0, self.h, step) - self.y0) / self.unit
        across, down = np.meshgrid(xs, ys)
        return across, down

    def _distance(self, x: float, y: float) -> NDArray[np.float64]:
        across, down = self.grid()
        return np.hypot(across - x, down - y)

    # -- the last touches

    def finished(self) -> Image.Image:
        """At its real size, with the corners a little darker and a paper's grain."""
        self._vignette()
        image = self.image.reduce(_SCALE)
        grain = Image.new("L", image.size)
        for x in range(0, image.width, 512):
            for y in range(0, image.height, 512):
                grain.paste(_grain(), (x, y))
        return ImageChops.overlay(image, Image.merge("RGB", (grain, grain, grain)))

    def _vignette(self) -> None:
        down, across = np.mgrid[-1:1:90j, -1:1:90j]
        self.stain((np.hypot(across, down) - 0.75).clip(0) * 190, self.ink)


def turned(centre: Point, r: float, degrees: float) -> Point:
    """The point at distance `r` from `centre`; clockwise from three o'clock."""
    angle = math.radians(degrees)
    return centre[0] + r * math.cos(angle), centre[1] + r * math.sin(angle)


def _smooth(
    points: Sequence[Point], radii: Sequence[float]
) -> Iterable[tuple[float, float, float]]:
    """Catmull-Rom through the points, close enough that discs make a stroke."""
    knots = [(*p, r) for p, r in zip(points, radii, strict=True)]
    knots = [knots[0], *knots, knots[-1]]
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        for t in np.linspace(0, 1, 36):
            x, y, r = (
                0.5
                * (
                    2 * q
                    + (s - p) * t
                    + (2 * p - 5 * q + 4 * s - e) * t**2
                    + (3 * q - p - 3 * s + e) * t**3
                )
                for p, q, s, e in zip(a, b, c, d, strict=True)
            )
            yield float(x), float(y), max(float(r), 0.002)
