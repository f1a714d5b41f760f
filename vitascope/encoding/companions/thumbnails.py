"""Seek previews: small pictures at an even interval, many to a JPEG, with an index.

They are taken from the keyframes of the smallest rung, which costs a twentieth of a full decode.
Keyframes stand where shots begin, not at an even interval: each place on the grid shows the last
keyframe at or before it, which is also the picture that a player can show first there.
"""

import asyncio
import bisect
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PIL import Image

from vitascope.encoding.contract.request import EncodingFailed
from vitascope.engines import media

INTERVAL_MS = 2_000
HEIGHT = 90
COLUMNS = ROWS = 10
_QUALITY = 72
_MOST = 2_500  # pictures of one film; a longer film has a wider interval


class Sprites(msgspec.Struct, frozen=True, kw_only=True):
    """What `thumbnails.json` tells a player. `thumbs-0.jpg` is the first sheet; pictures go row by
    row; the last sheet has only the rows that it needs."""

    width: int
    height: int
    columns: int
    rows: int
    interval_ms: int
    count: int


class ThumbnailsMade(msgspec.Struct, frozen=True, kw_only=True):
    sheets: tuple[Path, ...]
    index: Path
    sprites: Sprites


async def make_thumbnails(
    tools: media.Media,
    rendition: Path,
    duration_ms: int,
    folder: Path,
    *,
    interval_ms: int = INTERVAL_MS,
    height: int = HEIGHT,
) -> ThumbnailsMade:
    """Write `folder/thumbs-N.jpg` and `folder/thumbnails.json` from a clear rendition of our own.
    Raises `EncodingFailed`."""
    frames = folder / "keyframes"
    await asyncio.to_thread(frames.mkdir)
    try:
        await _keyframes(tools, rendition, frames, height)
        pictures = sorted(await asyncio.to_thread(lambda: list(frames.glob("*.jpg"))))
        if not pictures:
            raise EncodingFailed("The rendition has no keyframe that can be decoded.")
        interval_ms = widened(duration_ms, interval_ms)
        shown = chosen([int(picture.stem) for picture in pictures], duration_ms, interval_ms)
        return await asyncio.to_thread(_written, pictures, shown, interval_ms, folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, frames, ignore_errors=True)


def widened(duration_ms: int, interval_ms: int) -> int:
    """Returns the interval, in whole seconds more when the film is long."""
    while duration_ms / interval_ms > _MOST:
        interval_ms += 1000
    return interval_ms


def chosen(times_ms: Sequence[int], duration_ms: int, interval_ms: int) -> list[int]:
    """Returns the keyframe that each place on the grid shows. `times_ms` ascend."""
    places = range(0, max(1, duration_ms), interval_ms)
    return [max(0, bisect.bisect_right(times_ms, place) - 1) for place in places]


async def _keyframes(tools: media.Media, rendition: Path, frames: Path, height: int) -> None:
    """Decodes every keyframe to a file named by its time in milliseconds."""
    try:
        await tools.run(
            media.Tool.FFMPEG,
            [
                *("-v", "error", "-skip_frame", "nokey", "-i", "{in.rendition}", "-an"),
                *("-vf", f"scale=-2:{height}:flags=area", "-fps_mode", "passthrough"),
                *("-enc_time_base", "1:1000", "-q:v", "3"),
                *("-f", "image2", "-frame_pts", "1", "{out}/%012d.jpg"),
            ],
            inputs={"rendition": media.Input(path=rendition, trusted=True)},
            output=frames,
            limits=media.Limits(wall_s=1800),
            background=True,
        )
    except media.ToolFailed as failure:
        raise EncodingFailed(failure.detail, **failure.extra) from failure


def _written(
    pictures: Sequence[Path], shown: Sequence[int], interval_ms: int, folder: Path
) -> ThumbnailsMade:
    with Image.open(pictures[0]) as first:
        width, height = first.size
    a_sheet = COLUMNS * ROWS
    sheets = [
        _sheet(
            pictures, shown[start : start + a_sheet], (width, height), folder / f"thumbs-{n}.jpg"
        )
        for n, start in enumerate(range(0, len(shown), a_sheet))
    ]
    sprites = Sprites(
        width=width,
        height=height,
        columns=COLUMNS,
        rows=ROWS,
        interval_ms=interval_ms,
        count=len(shown),
    )
    index = folder / "thumbnails.json"
    index.write_bytes(msgspec.json.encode(sprites))
    return ThumbnailsMade(sheets=tuple(sheets), index=index, sprites=sprites)


def _sheet(
    pictures: Sequence[Path], shown: Sequence[int], size: tuple[int, int], path: Path
) -> Path:
    width, height = size
    rows = -(-len(shown) // COLUMNS)
    canvas = Image.new("RGB", (width * COLUMNS, height * rows))
    for place, number in enumerate(shown):
        with Image.open(pictures[number]) as picture:
            canvas.paste(picture, ((place % COLUMNS) * width, (place // COLUMNS) * height))
    canvas.save(path, "JPEG", quality=_QUALITY, optimize=True)
    return path
