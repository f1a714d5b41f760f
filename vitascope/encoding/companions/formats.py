"""Subtitle files as people send them: SRT and WebVTT, and which format a text is in.

Tolerant, and silent about nothing: a cue whose times cannot be read is told by its line, and text
that belongs to no cue as well. A line of text that is a number stays text. Each function goes once
over the lines. All pure.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from vitascope.encoding.companions import ass
from vitascope.encoding.companions.charsets import MENDED
from vitascope.encoding.companions.markup import Kind, clean
from vitascope.encoding.companions.parsed import MOST_CUES, Parsed, ReadCue, Unreadable, ms_of
from vitascope.encoding.companions.places import of_tags, of_vtt
from vitascope.encoding.companions.timed_text import read_scc, read_ttml
from vitascope.encoding.companions.ttml import is_ttml

Format = Literal["srt", "vtt", "ass", "ttml", "scc"]

_TIME = r"(-)?(?:(\d{1,4})\s*:\s*)?(\d{1,3})\s*:\s*(\d{1,2})(?:\s*[,.:;]\s*(\d{1,9}))?"
_ARROW = r"\s*(?:-{1,3}|–|—|=)\s?>\s*"
_TIMING = re.compile(rf"\s*{_TIME}{_ARROW}{_TIME}(\s.*)?", re.DOTALL)
_VTT_BLOCKS = ("NOTE", "STYLE", "REGION", "WEBVTT", "X-TIMESTAMP-MAP")
_OF_TIMES = frozenset("-0123456789:,.; \t")


def parse(text: str) -> Parsed:
    """Returns what is in a file. Raises `Unreadable`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "").split("\n")
    kind = kind_of(lines)
    match kind:
        case "ttml":
            found = read_ttml(text)
        case "scc":
            found = read_scc("\n".join(lines))
        case "ass":
            found = ass.read(lines)
        case "vtt":
            found = _vtt(lines)
        case "srt":
            found = _srt(lines)
    if not found.cues and not found.lost:
        if kind == "srt" and any(line.strip() for line in lines):
            raise Unreadable("it is in no format that we know")
        return found
    if len(found.cues) > MOST_CUES:
        raise Unreadable(f"it has more than {MOST_CUES:,} cues")
    return found


def kind_of(lines: Sequence[str]) -> Format:
    first = next((line.strip().lstrip("\ufeff") for line in lines if line.strip()), "")
    if re.match(r"WEBVTT(?:\s|$)", first):
        return "vtt"
    if re.match(r"Scenarist_SCC\s+V1", first, re.IGNORECASE):
        return "scc"
    if first.startswith("<") and is_ttml("\n".join(lines[:200])):
        return "ttml"
    if any(re.match(r"\s*\[(?:Events|V4\+? Styles|Script Info)\]", line, re.I) for line in lines):
        return "ass"
    return "srt"


# -- SRT


def _srt(lines: Sequence[str]) -> Parsed:
    """A cue lasts to the next line with times. The number before that is no text: it stands after
    an empty line, or counts on."""
    timings = [(at, times) for at, line in enumerate(lines) if (times := times_of(line))]
    lost = [
        (at + 1, lines[at])
        for at in range(len(lines))
        if _looks_like_times(lines[at]) and not times_of(lines[at])
    ]
    cues: list[ReadCue] = []
    begins = [at for at, _ in timings]
    if timings:
        lost += _before_first(lines[: begins[0]])
    for number, (at, times) in enumerate(timings):
        is_last = number + 1 == len(timings)
        body = [*_beside(lines[at]), *lines[at + 1 : None if is_last else begins[number + 1]]]
        if not is_last:
            _drop_number(body, lines, begins, number)
        cues.append(_cue(times, body, "srt", of_tags("\n".join(body))))
    return Parsed(tuple(cues), tuple(sorted(lost)))


def _drop_number(body: list[str], lines: Sequence[str], begins: Sequence[int], number: int) -> None:
    while body and not body[-1].strip():
        body.pop()
    if not body or not body[-1].strip().isdigit():
        return
    before = begins[number] - 1  # the line that should hold this cue's own number
    own = lines[before].strip() if before >= 0 else ""
    follows = own.isdigit() and int(body[-1][-9:]) == int(own[-9:]) + 1
    if len(body) == 1 or not body[-2].strip() or follows:
        body.pop()


def _before_first(lines: Sequence[str]) -> list[tuple[int, str]]:
    said = [(at + 1, line) for at, line in enumerate(lines) if line.strip()]
    if said and said[-1][1].strip().lstrip("\ufeff").isdigit():
        said.pop()
    return said


# -- WebVTT


def _vtt(lines: Sequence[str]) -> Parsed:
    cues: list[ReadCue] = []
    lost: list[tuple[int, str]] = []
    for at, block in _blocks(lines):
        place = next((n for n, line in enumerate(block[:2]) if times_of(line)), None)
        if place is not None and (times := times_of(block[place])):
            settings = of_vtt(_words_beside(block[place]))
            cues.append(_cue(times, block[place + 1 :], "vtt", settings))
        elif not block[0].lstrip("\ufeff").startswith(_VTT_BLOCKS):
            lost.append((at + 1, block[0]))
    return Parsed(tuple(cues), tuple(lost))


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(where it begins, its lines) of what stands between empty lines. Times begin a block of their
    own, where an empty line was forgotten."""
    block: list[str] = []
    for at, line in enumerate([*lines, ""]):
        is_next = bool(times_of(line)) and any(times_of(each) for each in block)
        if (not line.strip() or is_next) and block:
            yield at - len(block), block
            block = []
        if line.strip():
            block.append(line)


# -- times


def times_of(line: str) -> tuple[int, int] | None:
    """Returns from when until when a line with times says, in milliseconds."""
    if ">" not in line:
        return None
    found = _TIMING.fullmatch(line)
    if not found:
        return None
    return ms_of(*found.groups()[:5]), ms_of(*found.groups()[5:10])


def _beside(line: str) -> list[str]:
    """Returns text that follows the times in their line; positions (`X1:40 Y1:20`) are none."""
    words = _words_beside(line)
    return (
        [] if all(re.fullmatch(r"[A-Za-z]\w*:\S+", word) for word in words) else [" ".join(words)]
    )


def _words_beside(line: str) -> list[str]:
    found = _TIMING.fullmatch(line)
    return (found[11] or "").split() if found else []


def _looks_like_times(line: str) -> bool:
    before, arrow, _ = line.partition(">")
    times = before.rstrip("-–—= \t")
    return bool(arrow) and times != before and bool(times) and set(times) <= _OF_TIMES


def _cue(times: tuple[int, int], body: Sequence[str], kind: Kind, settings: str = "") -> ReadCue:
    text = "\n".join(body)
    return ReadCue(times[0], times[1], clean(text, kind), MENDED in text, settings)
