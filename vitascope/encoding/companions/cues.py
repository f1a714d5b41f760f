"""Cues: fitting them into the film, judging them, writing WebVTT. All pure.

What the bytes of a file say is for `charsets.py`, `formats.py` and `markup.py`; here cues are text
and times.
"""

import bisect
import html
import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from vitascope.encoding.companions.charsets import Spelled, decode
from vitascope.encoding.companions.formats import parse
from vitascope.encoding.companions.parsed import Parsed, ReadCue, Unreadable
from vitascope.encoding.companions.places import settled
from vitascope.encoding.companions.timed_text import is_stl, read_stl
from vitascope.encoding.contract.finding_codes import FindingCode
from vitascope.encoding.contract.master import Finding
from vitascope.encoding.master.findings import note, warn

_MOST_BYTES = 16 * 2**20
_FAST_CPS = 25.0  # characters a second; adults read about 17, children 13
_READ_CPS = 15.0
_SHORTEST_MS = 1000
HOUR_MS = 3_600_000
_NAMED = 5  # places of one kind that a sentence names


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is WebVTT cue text, one or more lines, none of them empty. `settings` say where it
    stands, as WebVTT does; empty for the bottom in the middle."""

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""


def read_cues(data: bytes, language: str) -> tuple[list[Cue], list[Finding]]:
    """Returns cleaned cues in the file's order, with the times that it says, and findings. Raises
    `Unreadable`."""
    if len(data) > _MOST_BYTES:
        raise Unreadable("it is larger than 16 MiB")
    if is_stl(data):
        spelled, parsed = Spelled(text="", charset="utf-8"), read_stl(data)
    else:
        spelled = decode(data, language)
        parsed = parse(spelled.text)
    cues = [
        Cue(
            start_ms=line.start_ms,
            end_ms=line.end_ms,
            text=line.text,
            settings=settled(line.settings, line.text.count("\n") + 1),
        )
        for line in parsed.cues
        if line.text
    ]
    return cues, _told_of_reading(language, spelled, parsed)


def _told_of_reading(language: str, spelled: Spelled, parsed: Parsed) -> list[Finding]:
    findings: list[Finding] = []
    if not spelled.charset.startswith("utf"):
        sentence = f"The subtitles in '{language}' are not Unicode. They are read as "
        findings.append(note("subtitle-charset", f"{sentence}{spelled.charset}."))
    mended = [line for line in parsed.cues if line.is_mended]
    what = f"cues are not UTF-8 as the others are; they are read as {spelled.mended}"
    findings += _told(language, "subtitle-charset-mixed", what, mended)
    if parsed.lost:
        places = ", ".join(f"line {at} ({text.strip()[:40]})" for at, text in parsed.lost[:_NAMED])
        sentence = (
            f"Subtitles in '{language}': {len(parsed.lost)} places can't be read and are left out: "
            f"{places}{', ...' if len(parsed.lost) > _NAMED else ''}. Correct them."
        )
        lost = float(len(parsed.lost))
        findings.append(warn("subtitle-unreadable-cues", sentence, value=lost, unit="places"))
    empty = [line for line in parsed.cues if not line.text]
    if empty and len(empty) < len(parsed.cues):
        findings += _told(language, "subtitle-without-text", "cues have no text", empty)
    return findings


def whole_hours(cues: Sequence[Cue], duration_ms: int) -> int:
    """Returns at which hour a programme's time code begins, as broadcasters have it at one or ten:
    where no cue lies inside the film, and next to all do when the hours are taken away; else 0."""
    if not cues or any(_is_inside(cue, duration_ms) for cue in cues):
        return 0
    hours = min(cue.start_ms for cue in cues) // HOUR_MS
    inside = sum(_is_inside(_moved(cue, -hours * HOUR_MS), duration_ms) for cue in cues)
    return hours if hours > 0 and inside >= 0.9 * len(cues) else 0


def fit(
    cues: Sequence[Cue], duration_ms: int, language: str, shift_ms: int = 0
) -> tuple[list[Cue], list[Finding]]:
    """Returns the cues inside the programme, in order of time, and findings about the others.

    `shift_ms` is subtracted from every time."""
    moved = [_moved(cue, -shift_ms) for cue in cues]
    ordered = sorted(moved, key=lambda cue: (cue.start_ms, cue.end_ms))
    backwards = [cue for cue in ordered if cue.end_ms < cue.start_ms]
    timeless = [cue for cue in ordered if cue.end_ms == cue.start_ms]
    forward = _lasting([cue for cue in ordered if cue.end_ms >= cue.start_ms])
    outside = [cue for cue in forward if not _is_inside(cue, duration_ms)]
    within = [cue for cue in forward if _is_inside(cue, duration_ms)]
    inside = [_clipped(cue, duration_ms) for cue in within]
    cut = [cue for cue in within if cue.end_ms > duration_ms]
    findings = _told(
        language, "subtitle-backwards", "cues that end before they begin are left out", backwards
    )
    what = "cues have no length; they are shown as long as it takes to read them"
    findings += _told(language, "subtitle-no-length", what, timeless)
    findings += _told(language, "subtitle-outside", "cues outside the film are left out", outside)
    findings += _told(
        language, "subtitle-cut", "cues that outlast the video are cut at its end", cut
    )
    findings += _judged(language, inside)
    return inside, findings


def _lasting(cues: Sequence[Cue]) -> list[Cue]:
    """Gives cues without length the time that reading takes, at most until the next one."""
    starts = sorted({cue.start_ms for cue in cues})
    made: list[Cue] = []
    for cue in cues:
        if cue.end_ms == cue.start_ms:
            after = bisect.bisect_right(starts, cue.start_ms)
            wanted = cue.start_ms + max(_SHORTEST_MS, round(_letters(cue) * 1000 / _READ_CPS))
            end = min(wanted, starts[after]) if after < len(starts) else wanted
            cue = msgspec.structs.replace(cue, end_ms=end)
        made.append(cue)
    return made


def _is_inside(cue: Cue, duration_ms: int) -> bool:
    return cue.start_ms < duration_ms and cue.end_ms > 0


def _judged(language: str, cues: Sequence[Cue]) -> list[Finding]:
    over = [after for before, after in pairwise(cues) if after.start_ms < before.end_ms]
    fast = [cue for cue in cues if _speed(cue) > _FAST_CPS]
    found = _told(language, "subtitle-overlap", "cues overlap", over)
    return found + _told(language, "subtitle-too-fast", "cues are too fast to read", fast)


def _told(
    language: str, code: FindingCode, what: str, cues: Sequence[Cue | ReadCue]
) -> list[Finding]:
    if not cues:
        return []
    places = ", ".join(timestamp(max(0, cue.start_ms)) for cue in cues[:_NAMED])
    more = ", ..." if len(cues) > _NAMED else ""
    sentence = f"Subtitles in '{language}': {what} ({len(cues)}, at {places}{more})."
    begin, until = max(0, cues[0].start_ms), max(0, cues[0].end_ms)
    return [warn(code, sentence, from_ms=begin, until_ms=until, value=len(cues), unit="cues")]


def _speed(cue: Cue) -> float:
    return _letters(cue) * 1000 / (cue.end_ms - cue.start_ms)


def _letters(cue: Cue) -> int:
    return len(html.unescape(re.sub(r"</?(?:[ibu]|ruby|rt)>", "", cue.text)))


def _moved(cue: Cue, by_ms: int) -> Cue:
    return msgspec.structs.replace(cue, start_ms=cue.start_ms + by_ms, end_ms=cue.end_ms + by_ms)


def _clipped(cue: Cue, duration_ms: int) -> Cue:
    start, end = max(0, cue.start_ms), min(duration_ms, cue.end_ms)
    return msgspec.structs.replace(cue, start_ms=start, end_ms=end)


def webvtt(cues: Sequence[Cue]) -> str:
    """Returns the file, ending in a newline."""
    blocks = [f"{_timing(cue)}\n{cue.text}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _timing(cue: Cue) -> str:
    times = f"{timestamp(cue.start_ms)} --> {timestamp(cue.end_ms)}"
    return f"{times} {cue.settings}" if cue.settings else times


def timestamp(ms: int) -> str:
    """Returns a time as WebVTT writes it: `01:02:03.004`."""
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
