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
    """Returns ffprobe's `format` and `streams`. Raises `media.ToolFailed` for what cannot be
    opened."""
    args = ["-v", "error", "-print_format", "json", "-show_format", "-show_streams"]
    result = await tools.run(
        media.Tool.FFPROBE,
        [*args, "-i", "{in.master}"],
        inputs={"master": media.Input(path=path)},
        limits=_HEADERS,
    )
    told: dict[str, Any] = msgspec.json.decode(result.stdout)
    return told


async def timeline(tools: media.Media, path: Path, pictures: Collection[int]) -> Timeline:
    """Read the whole file and decode nothing. Returns when packets come; `pictures` are the streams
    that are looked at closely. Raises `media.ToolFailed`, `TooManyPackets`."""
    listing = Listing(csv_row, pictures)
    told = await _listed(tools, path, listing)
    return Timeline(streams=listing.packets(), complaints=told.stderr)


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
