"""What the readers of subtitle files return, whatever the format."""

import msgspec

MOST_CUES = 100_000


class Unreadable(Exception):
    """Not subtitles that we can read; the sentence says why."""


class ReadCue(msgspec.Struct, frozen=True):
    """One cue as it was read: `text` is clean, and may be empty."""

    start_ms: int
    end_ms: int
    text: str
    is_mended: bool = False  # a part of it was in another charset than the rest of the file
    settings: str = ""  # where it stands, as WebVTT says it


class Parsed(msgspec.Struct, frozen=True):
    """`lost` are places that could not be read: the number of the line, from 1, and its text."""

    cues: tuple[ReadCue, ...]
    lost: tuple[tuple[int, str], ...] = ()


def ms_of(sign: str | None, hours: str | None, minutes: str, seconds: str, part: str | None) -> int:
    """Returns a time in milliseconds; `part` is what stands behind the point."""
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    time = whole * 1000 + int((part or "0").ljust(3, "0")[:3])
    return -time if sign else time
