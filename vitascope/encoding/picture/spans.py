"""Which bytes of a picture's file hold which frames, so that a worker fetches no more than those.

Every packet's place is noted once. Frames need the bytes from a keyframe well before them to some
packets behind them (a demuxer reads ahead), and what is not pictures: headers and the index, which
a demuxer reads to find its way. A file that is told otherwise (fragmented, or packets without a
place) is fetched whole.
"""

import asyncio
import itertools
import struct
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Chunk, Picture
from vitascope.encoding.picture.frames import FramesRead, frames_read, prepare_picture
from vitascope.encoding.ranges import Spans, joined
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

_BEFORE_S, _BEHIND_S = 0.25, 1.0
_READ_AHEAD = 32  # packets
_MOST_PIECES = 32  # of what is not pictures


class PicturePosition(msgspec.Struct, frozen=True, array_like=True):
    """One packet of the picture: seconds after the file's start, and its bytes."""

    at_s: float
    begin: int
    end: int
    key: bool


class PictureIndex(msgspec.Struct, frozen=True, kw_only=True):
    """`places` in the file's order; empty where the file is to be read whole."""

    around: Spans = ()
    places: tuple[PicturePosition, ...] = ()


class _IndexRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    tool: str


async def index_of(workspace: Workspace, source: Source, picture: Picture) -> PictureIndex:
    read = _IndexRead(
        frames=frames_read(source, picture), tool=await workspace.version(media.Tool.FFPROBE)
    )
    name = await workspace.name(source.sha256, "index", read)

    async def make() -> PictureIndex:
        async with workspace.folder() as folder:
            file = await workspace.local(picture.key, folder)
            places = await _places(workspace, source, picture, file)
            around = await asyncio.to_thread(_around, file, places)
            return PictureIndex(around=around, places=places) if around else PictureIndex()

    return await workspace.once(name, PictureIndex, make)


def spans_of(index: PictureIndex, source: Source, picture: Picture, start: int, end: int) -> Spans:
    """Returns what the frames from `start` to `end` (exclusive) need."""
    if not index.places:
        return ()
    rate = float(rate_of(source.frame_rate))
    begins = 0.0 if picture.mezzanine else source.video_start_s
    first = _keyframe_before(index.places, begins + start / rate - _BEFORE_S)
    until = begins + end / rate + _BEHIND_S
    last = max((n for n, place in enumerate(index.places) if place.at_s <= until), default=first)
    needed = index.places[first : last + 1 + _READ_AHEAD]
    return tuple(
        joined([*index.around, (min(p.begin for p in needed), max(p.end for p in needed))])
    )


async def in_range(
    workspace: Workspace,
    source: Source,
    picture: Picture,
    chunk: Chunk,
    dynamic_range: DynamicRange,
) -> tuple[Picture, Chunk]:
    """Returns the picture from which a format of this range is encoded, and the chunk as it lies in
    that. A plan has the picture in SDR."""
    if picture.dynamic_range is dynamic_range:
        return picture, chunk
    own = await prepare_picture(workspace, source, dynamic_range=dynamic_range)
    index = await index_of(workspace, source, own)
    spans = spans_of(index, source, own, chunk.start, chunk.end)
    return own, msgspec.structs.replace(chunk, spans=spans)


def _keyframe_before(places: Sequence[PicturePosition], at_s: float) -> int:
    """One keyframe more than it takes: seeking goes by decoding times, which are earlier."""
    keys = [n for n, place in enumerate(places) if place.key and place.at_s <= at_s]
    return keys[-2] if len(keys) > 1 else 0


class _Packet(msgspec.Struct):
    """Of what ffprobe tells, what is read: alpha, captions and the like are lists beside it."""

    pos: str = ""
    size: str = ""
    pts_time: str = ""
    flags: str = ""


class _FfprobeOutput(msgspec.Struct):
    packets: list[_Packet] = []
    format: dict[str, str] = {}


async def _places(
    workspace: Workspace, source: Source, picture: Picture, file: Path
) -> tuple[PicturePosition, ...]:
    stream = "v:0" if picture.mezzanine else str(source.video_index)
    entries = "packet=pts_time,pos,size,flags:format=start_time"
    demuxer = "matroska" if picture.mezzanine else source.format
    result = await workspace.run(
        media.Tool.FFPROBE,
        [
            *("-v", "error", "-select_streams", stream, "-show_entries", entries),
            *("-of", "json", "-f", demuxer, "-i", "{in.picture}"),
        ],
        {"picture": media.Input(path=file, trusted=picture.mezzanine)},
    )
    told = msgspec.json.decode(result.stdout, type=_FfprobeOutput)
    begin = told.format.get("start_time", "0")
    begins = float(begin) if begin != "N/A" else 0.0
    try:
        return tuple(_place(packet, begins) for packet in told.packets)
    except ValueError:
        return ()  # a packet without a time or a place


def _place(packet: _Packet, begins: float) -> PicturePosition:
    begin = int(packet.pos)
    return PicturePosition(
        float(packet.pts_time) - begins,
        begin,
        begin + int(packet.size),
        "K" in packet.flags,
    )


def _around(file: Path, places: Sequence[PicturePosition]) -> Spans:
    """What is not pictures; none when the file is in too many pieces to tell."""
    if not places:
        return ()
    with file.open("rb") as opened:
        head = opened.read(12)
    size = file.stat().st_size
    boxes = _boxes(file, size) if head[4:8] in (b"ftyp", b"moov", b"wide", b"mdat") else None
    if boxes is None:  # Matroska: its index is behind the last picture
        boxes = ((max(place.end for place in places), size),)
    if len(boxes) > _MOST_PIECES:
        return ()
    opening = max(place.end for place in places[:_READ_AHEAD])  # read to learn what a stream is
    return tuple(joined([(0, opening), *boxes]))


def _boxes(file: Path, size: int) -> Spans:
    """Of an MP4, every box at the top but the data; of that its head."""
    spans: list[tuple[int, int]] = []
    at = 0
    with file.open("rb") as opened:
        for _ in itertools.count():
            opened.seek(at)
            head = opened.read(16)
            if len(head) < 8 or at >= size:
                break
            length, kind = struct.unpack(">I4s", head[:8])
            if length == 1 and len(head) == 16:
                (length,) = struct.unpack(">Q", head[8:])
            end = min(size, at + length) if length >= 8 else size
            spans.append((at, min(at + 16, end) if kind == b"mdat" else end))
            at = end
    return tuple(joined(spans))
