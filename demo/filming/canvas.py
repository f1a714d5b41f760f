"""A canvas of 1280 by 720 pixels, drawn on by Skia, and the few things that every film draws."""

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720
FONTS = Path(__file__).parents[1] / "drawing" / "fonts"


class Canvas:
    """`pen` is Skia's own canvas; colours are "#rrggbb" or "#rrggbbaa"."""

    def __init__(self) -> None:
        self.pixels: NDArray[np.uint8] = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        shape = skia.ImageInfo.Make(
            WIDTH, HEIGHT, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
        )
        self._surface = skia.Surface.MakeRasterDirect(shape, self.pixels)
        self.pen: Any = self._surface.getCanvas()

    def clear(self, colour: str) -> None:
        self.pen.clear(ink(colour))

    def sky(self, *colours: str, top: float = 0, bottom: float = HEIGHT) -> None:
        """Cover everything with a gradient from top to bottom."""
        paint = skia.Paint(Dither=True, Shader=_between((0, top), (0, bottom), colours))
        self.pen.drawPaint(paint)

    def disc(self, x: float, y: float, r: float, colour: str) -> None:
        self.pen.drawCircle(x, y, r, fill(colour))

    def ring(self, x: float, y: float, r: float, width: float, colour: str) -> None:
        self.pen.drawCircle(x, y, r, stroke(colour, width))

    def rect(self, x: float, y: float, w: float, h: float, colour: str, round_: float = 0) -> None:
        self.pen.drawRoundRect(skia.Rect.MakeXYWH(x, y, w, h), round_, round_, fill(colour))

    def poly(self, points: Iterable[tuple[float, float]], colour: str) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(x, y) for x, y in points], True)
        self.pen.drawPath(path, fill(colour))

    def line(
        self, points: Iterable[tuple[float, float]], width: float, colour: str, round_: bool = True
    ) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(x, y) for x, y in points], False)
        self.pen.drawPath(path, stroke(colour, width, round_=round_))

    def glow(self, x: float, y: float, r: float, colour: str) -> None:
        """Light that falls off to nothing at distance `r`."""
        shader = skia.GradientShader.MakeRadial(
            skia.Point(x, y), r, [ink(colour), ink(colour[:7] + "00")]
        )
        paint = skia.Paint(Dither=True, Shader=shader, BlendMode=skia.BlendMode.kScreen)
        self.pen.drawCircle(x, y, r, paint)

    def text(
        self, text: str, x: float, y: float, size: float, colour: str, font: str, gap: float = 0
    ) -> None:
        """Write centred on `x`, on the base line `y`; `gap` is more space between letters, as a
        share of the size."""
        face = skia.Font(typeface(font), size)
        widths = [face.measureText(letter) + gap * size for letter in text]
        if not gap:
            self.pen.drawString(text, x - face.measureText(text) / 2, y, face, fill(colour))
            return
        at = x - (sum(widths) - gap * size) / 2
        for letter, width in zip(text, widths, strict=True):
            self.pen.drawString(letter, at, y, face, fill(colour))
            at += width

    def veil(self, share: float, colour: str = "#000000") -> None:
        """Lay `colour` over everything: nothing of it at 0, nothing but it at 1."""
        if share > 0:
            self.pen.drawPaint(skia.Paint(Color=ink(colour), Alphaf=min(1.0, share)))


def ink(colour: str) -> int:
    alpha = colour[7:9] or "ff"
    return int(alpha + colour[1:7], 16)


def fill(colour: str) -> Any:
    return skia.Paint(Color=ink(colour), AntiAlias=True)


def stroke(colour: str, width: float, *, round_: bool = True) -> Any:
    cap, join = skia.Paint.kButt_Cap, skia.Paint.kMiter_Join
    if round_:
        cap, join = skia.Paint.kRound_Cap, skia.Paint.kRound_Join
    return skia.Paint(
        Color=ink(colour), AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=width,
        StrokeCap=cap, StrokeJoin=join,
    )  # fmt: skip


def mix(one: str, other: str, share: float) -> str:
    """Returns `one` at 0, `other` at 1."""
    share = min(1.0, max(0.0, share))
    parts = [
        round(int(one[i : i + 2], 16) * (1 - share) + int(other[i : i + 2], 16) * share)
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def faded(colour: str, share: float) -> str:
    """Returns the colour with an opacity from 0 to 1."""
    return f"{colour[:7]}{round(255 * min(1.0, max(0.0, share))):02x}"


def ease(t: float, start: float = 0, end: float = 1) -> float:
    """Returns 0 before `start`, 1 after `end`, and a soft way between them."""
    share = min(1.0, max(0.0, (t - start) / (end - start)))
    return share * share * (3 - 2 * share)


def bounce(t: float, start: float, end: float) -> float:
    """Returns 0 before `start` and 1 after `end`, overshooting on the way."""
    share = min(1.0, max(0.0, (t - start) / (end - start)))
    return 1 - math.cos(share * math.pi * 2.5) * math.exp(-5 * share) * (1 - share)


def shown(t: float, start: float, end: float, by: float = 0.6) -> float:
    """Returns 1 between `start` and `end`, fading in and out within `by` seconds."""
    return ease(t, start, start + by) * (1 - ease(t, end - by, end))


@cache
def typeface(name: str) -> Any:
    return skia.Typeface.MakeFromFile(str(FONTS / f"{name}.woff"))


def _between(start: tuple[float, float], end: tuple[float, float], colours: Iterable[str]) -> Any:
    points = [skia.Point(*start), skia.Point(*end)]
    return skia.GradientShader.MakeLinear(points, [ink(colour) for colour in colours])


def picture(pixels: NDArray[np.uint8]) -> Any:
    """Returns pixels (height, width, and red, green, blue, alpha) as one of Skia's pictures."""
    return skia.Image.fromarray(np.ascontiguousarray(pixels), skia.kRGBA_8888_ColorType)


def credits_card(
    canvas: Canvas, lines: Iterable[str], colour: str, font: str, share: float
) -> None:
    """Write lines in the middle of the canvas, the first one larger."""
    texts = list(lines)
    y = HEIGHT / 2 - 24 * (len(texts) - 1)
    for n, text in enumerate(texts):
        canvas.text(text, WIDTH / 2, y, 52 if n == 0 else 26, faded(colour, share), font, 0.03)
        y += 62 if n == 0 else 42
