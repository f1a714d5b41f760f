"""Cues: reading them from whatever a partner calls subtitles, cleaning, judging, writing WebVTT.

All pure. What comes out holds text and the marks for italics, bold and underline, nothing else:
no other tag, no class, no style, no position, no control character, and every `<`, `>` and `&` of
the text is escaped. So a cue can neither carry markup into a page nor break the file's syntax.
"""

import html
import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pysubs2
from pysubs2.exceptions import Pysubs2Error
from pysubs2.formats import autodetect_format

from vitascope.encoding.contract.master import Finding
from vitascope.encoding.master.findings import note, warn

_FORMATS = {"srt", "ass", "ssa", "vtt"}  # of the parser's, those that people send
_MOST_BYTES = 16 * 2**20
_FAST_CPS = 25.0  # characters a second; adults read about 17, children 13
_LEGACY = {
    **dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "be"), "cp1251"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq"), "cp1250"),
    **dict.fromkeys(("et", "lv", "lt"), "cp1257"),
    **{"el": "cp1253", "tr": "cp1254", "he": "cp1255", "ar": "cp1256", "fa": "cp1256"},
    **{"vi": "cp1258", "th": "cp874", "ja": "cp932", "ko": "cp949", "zh": "gb18030"},
}
_MARKS = {"i": "\ue000", "b": "\ue001", "u": "\ue002"}  # private use: stripped from the text first
_TAG = re.compile(r"\{[^{}]*\}|</?[a-zA-Z][^<>]*>")
_STYLE = re.compile(r"\\([ibu])([01])(?![0-9])")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u200b\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]"
)


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is WebVTT cue text, one or more lines, none of them empty."""

    start_ms: int
    end_ms: int
    text: str


class Unreadable(Exception):
    """Not subtitles that we can read; the sentence says why."""


def decode(data: bytes, language: str) -> tuple[str, str]:
    """Returns the text and the charset's name: Unicode where it shows, else the language's old code
    page."""
    for mark, charset in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(charset, "replace").lstrip("\ufeff"), charset
    sample = data[:4096]
    if sample.count(0) > len(sample) // 5:
        charset = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        return data.decode(charset, "replace"), charset
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        charset = _LEGACY.get(language.partition("-")[0], "cp1252")
        return data.decode(charset, "replace"), charset


def read_cues(data: bytes, language: str) -> tuple[list[Cue], list[Finding]]:
    """Returns cleaned cues in the file's order, with the times that it says, and findings. Raises
    `Unreadable`."""
    if len(data) > _MOST_BYTES:
        raise Unreadable("it is larger than 16 MiB")
    text, charset = decode(data, language)
    findings = []
    if not charset.startswith("utf"):
        sentence = f"The subtitles in '{language}' are not UTF-8. They are read as {charset}."
        findings.append(note("subtitle-charset", sentence))
    cues = []
    for event in _parsed(text.replace("\r\n", "\n").replace("\r", "\n")):
        words = clean(event.text)
        if words and not (event.is_comment or event.is_drawing):
            cues.append(Cue(start_ms=event.start, end_ms=event.end, text=words))
    return cues, findings


def _parsed(text: str) -> pysubs2.SSAFile:
    try:
        kind = autodetect_format(text)
        if kind not in _FORMATS:
            raise Unreadable(f"{kind} is not one of SRT, WebVTT and ASS")
        return pysubs2.SSAFile.from_string(text, format_=kind)
    except (Pysubs2Error, ValueError, IndexError, KeyError, OverflowError) as error:
        raise Unreadable("it is not SRT, WebVTT or ASS") from error


def clean(text: str) -> str:
    """Returns one cue's text as safe WebVTT. Takes the markup of SRT and ASS."""
    text = _UNWANTED.sub("", text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " "))
    text = html.unescape(_TAG.sub(_kept_marks, text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    text = html.escape("\n".join(line for line in lines if _said(line)), quote=False)
    return _balanced(text)


def _kept_marks(tag: re.Match[str]) -> str:
    simple = re.fullmatch(r"<(/?)([ibu])>", tag[0], re.IGNORECASE)
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


def fit(
    cues: Sequence[Cue], duration_ms: int, language: str, shift_ms: int = 0
) -> tuple[list[Cue], list[Finding]]:
    """Returns the cues inside the programme, in order of time, and findings about the others.

    `shift_ms` is subtracted from every time."""
    moved = [_moved(cue, -shift_ms) for cue in cues]
    ordered = sorted(moved, key=lambda cue: (cue.start_ms, cue.end_ms))
    backwards = [cue for cue in ordered if cue.end_ms <= cue.start_ms]
    forward = [cue for cue in ordered if cue.end_ms > cue.start_ms]
    outside = [cue for cue in forward if cue.start_ms >= duration_ms or cue.end_ms <= 0]
    inside = [_clipped(cue, duration_ms) for cue in forward if cue not in outside]
    cut = [cue for cue in forward if cue not in outside and cue.end_ms > duration_ms]
    findings = _told(
        language, "subtitle-backwards", "cues that end before they begin are left out", backwards
    )
    findings += _told(language, "subtitle-outside", "cues outside the film are left out", outside)
    findings += _told(
        language, "subtitle-cut", "cues that outlast the video are cut at its end", cut
    )
    findings += _judged(language, inside)
    return inside, findings


def _judged(language: str, cues: Sequence[Cue]) -> list[Finding]:
    over = [after for before, after in pairwise(cues) if after.start_ms < before.end_ms]
    fast = [cue for cue in cues if _speed(cue) > _FAST_CPS]
    found = _told(language, "subtitle-overlap", "cues overlap", over)
    return found + _told(language, "subtitle-too-fast", "cues are too fast to read", fast)


def _told(language: str, code: str, what: str, cues: Sequence[Cue]) -> list[Finding]:
    if not cues:
        return []
    sentence = f"Subtitles in '{language}': {what} ({len(cues)})."
    begin, until = max(0, cues[0].start_ms), max(0, cues[0].end_ms)
    return [warn(code, sentence, from_ms=begin, until_ms=until, value=len(cues), unit="cues")]


def _speed(cue: Cue) -> float:
    shown = html.unescape(re.sub(r"<[^>]*>", "", cue.text))
    return len(shown.replace("\n", " ")) * 1000 / (cue.end_ms - cue.start_ms)


def _moved(cue: Cue, by_ms: int) -> Cue:
    return Cue(start_ms=cue.start_ms + by_ms, end_ms=cue.end_ms + by_ms, text=cue.text)


def _clipped(cue: Cue, duration_ms: int) -> Cue:
    start, end = max(0, cue.start_ms), min(duration_ms, cue.end_ms)
    return Cue(start_ms=start, end_ms=end, text=cue.text)


def webvtt(cues: Sequence[Cue]) -> str:
    """Returns the file, ending in a newline."""
    blocks = [
        f"{timestamp(cue.start_ms)} --> {timestamp(cue.end_ms)}\n{cue.text}\n" for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def timestamp(ms: int) -> str:
    """Returns a time as WebVTT writes it: `01:02:03.004`."""
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
