"""A title set as large as its block allows, in lines broken where they balance."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from demo.drawing.palette import Colour

_CAPITALS = {"bebas-neue", "anton", "cinzel", "limelight", "poiret-one", "monoton", "rye"}


@cache
def font(fonts: Path, name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts / f"{name}.woff"), size)


class Block:
    """A title in its lettering, laid out for a box of `width` by `height` pixels."""

    def __init__(self, text: str, fonts: Path, name: str, width: int, height: int) -> None:
        words = (text.upper() if name in _CAPITALS else text).split()
        self.lines, self.size = max(
            ((lines, _largest(lines, fonts, name, width, height)) for lines in _breaks(words)),
            key=lambda found: (found[1], -len(found[0])),
        )
        self.font = font(fonts, name, self.size)
        self.step = round(self.size * 1.02)
        self.height = self.step * len(self.lines)

    def draw(self, image: Image.Image, x: float, y: float, colour: Colour, *, centre: bool) -> None:
        """`x` is the middle when `centre`, else the left edge; `y` is the top."""
        pen = ImageDraw.Draw(image)
        for i, line in enumerate(self.lines):
            at = (x, y + (i + 0.5) * self.step)
            pen.text(at, line, font=self.font, fill=colour, anchor="mm" if centre else "lm")


def spaced(
    image: Image.Image,
    text: str,
    face: ImageFont.FreeTypeFont,
    at: tuple[float, float],
    colour: Colour,
    *,
    centre: bool,
    gap: float = 0.16,
) -> None:
    """A small line of widely spaced capitals."""
    pen = ImageDraw.Draw(image)
    widths = [face.getlength(letter) + face.size * gap for letter in text]
    x = at[0] - (sum(widths) - face.size * gap) / 2 if centre else at[0]
    for letter, width in zip(text, widths, strict=True):
        pen.text((x, at[1]), letter, font=face, fill=colour, anchor="lm")
        x += width


def spaced_width(text: str, face: ImageFont.FreeTypeFont, gap: float = 0.16) -> float:
    return sum(face.getlength(letter) + face.size * gap for letter in text)


def _breaks(words: list[str]) -> Iterator[list[str]]:
    """Every way to set the words in one to four lines."""
    for cuts in range(2 ** (len(words) - 1)):
        lines, line = [], [words[0]]
        for i, word in enumerate(words[1:]):
            if cuts >> i & 1:
                lines.append(" ".join(line))
                line = []
            line.append(word)
        lines.append(" ".join(line))
        if len(lines) <= 4:
            yield lines


def _largest(lines: list[str], fonts: Path, name: str, width: int, height: int) -> int:
    probe = font(fonts, name, 100)
    widest = max(probe.getlength(line) for line in lines)
    return max(8, int(min(width / widest * 100, height / len(lines) / 1.02)))
