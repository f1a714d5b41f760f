"""Pictures taken from the film itself: poster, landscape, billboard, a colour, a silent preview,
and stills to choose others from.

Many frames are looked at in a small rendition; those that were chosen are cut from the film's own
picture, at its own size. What is written depends on nothing but the film and the recipe, so a step
that was killed writes the same files again.
"""

import asyncio
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
from PIL import Image

from vitascope.encoding.artwork import framing, selection, stills
from vitascope.encoding.artwork.framing import TALL, WHOLE, WIDE, Crop, cut
from vitascope.encoding.artwork.looking import RAW, Reel, pairs, raw_frames
from vitascope.encoding.artwork.preview import WIDTH, make_preview
from vitascope.encoding.artwork.stills import Frame, Place
from vitascope.encoding.contract.artwork import ArtworkRefs, MakeArtwork, Still
from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Chunk, ShotPlan
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.colours import tags
from vitascope.encoding.picture.frames import (
    FramesRead,
    Size,
    frames_read,
    read_args,
    stream_of,
)
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import X264, Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

MADE_BY = 2  # raise it when other pictures come of the same film

_LOOKS = 24
_BILLBOARD, _LANDSCAPE, _POSTER = (1920, 1080), (640, 360), (480, 720)
_FIELDS = {
    "poster": "poster.webp",
    "landscape": "landscape.webp",
    "billboard": "billboard.webp",
    "preview": "preview.mp4",
}
_SMALL = 320  # wide, a copy of a still
_QUALITY = 82
_STILL_QUALITY = 90  # it is cut and coded once more


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Frames by their numbers, and what of them is shown."""

    wide: int
    wide_crop: Crop
    tall: int
    tall_crop: Crop
    tint: str
    offered: tuple[int, ...]  # to choose from, the best first

    @property
    def frames(self) -> list[int]:
        return list(dict.fromkeys([self.wide, self.tall, *self.offered]))


class _ArtworkRead(msgspec.Struct, frozen=True, kw_only=True):
    made_by: int
    frames: FramesRead
    chunks: tuple[Chunk, ...]
    rendition: str
    tool: str


async def make_artwork(
    workspace: Workspace, request: MakeArtwork, progress: OnProgress | None = None
) -> ArtworkRefs:
    source, shots, renditions = request.source, request.shots, request.renditions
    plain = [one for one in renditions if one.rung.dynamic_range is DynamicRange.SDR]
    small = next((one for one in plain if one.rung.width >= WIDTH), plain[-1])
    read = _ArtworkRead(
        made_by=MADE_BY,
        frames=frames_read(source, shots.picture),
        chunks=shots.chunks,
        rendition=small.sha256,
        tool=await workspace.encoder_version(X264),
    )
    name = await workspace.name(source.sha256, "artwork", read)

    async def make() -> ArtworkRefs:
        async with workspace.folder() as folder:
            file = await workspace.local(small.key, folder)
            reel = Reel(rendition=small, file=file, frame_rate=source.frame_rate)
            return await _made(workspace, source, shots, reel, folder, name, progress or _unheard)

    return await workspace.once(name, ArtworkRefs, make)


def _unheard(_: float) -> None:
    pass


async def _made(
    workspace: Workspace,
    source: Source,
    shots: ShotPlan,
    reel: Reel,
    folder: Path,
    name: str,
    progress: OnProgress,
) -> ArtworkRefs:
    rate = rate_of(source.frame_rate)
    places = stills.places(shots.chunks, source.frames, rate, _LOOKS)
    seen = await pairs(workspace, reel, places, folder)
    progress(0.3)
    bars, choice = await asyncio.to_thread(chosen, places, seen, shots.chunks)
    files: dict[str, bytes] = {}
    if choice:
        picture = await workspace.local(shots.picture.key, folder)
        for n, frame in enumerate(choice.frames):
            still = await _still(workspace, source, shots, picture, frame, folder)
            files |= await asyncio.to_thread(_files, choice, bars, frame, still)
            progress(0.3 + 0.5 * (n + 1) / len(choice.frames))
    files["preview.mp4"] = await make_preview(workspace, reel, shots, bars, folder)
    keys = {file: f"{name}/{file}" for file, content in files.items() if content}
    for file, key in keys.items():
        await workspace.blobs.put(key, files[file], overwrite=True)
    return ArtworkRefs(
        **{field: keys.get(file, "") for field, file in _FIELDS.items()},
        tint=choice.tint if choice else "",
        stills=_stills(choice, keys, _inside(bars, _size(source)), rate) if choice else (),
    )


def chosen(
    places: Sequence[Place], seen: Sequence[tuple[Frame, Frame]], chunks: Sequence[Chunk]
) -> tuple[Crop, Choice | None]:
    """Returns the film's picture without its bars, and the stills; none when no frame is fit."""
    bars = framing.without_bars([first for first, _ in seen])
    frames = [cut(first, bars) for first, _ in seen]
    looks = [stills.look(cut(first, bars), cut(later, bars)) for first, later in seen]
    worth = stills.scores(looks)
    if not any(worth):
        return WHOLE, None
    wide = max(range(len(worth)), key=lambda n: worth[n])
    upright = [framing.framed(frame, TALL) for frame in frames]
    tall = max(range(len(worth)), key=lambda n: worth[n] * (0.4 + upright[n][1]))
    part, _ = framing.framed(frames[wide], WIDE)
    return bars, Choice(
        wide=places[wide].frame,
        wide_crop=framing.within(bars, part),
        tall=places[tall].frame,
        tall_crop=framing.within(bars, upright[tall][0]),
        tint=framing.tint(cut(frames[wide], part)),
        offered=tuple(places[n].frame for n in selection.selected(places, frames, worth, chunks)),
    )


def _files(choice: Choice, bars: Crop, frame: int, still: Frame) -> dict[str, bytes]:
    """Returns what is made of one frame."""
    files: dict[str, bytes] = {}
    if frame == choice.wide:
        files["billboard.webp"] = _webp(still, choice.wide_crop, _BILLBOARD)
        files["landscape.webp"] = _webp(still, choice.wide_crop, _LANDSCAPE)
    if frame == choice.tall:
        files["poster.webp"] = _webp(still, choice.tall_crop, _POSTER)
    if frame in choice.offered:
        size = _inside(bars, Size(width=still.shape[1], height=still.shape[0]))
        small = _SMALL, max(1, round(_SMALL * size.height / size.width))
        whole = size.width, size.height
        files[_file_of(frame)] = _webp(still, bars, whole, _STILL_QUALITY)
        files[_file_of(frame, "-small")] = _webp(still, bars, small)
    return files


def _file_of(frame: int, kind: str = "") -> str:
    return f"still-{frame}{kind}.webp"


def _inside(bars: Crop, size: Size) -> Size:
    left, top, right, bottom = bars.box(size.width, size.height)
    return Size(width=right - left, height=bottom - top)


def _stills(
    choice: Choice, keys: Mapping[str, str], size: Size, rate: Fraction
) -> tuple[Still, ...]:
    return tuple(
        Still(
            key=keys[_file_of(frame)],
            small_key=keys[_file_of(frame, "-small")],
            at_ms=round(1000 * frame / rate),
            width=size.width,
            height=size.height,
        )
        for frame in choice.offered
    )


async def _still(
    workspace: Workspace, source: Source, shots: ShotPlan, local: Path, frame: int, folder: Path
) -> Frame:
    """One frame of the film's own picture, at its own size or as large as a billboard needs."""
    picture, size = shots.picture, _size(source)
    args, numbered = read_args(source, picture, frame, 1)
    graph = (
        f"[{stream_of(source, picture)}]{numbered},{tags(source)},"
        f"scale={size.width}:{size.height}:flags=bicubic[still]"
    )
    file = folder / f"still-{frame}.rgb"
    made = ["-filter_complex", graph, "-map", "[still]", "-frames:v", "1", *RAW]
    bound = {"picture": media.Input(path=local, trusted=picture.mezzanine)}
    args = [*args, *made, f"{{out}}/{file.name}"]
    await workspace.run(media.Tool.FFMPEG, args, bound, folder, background=True)
    return (await asyncio.to_thread(raw_frames, file, size.width, size.height))[0]


def _size(source: Source) -> Size:
    """Just large enough that a wide part of it fills a billboard; never larger than the film."""
    width, height = _BILLBOARD
    scale = min(Fraction(1), max(Fraction(width, source.width), Fraction(height, source.height)))
    return Size(width=round(source.width * scale), height=round(source.height * scale))


def _webp(frame: Frame, crop: Crop, largest: tuple[int, int], quality: int = _QUALITY) -> bytes:
    part = Image.fromarray(frame).crop(crop.box(frame.shape[1], frame.shape[0]))
    width = min(part.width, largest[0])
    size = width, round(width * largest[1] / largest[0])
    if part.size != size:
        part = part.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    part.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()
