"""The text of a cue as safe WebVTT, from the markup of SRT, WebVTT or ASS. All pure.

What comes out holds text and the marks for italics, bold, underline and ruby, nothing else: no
other tag, no class, no style, no control character, and every `<`, `>` and `&` of the text is
escaped. So a cue can neither carry markup into a page nor break the file's syntax. What is no
markup in its format is text and stays: `{laughs}` and `C:\\new` in SRT, `<John>` there.

Every pattern takes a time that grows with the length of the text: none can begin twice at the same
place, and what may repeat excludes what comes after it.
"""

import html
import re
from collections.abc import Iterable
from typing import Literal

Kind = Literal["srt", "vtt", "ass"]

# private use: stripped from the text first
_MARKS = {"i": "\ue000", "b": "\ue001", "u": "\ue002", "ruby": "\ue003", "rt": "\ue004"}
_MARK = re.compile("([\ue000-\ue004][01])")
_INDENT = re.compile("^((?:[\ue000-\ue004][01])+) ")
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
_SIMPLE = re.compile(r"<(/?)([ibu]|ruby|rt)(?:[.\s][^<>]*)?>", re.IGNORECASE)
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
    return _finished(text)


def styled(pieces: Iterable[tuple[str, frozenset[str]]]) -> str:
    """Returns the same of pieces of plain text, each with the names of its tags."""
    made: list[str] = []
    before = frozenset[str]()
    for text, tags in [*pieces, ("", frozenset())]:
        made += [_MARKS[name] + "0" for name in _MARKS if name in before - tags]
        made += [_MARKS[name] + "1" for name in _MARKS if name in tags - before]
        made.append(_UNWANTED.sub("", text))
        before = tags
    return _finished("".join(made))


def _finished(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    kept = (_INDENT.sub(r"\1", line) for line in lines if _said(line))
    text = html.escape("\n".join(kept), quote=False)
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
    return bool(_MARK.sub("", line).strip())


def _balanced(text: str) -> str:
    """Marks become tags, each closed in the order in which WebVTT wants them nested."""
    names = {mark: name for name, mark in _MARKS.items()}
    open_now: list[str] = []
    pieces: list[str] = []
    for piece in _MARK.split(text):
        name = names.get(piece[:1])
        if name is None:
            pieces.append(piece)
        elif piece[1] == "1" and name not in open_now:
            open_now.append(name)
            pieces.append(f"<{name}>")
        elif piece[1] == "0" and name in open_now:
            while (last := open_now.pop()) != name:
                pieces.append(f"</{last}>")
            pieces.append(f"</{name}>")
    return "".join([*pieces, *(f"</{name}>" for name in reversed(open_now))])
