"""The three pictures of a title: poster and landscape with its name, billboard without.

Deterministic: the same title gives the same pixels, so that the content-hash names of its pictures
stay what they were.
"""

import io
import zlib
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFont import FreeTypeFont

from demo.drawing.creatures import CREATURES
from demo.drawing.figures import FIGURES
from demo.drawing.lettering import Block, font, spaced, spaced_width
from demo.drawing.machines import MACHINES
from demo.drawing.palette import PALETTES, Colour, Palette
from demo.drawing.patterns import PATTERNS
from demo.drawing.places import PLACES
from demo.drawing.sheet import Sheet
from demo.drawing.skies import SKIES
from demo.drawing.stills import Still, framed

MOTIFS = {**SKIES, **PLACES, **FIGURES, **CREATURES, **MACHINES, **PATTERNS}
POSTER, LANDSCAPE, BILLBOARD = (480, 720), (640, 360), (1280, 720)
_SMALL = "oswald"


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """What a poster is drawn from."""

    name: str
    byline: str  # "GEORGES MÉLIÈS · 1902"
    motif: str = ""  # one of MOTIFS
    still: Still | None = None  # in place of a motif
    palette: str  # one of PALETTES
    font: str  # a file in the fonts' folder, without its ending


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """WebP files, and the colour that stands for them while they load."""

    poster: bytes
    landscape: bytes
    billboard: bytes
    tint: str


def pictures(design: Design, fonts: Path) -> Pictures:
    palette = PALETTES[design.palette]
    if design.still:
        poster, landscape, billboard = framed(design.still, (POSTER, LANDSCAPE, BILLBOARD))
    else:
        poster = _motif(design, palette, POSTER, (0.5, 0.37), 0.42)
        landscape = _motif(design, palette, LANDSCAPE, (0.735, 0.46), 0.39)
        billboard = _motif(design, palette, BILLBOARD, (0.69, 0.46), 0.4)
    return Pictures(
        poster=_webp(_letter_poster(poster, design, palette, fonts)),
        landscape=_webp(_letter_landscape(landscape, design, palette, fonts)),
        billboard=_webp(billboard),
        tint=_tint(billboard, palette),
    )


def _motif(
    design: Design,
    palette: Palette,
    size: tuple[int, int],
    focus: tuple[float, float],
    reach: float,
) -> Image.Image:
    sheet = Sheet(*size, palette, zlib.crc32(design.name.encode()), focus, reach)
    MOTIFS[design.motif](sheet)
    return sheet.finished()


def _letter_poster(
    image: Image.Image, design: Design, palette: Palette, fonts: Path
) -> Image.Image:
    width, height = image.size
    block = Block(design.name, fonts, design.font, round(width * 0.84), round(height * 0.205))
    foot = round(height * 0.915)
    top = foot - block.height
    _scrim_below(image, (top - 60) / height, palette.ink)
    block.draw(image, width / 2, top, palette.light, centre=True)
    face = _fitting(design.byline, fonts, width * 0.84, 17)
    rule = Image.new("RGB", (round(width * 0.1), 3), palette.accent)
    image.paste(rule, (round(width * 0.45), round(height * 0.932)))
    at = (width / 2, height * 0.96)
    spaced(image, design.byline, face, at, palette.main, centre=True)
    return image


def _letter_landscape(
    image: Image.Image, design: Design, palette: Palette, fonts: Path
) -> Image.Image:
    width, height = image.size
    block = Block(design.name, fonts, design.font, round(width * 0.455), round(height * 0.5))
    left, foot = round(width * 0.055), round(height * 0.82)
    _scrim_left(image, palette.ink)
    block.draw(image, left, foot - block.height, palette.light, centre=False)
    image.paste(Image.new("RGB", (34, 3), palette.accent), (left, foot + 12))
    face = _fitting(design.byline, fonts, width * 0.6, 13)
    spaced(image, design.byline, face, (left, foot + 30), palette.main, centre=False)
    return image


def _fitting(text: str, fonts: Path, width: float, size: int) -> FreeTypeFont:
    while size > 9 and spaced_width(text, font(fonts, _SMALL, size)) > width:
        size -= 1
    return font(fonts, _SMALL, size)


def _scrim_below(image: Image.Image, start: float, colour: Colour) -> None:
    rows = (np.linspace(0, 1, image.height) - start) / max(0.05, 0.86 - start)
    _shade(image, np.tile(rows[:, None], (1, 2)), colour)


def _scrim_left(image: Image.Image, colour: Colour) -> None:
    across = np.linspace(0, 1, image.width)
    _shade(image, np.tile(((0.7 - across) / 0.46)[None, :], (2, 1)), colour)


def _shade(image: Image.Image, strength: NDArray[np.float64], colour: Colour) -> None:
    ease = strength.clip(0, 1)
    ease = ease * ease * (3 - 2 * ease) * 238
    mask = Image.fromarray(ease.astype(np.uint8), "L").resize(image.size, Image.Resampling.BILINEAR)
    image.paste(Image.new("RGB", image.size, colour), (0, 0), mask)


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=74, method=6)
    return out.getvalue()


def _tint(image: Image.Image, palette: Palette) -> str:
    """The palette's colour that covers most of the picture, but not its black or its white."""
    pixels = np.asarray(image.resize((64, 36))).reshape(-1, 3).astype(float)
    inks = np.array(palette, dtype=float)
    nearest = np.linalg.norm(pixels[:, None] - inks[None], axis=2).argmin(axis=1)
    counts = np.bincount(nearest, minlength=5)
    r, g, b = palette[1 + int(counts[1:4].argmax())]
    return f"#{r:02x}{g:02x}{b:02x}"
