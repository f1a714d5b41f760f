"""The colours of the posters: five to a palette, as a screen printer would choose them."""

from typing import NamedTuple

Colour = tuple[int, int, int]


def _hex(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


class Palette(NamedTuple):
    """From the darkest to the lightest, with one colour that shouts."""

    ink: Colour
    deep: Colour
    main: Colour
    accent: Colour
    light: Colour


def _palette(line: str) -> Palette:
    return Palette(*(_hex(word) for word in line.split()))


PALETTES = {
    name: _palette(line)
    for name, line in {
        "midnight": "#0a0f2c #1f2f6b #f0d58c #e2583e #fbf4dd",
        "ink": "#101013 #2c2b31 #b9b2a3 #d2202f #f3ece0",
        "acid": "#15130c #3d3a12 #d9c928 #e5532d #f6f0c9",
        "cold": "#07141a #1c3d47 #86b0a6 #c8d96f #e6efe2",
        "constructivist": "#17110f #5b1512 #e6d7b5 #d8301f #f7ecd4",
        "deco": "#08191b #12484a #d8a945 #ef7d3c #f9eccb",
        "rust": "#2a0f0c #7f2d18 #e58a3d #f6c667 #fbeed1",
        "forest": "#0b1f1a #1d5141 #8fbf5a #f7c948 #f8f5dc",
        "ice": "#071b2e #1d5876 #8ecfdd #f26a4b #f0f8f8",
        "rose": "#2a0a1f #86204f #ef7f9c #ffc07f #fff0e4",
        "ember": "#150707 #6a1410 #e4501f #ffb938 #ffeecf",
        "violet": "#120a2c #452590 #a48bf4 #ff79b0 #f7efff",
        "candy": "#12344d #2c8fb0 #ffd05e #ef4b63 #fff8e2",
        "toxic": "#0a160e #1f4a25 #a4cf35 #e84b8a #f3f8d6",
        "sepia": "#21160e #5f4429 #cda268 #d9572b #f7e9cb",
        "teal": "#04212a #0d5c66 #45c2bd #ff8c3b #f3f7ea",
        "storm": "#0d111d #2d3a5a #8b9fc8 #ffb51b #f1f3fa",
        "spring": "#123027 #3c8065 #b9dd8f #f58fa8 #fdfae6",
        "spectrum": "#0c0821 #3a1c71 #3fd0c9 #ff4f81 #fff1d6",
    }.items()
}


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` at 0, `other` at 1."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(one, other, strict=True))
    return r, g, b
