"""QR codes: of an address, for a terminal and for a page."""

import io
from collections.abc import Sequence

import segno


def in_characters(text: str) -> str:
    """Returns the code in characters: light on dark, two rows of squares in each line."""
    drawn = io.StringIO()
    _made(text).terminal(drawn, border=2, compact=True)
    return drawn.getvalue()


def squares(text: str) -> Sequence[str]:
    """Returns the rows of squares without a margin, "1" for a dark one. A reader wants four squares
    of light around them."""
    return ["".join(map(str, row)) for row in _made(text).matrix_iter(border=0)]


def _made(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
