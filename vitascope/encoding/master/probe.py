"""Asking ffprobe: what a file says it is, and when its packets come. No judgement here."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vitascope.encoding.master.listing import (
    CrcRows,
    Jump,
    Jumps,
    Listing,
    Packets,
    csv_row,
)
from vitascope.engines import media

_HEADERS = media.Limits(wall_s=3600, stdout_mib=32)
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_MOST_BOXES = 10_000  # fragments are two each
_PACKETS = media.Limits(wall_s=3600, stdout_mib=2048)


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    streams: Mapping[int, Packets]
    complaints: str  # what the reader said on the way
    put_right: bool = False  # times are seconds after the file's own start
    jumps: tuple[Jump, ...] = ()

    @property
    def pictures(self) -> dict[int, int]:
        """Returns how many pictures each stream has that was looked at closely."""
        return {n: len(packets.times) for n, packets in self.streams.items() if packets.times}


async def describe(tools: media.Media, path: Path) -> dict[str, Any]:
    """Returns ffprobe's `format`, `streams` and `programs`. Raises `media.ToolFailed` for what
    cannot be opened."""
    args = ["-v", "error", "-print_format", "json", "-show_format", "-show_streams"]
    args.append("-show_programs")
    result = await tools.run(
        media.Tool.FFPROBE,
        [*args, "-i", "{in.master}"],
        inputs={"master": media.Input(path=path)},
        limits=_HEADERS,
    )
    told: dict[str, Any] = msgspec.json.decode(result.stdout)
    return told


def ends_inside_a_box(path: Path) -> bool:
    """Returns True for the beginning of a QuickTime or MP4 file: its last box is longer than what
    is there. Reads the heads of boxes only."""
    size, at = path.stat().st_size, 0
    with path.open("rb") as opened:
        for _ in range(_MOST_BOXES):
            opened.seek(at)
            head = opened.read(16)
            if len(head) < 8 or not (at or head[4:8] in _FIRST_BOXES):
                return False
            length = int.from_bytes(head[:4])
            length = int.from_bytes(head[8:16]) if length == 1 else length
            if length < 8:
                return False
            at += length
            if at >= size:
                return at > size
    return False


async def timeline(tools: media.Media, path: Path, pictures: Collection[int]) -> Timeline:
    """Read the whole file and decode nothing. Returns when packets come; `pictures` are the streams
    that are looked at closely. Raises `media.ToolFailed`, `TooManyPackets`."""
    listing = Listing(csv_row, pictures)
    told = await _listed(tools, path, listing)
    return Timeline(streams=listing.packets(), complaints=told.stderr)


def as_shown(told: Timeline, held_back: Mapping[int, int]) -> Timeline:
    """Returns the timeline of a file that says when a picture is decoded, not when it is shown:
    that is later by those that a decoder holds back."""
    streams = dict(told.streams)
    for index, count in held_back.items():
        if index in streams and count < len(streams[index].times):
            streams[index] = _later(streams[index], count)
    return msgspec.structs.replace(told, streams=streams)


def _later(packets: Packets, count: int) -> Packets:
    first = sorted(packets.times)[: count + 1]
    late = first[-1] - first[0]
    return msgspec.structs.replace(
        packets,
        begin_s=packets.begin_s + late,
        end_s=packets.end_s + late,
        times=tuple(time + late for time in packets.times),
        keys=tuple(key + late for key in packets.keys),
    )


async def _listed(tools: media.Media, path: Path, listing: Listing) -> media.ToolResult:
    wanted = "packet=stream_index,pts_time,dts_time,duration_time,flags"
    return await tools.run(
        media.Tool.FFPROBE,
        ["-v", "error", "-print_format", "csv=p=0", "-show_entries", wanted, "-i", "{in.master}"],
        inputs={"master": media.Input(path=path)},
        limits=_PACKETS,
        listener=listing,
    )


async def broadcast_timeline(
    tools: media.Media, path: Path, pictures: Collection[int], sounds: Collection[int]
) -> Timeline:
    """Returns the same of a stream that was on air: its clock may restart or jump, and is put
    right as every later run of ffmpeg puts it right, in seconds after the file's own start."""
    taken = [*pictures, *sounds]
    mapped = [word for index in taken for word in ("-map", f"0:{index}")]
    jumps = Jumps(taken[0])
    listing = Listing(CrcRows(taken), pictures, also=jumps.put_right)
    told = await tools.run(
        media.Tool.FFMPEG,
        [
            *("-v", "warning", "-i", "{in.master}", *mapped, "-c", "copy", "-copyinkf"),
            *("-f", "framecrc", "-"),
        ],
        inputs={"master": media.Input(path=path)},
        limits=_PACKETS,
        listener=listing,
    )
    if "timestamp discontinuity" in told.stderr:
        await _listed(tools, path, Listing(csv_row, (), also=jumps.sent))
    return Timeline(
        streams=listing.packets(), complaints="", put_right=True, jumps=tuple(jumps.found)
    )
