"""The warnings and errors of all processes that share a data folder, newest first.

Each process writes its own into `logs/NAME.errors.jsonl` (`trace.errors_kept_in`); only the last
part of each file is read.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

_READ_BYTES = 64_000  # of each file
_MOST_FILES = 100
_LONGEST_TEXT = 4000


class LoggedError(msgspec.Struct, frozen=True, kw_only=True):
    """A warning or an error that a process logged."""

    at_ms: int
    process: str
    level: Literal["warning", "error", "critical"]
    part: str  # the log's name: "playback"
    text: str
    fields: dict[str, str] = {}
    trace: str = ""  # of the exception


def recent(folder: Path, limit: int) -> list[LoggedError]:
    """Returns the last that were logged. Blocks on the disk."""
    files = sorted(folder.glob("*.errors.jsonl*"), key=_changed, reverse=True)
    found = [error for file in files[:_MOST_FILES] for error in _errors_in(file)]
    return sorted(found, key=lambda error: error.at_ms, reverse=True)[:limit]


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _errors_in(file: Path) -> list[LoggedError]:
    """Returns the errors at the end of a file, the last first: several may have one time."""
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, 2)
            opened.seek(max(0, size - _READ_BYTES))
            lines = opened.read().split(b"\n")
    except OSError:  # taken away by its process meanwhile
        return []
    whole = lines[1:] if size > _READ_BYTES else lines
    process = file.name.partition(".errors.jsonl")[0]
    return [error for line in reversed(whole) if (error := _error(line, process)) is not None]


def _error(line: bytes, process: str) -> LoggedError | None:
    try:
        said = msgspec.json.decode(line, type=dict[str, Any])
        said.pop("message", None)  # the event once more, where another handler came first
        return LoggedError(
            at_ms=round(datetime.fromisoformat(said.pop("timestamp")).timestamp() * 1000),
            process=process,
            level=said.pop("level"),
            part=str(said.pop("logger", "")),
            text=str(said.pop("event", ""))[:_LONGEST_TEXT],
            trace=str(said.pop("exception", ""))[-_LONGEST_TEXT:],
            fields={name: str(value)[:_LONGEST_TEXT] for name, value in said.items()},
        )
    except (msgspec.MsgspecError, KeyError, ValueError):  # the line is being written
        return None
