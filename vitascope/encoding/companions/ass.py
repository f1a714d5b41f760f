"""ASS and SSA: the lines of a script, with the styles that they name, into cues.

Of a style, italics, bold, underline and the place are kept; of a line, what its tags say of these.
Each function goes once over the lines. All pure.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from vitascope.encoding.companions.charsets import MENDED
from vitascope.encoding.companions.markup import clean
from vitascope.encoding.companions.parsed import Parsed, ReadCue, ms_of
from vitascope.encoding.companions.places import (
    CORNERS_BEFORE,
    corner_of_tags,
    of_corner,
    of_point,
)

_TIME = re.compile(r"\s*(-)?(\d{1,4}):(\d{1,2}):(\d{1,2})(?:[.:,](\d{1,3}))?\s*")
_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect")
_POINT = re.compile(r"\\pos\(\s*(-?[\d.]{1,12})\s*,\s*(-?[\d.]{1,12})\s*\)")
_SIZE = (384.0, 288.0)  # of the picture in which places are meant, where a script does not say


class Style(msgspec.Struct, frozen=True):
    """`corner` is a key of a number pad; `marks` are tags as a line would have them."""

    corner: int = 2
    marks: str = ""


class _Script:
    """What the lines so far said about those that follow."""

    def __init__(self) -> None:
        self.fields: Sequence[str] = _FIELDS
        self.style_fields: Sequence[str] = ()
        self.styles: dict[str, Style] = {}
        self.is_ssa = False
        self.size = {"playresx": 0.0, "playresy": 0.0}


def read(lines: Sequence[str]) -> Parsed:
    script = _Script()
    cues: list[ReadCue] = []
    lost: list[tuple[int, str]] = []
    for at, line in enumerate(lines):
        kind, _, rest = line.partition(":")
        word = kind.strip().lower()
        if word == "dialogue":
            cue = _dialogue(rest, script)
            if cue is None:
                lost.append((at + 1, line))
            else:
                cues.append(cue)
        else:
            _note(word, rest, script)
    return Parsed(tuple(cues), tuple(lost))


def _note(word: str, rest: str, script: _Script) -> None:
    if word == "[v4 styles]":
        script.is_ssa = True
    elif word in script.size and re.fullmatch(r"\s*\d{1,5}\s*", rest):
        script.size[word] = float(rest)
    elif word == "format":
        fields = [field.strip().lower() for field in rest.split(",")]
        if {"text", "start"} <= set(fields):
            script.fields = fields[:-1]
        elif "alignment" in fields:
            script.style_fields = fields
    elif word == "style":
        said = dict(zip(script.style_fields, map(str.strip, rest.split(",")), strict=False))
        script.styles[said.get("name", "").lstrip("*")] = _style(said, script.is_ssa)


def _style(said: Mapping[str, str], is_ssa: bool) -> Style:
    marks = "".join(
        f"\\{name[0]}1" for name in ("italic", "bold", "underline") if _is_on(said.get(name, "0"))
    )
    number = said.get("alignment", "")
    corner = int(number) if re.fullmatch(r"\d{1,2}", number) else 2
    corner = CORNERS_BEFORE.get(corner, 2) if is_ssa else corner
    return Style(corner if 1 <= corner <= 9 else 2, f"{{{marks}}}" if marks else "")


def _is_on(value: str) -> bool:
    return value not in ("0", "")


def _dialogue(rest: str, script: _Script) -> ReadCue | None:
    """The text is the last field, and may have commas of its own."""
    fields = script.fields
    parts = rest.split(",", len(fields))
    if len(parts) != len(fields) + 1 or not {"start", "end"} <= set(fields):
        return None
    said = dict(zip(fields, parts, strict=False))
    times = [_TIME.fullmatch(said[name]) for name in ("start", "end")]
    if None in times:
        return None
    begin, end = (ms_of(*found.groups()) for found in times if found)
    style = script.styles.get(said.get("style", "").strip().lstrip("*"), Style())
    text = style.marks + parts[-1]
    settings = _settings(text, style, script)
    return ReadCue(begin, end, clean(text, "ass"), MENDED in text, settings)


def _settings(text: str, style: Style, script: _Script) -> str:
    corner = corner_of_tags(text) or style.corner
    point = _POINT.search(text)
    if point is None:
        return of_corner(corner)
    try:
        x, y = float(point[1]), float(point[2])
    except ValueError:
        return of_corner(corner)
    width, height = script.size["playresx"], script.size["playresy"]
    width, height = (width, height) if width and height else _SIZE
    return of_point(100 * x / width, 100 * y / height, corner)
