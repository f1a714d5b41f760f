"""Asking ffprobe: what a file says it is, and when its packets come. No judgement here."""

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from vitascope.engines import media

_Row = tuple[float, float, bool]  # time, how long it stays, whether it is a keyframe
_LIMITS = media.Limits(wall_s=3600, stdout_mib=1024)


class Packets(msgspec.Struct, frozen=True, kw_only=True):
    """One stream's packets that are shown, in seconds. `times` and `keys` (where decoding may
    begin) are kept for the picture only: twenty languages of sound are millions of packets."""

    begin_s: float
    end_s: float
    last_s: float = 0.0  # how long the last one (by time) stays
    times: tuple[float, ...] = ()
    keys: tuple[float, ...] = ()


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    streams: Mapping[int, Packets]
    complaints: str  # what the reader said on the way


async def describe(tools: media.Media, path: Path) -> dict[str, Any]:
    """Returns ffprobe's `format` and `streams`. Raises `media.ToolFailed` for what cannot be
    opened."""
    args = ["-v", "error", "-print_format", "json", "-show_format", "-show_streams"]
    result = await tools.run(
        media.Tool.FFPROBE,
        [*args, "-i", "{in.master}"],
        inputs={"master": media.Input(path=path)},
        limits=_LIMITS,
    )
    told: dict[str, Any] = msgspec.json.decode(result.stdout)
    return told


async def timeline(tools: media.Media, path: Path, picture: int) -> Timeline:
    """Read the whole file and decode nothing. Returns when packets come; `picture` is the stream
    that is looked at closely. Raises `media.ToolFailed`."""
    wanted = "packet=stream_index,pts_time,dts_time,duration_time,flags"
    result = await tools.run(
        media.Tool.FFPROBE,
        ["-v", "error", "-print_format", "csv=p=0", "-show_entries", wanted, "-i", "{in.master}"],
        inputs={"master": media.Input(path=path)},
        limits=_LIMITS,
    )
    streams = await asyncio.to_thread(read_packets, result.stdout, picture)
    return Timeline(streams=streams, complaints=result.stderr)


def read_packets(table: bytes, picture: int) -> dict[int, Packets]:
    """Returns the packets in rows of `stream,pts,dts,duration,flags`; N/A stands for what is not
    known, a `D` flag for a packet that an edit list hides."""
    spans: dict[int, tuple[float, float]] = {}
    shown: list[_Row] = []
    for line in io.BytesIO(table):
        fields = line.split(b",")
        if len(fields) < 5 or b"D" in fields[4]:
            continue
        told = fields[1] if fields[1] != b"N/A" else fields[2]
        if told == b"N/A":
            continue
        stream, time = int(fields[0]), float(told)
        lasts = 0.0 if fields[3] == b"N/A" else float(fields[3])
        begin, end = spans.get(stream, (time, time))
        spans[stream] = (min(begin, time), max(end, time + lasts))
        if stream == picture:
            shown.append((time, lasts, b"K" in fields[4]))
    found = {index: Packets(begin_s=begin, end_s=end) for index, (begin, end) in spans.items()}
    if picture in found:
        found[picture] = _closely(found[picture], shown)
    return found


def _closely(span: Packets, shown: list[_Row]) -> Packets:
    return msgspec.structs.replace(
        span,
        last_s=max(shown)[1],
        times=tuple(time for time, _, _ in shown),
        keys=tuple(sorted(time for time, _, key in shown if key)),
    )
