"""Where a cue stands in the picture, as settings of WebVTT. All pure.

Anchors (`line:90%,end`) are turned into the place of a text's beginning, because packagers forget
them; it is known how many lines a text has, and a line is taken to be 6 % high, as players draw it.
A cue without settings stands at the bottom in the middle, where players put it best: they move it
up for their controls. So what a file says of that place is left out.
"""

import re
from collections.abc import Iterable

_PERCENT = r"(?:100|[0-9]{1,2})(?:\.[0-9]{1,6})?%"
_KNOWN = (  # in the order in which they are written
    ("line", re.compile(rf"(?:-?[0-9]{{1,3}}|{_PERCENT})(?:,(?:start|center|end))?")),
    ("position", re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?")),
    ("size", re.compile(_PERCENT)),
    ("align", re.compile(r"start|center|end|left|right")),
)
_ANCHORED = re.compile(r"line:([0-9.]+)%,(center|end)")
_LINE_HEIGHT = 6.0
_ALIGN = ("left", "center", "right")
_COLUMN = ("line-left", "center", "line-right")
_ROW = ("end", "center", "start")  # bottom, middle, top
# SSA numbered them otherwise: the bottom from 1, the top from 5, the middle from 9
CORNERS_BEFORE = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}
_CORNER_TAG = re.compile(r"\{[^{}]*?\\a(n?)([0-9]{1,2})(?![0-9])")
_LOW = 70.0  # percent of the height, below which a text is taken to stand at the bottom
_MIDDLE = 4.0  # percent by which a text may be beside the middle


def of_vtt(words: Iterable[str]) -> str:
    """Returns the settings that a WebVTT file gives, those that are well formed; of two of a kind
    the last. Regions and vertical text are left out."""
    said = dict(word.partition(":")[::2] for word in words)
    kept = [f"{name}:{said[name]}" for name, form in _KNOWN if form.fullmatch(said.get(name, ""))]
    return " ".join(each for each in kept if each != "align:center")


def settled(settings: str, lines: int) -> str:
    """Returns the settings of a text of so many lines without anchors."""
    parts = settings.split()
    return " ".join(_unanchored(part, lines) for part in parts)


def _unanchored(setting: str, lines: int) -> str:
    found = _ANCHORED.fullmatch(setting)
    if found is None:
        return setting.partition(",")[0]
    height = _LINE_HEIGHT * lines / (2 if found[2] == "center" else 1)
    return f"line:{max(0.0, float(found[1]) - height):g}%"


def of_corner(number: int) -> str:
    """Returns the settings of a place by the keys of a number pad: 2 is at the bottom in the
    middle, 7 at the top left."""
    row, column = divmod(number - 1, 3)
    kept = [
        ("", "line:50%,center", "line:0")[row],
        "" if column == 1 else f"align:{_ALIGN[column]}",
    ]
    return " ".join(each for each in kept if each)


def corner_of_tags(text: str) -> int | None:
    """Returns the key of the first tag such as `{\\an8}` or SSA's `{\\a6}`."""
    found = _CORNER_TAG.search(text)
    if found is None:
        return None
    number = int(found[2])
    return (number if 1 <= number <= 9 else None) if found[1] else CORNERS_BEFORE.get(number)


def of_tags(text: str) -> str:
    """Returns the settings of a text in SRT, in which programs write such tags, too."""
    corner = corner_of_tags(text)
    return "" if corner is None else of_corner(corner)


def of_point(x: float, y: float, number: int) -> str:
    """Returns the settings of a text of which a corner (of the number pad's) is at `x` and `y`
    percent of the picture."""
    row, column = divmod(number - 1, 3)
    return _written(x, y, _ROW[row], column)


def of_box(left: float, top: float, width: float, height: float, *, row: int, column: int) -> str:
    """Returns the settings of a text at the bottom (0), middle (1) or top (2), and the left,
    middle or right (0 to 2), of a box in percent of the picture."""
    x = left + width * column / 2
    y = top + height * (2 - row) / 2
    return _written(x, y, _ROW[row], column)


def _written(x: float, y: float, row: str, column: int) -> str:
    kept: list[str] = []
    if y < _LOW:
        kept.append(f"line:{_bounded(y)}%,{row}")
    if column != 1 or abs(x - 50) > _MIDDLE:
        kept += [f"position:{_bounded(x)}%,{_COLUMN[column]}", f"align:{_ALIGN[column]}"]
    return " ".join(kept)


def _bounded(percent: float) -> int:
    return round(min(100.0, max(0.0, percent)))
