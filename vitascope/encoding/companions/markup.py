"""The text of a cue as safe WebVTT, from the markup of SRT, WebVTT or ASS. All pure.

What comes out holds text and the marks for italics, bold and underline, nothing else: no other tag,
no class, no style, no position, no control character, and every `<`, `>` and `&` of the text is
escaped. So a cue can neither carry markup into a page nor break the file's syntax. What is no
markup in its format is text and stays: `{laughs}` and `C:\\new` in SRT, `<John>` there.

Every pattern takes a time that grows with the length of the text: none can begin twice at the same
place, and what may repeat excludes what comes after it.
"""

import html
import re
from typing import Literal

Kind = Literal["srt", "vtt", "ass"]

_MARKS = {"i": "\ue000", "b": "\ue001", "u": "\ue002"}  # private use: stripped from the text first
_TAGS = {
    # In SRT, `{\an8}` and its like are taken from ASS by almost every program that writes it.
    "srt": re.compile(
        r"</?(?:[ibus]|font|strike)(?:\s[^<>]*)?>"
        r"|\{\\(?:an?\d|[ibus][01]|pos\(|move\(|fad|c&|\d?c&|fn|fs|k)[^{}]*\}",
        re.IGNORECASE,
    ),
    "vtt": re.compile(r"</?[a-zA-Z][^<>]*>|<[\d:.]+>|</>"),
    "ass": re.compile(r"\{[^{}]*\}"),
}
_STYLE = re.compile(r"\\([ibu])([01])(?![0-9])")
_SIMPLE = re.compile(r"<(/?)([ibu])(?:[.\s][^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|lrm|rlm|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_DRAWING = re.compile(r"\\p([0-9])")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u200b\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]"
)


def clean(text: str, kind: Kind = "srt") -> str:
    """Returns one cue's text as WebVTT, without empty lines; empty for one without text."""
    if kind == "ass":
        text = _undrawn(text).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    text = _TAGS[kind].sub(_kept_marks, _UNWANTED.sub("", text))
    if kind != "ass":
        text = _ENTITY.sub(lambda found: _UNWANTED.sub("", html.unescape(found[0])), text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    text = html.escape("\n".join(line for line in lines if _said(line)), quote=False)
    return _balanced(text)


def _undrawn(text: str) -> str:
    """Returns the text outside drawings, which are lines of coordinates between `{\\p1}` and
    `{\\p0}`."""
    pieces: list[str] = []
    is_drawing = False
    for piece in re.split(r"(\{[^{}]*\})", text):
        if piece.startswith("{"):
            scales = _DRAWING.findall(piece)
            is_drawing = scales[-1] != "0" if scales else is_drawing
            pieces.append(piece)
        elif not is_drawing:
            pieces.append(piece)
    return "".join(pieces)


def _kept_marks(tag: re.Match[str]) -> str:
    simple = _SIMPLE.fullmatch(tag[0])
    if simple:
        return _MARKS[simple[2].lower()] + ("0" if simple[1] else "1")
    styles = _STYLE.findall(tag[0]) if tag[0].startswith("{") else []
    return "".join(_MARKS[letter] + on for letter, on in styles)


def _said(line: str) -> bool:
    return bool(re.sub("[\ue000-\ue002][01]", "", line).strip())


def _balanced(text: str) -> str:
    """Marks become tags, each closed in the order in which WebVTT wants them nested."""
    letters = {mark: letter for letter, mark in _MARKS.items()}
    open_now: list[str] = []
    pieces: list[str] = []
    for piece in re.split("([\ue000-\ue002][01])", text):
        letter = letters.get(piece[:1])
        if letter is None:
            pieces.append(piece)
        elif piece[1] == "1" and letter not in open_now:
            open_now.append(letter)
            pieces.append(f"<{letter}>")
        elif piece[1] == "0" and letter in open_now:
            while (last := open_now.pop()) != letter:
                pieces.append(f"</{last}>")
            pieces.append(f"</{letter}>")
    return "".join([*pieces, *(f"</{letter}>" for letter in reversed(open_now))])
