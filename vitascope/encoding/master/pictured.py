"""Small pictures of where something was found, for whoever looks at the findings."""

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import FindingPicture, PictureFindings, Source
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.picture.colours import readable
from vitascope.encoding.picture.frames import as_one
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media

_WIDTH = 480


class _PictureRead(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    video_index: int
    starts_s: float
    at_ms: int
    tool: str


async def picture_findings(
    workspace: Workspace, request: PictureFindings, progress: OnProgress | None = None
) -> tuple[FindingPicture, ...]:
    """Returns those that could be taken: at a place that is damaged there may be none."""
    source, made = request.source, list[FindingPicture]()
    async with workspace.folder() as folder:
        path = await workspace.local(source.master_key, folder)
        master = media.Input(path=path)
        for n, at_ms in enumerate(request.at_ms):
            read = _PictureRead(
                format=source.format,
                video_index=source.video_index,
                starts_s=source.video_start_s,
                at_ms=at_ms,
                tool=await workspace.version(media.Tool.FFMPEG),
            )
            key = f"{await workspace.name(source.sha256, 'finding', read)}.webp"
            file = folder / f"{n}.webp"
            with suppress(EncodingFailed, media.ToolTimeout):
                arguments = _arguments(source, at_ms, file.name)
                await workspace.run(media.Tool.FFMPEG, arguments, {"master": master}, folder)
            if await asyncio.to_thread(_is_there, file):
                await workspace.keep(key, file)
                made.append(FindingPicture(key=key, at_ms=at_ms))
            if progress is not None:
                progress((n + 1) / len(request.at_ms))
    return tuple(made)


def _is_there(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _arguments(source: Source, at_ms: int, name: str) -> list[str]:
    """A seek ends at a keyframe in some containers: near enough to know the place by."""
    at_s = max(0.0, source.video_start_s + at_ms / 1000)
    chain = ",".join(
        [*readable(source), f"scale='min({_WIDTH},iw*sar)':-2,setsar=1", "format=yuv420p"]
    )
    return [
        *("-ss", f"{at_s:.3f}", *as_one(source), "-f", source.format, "-i", "{in.master}"),
        *("-map", f"0:{source.video_index}", "-frames:v", "1", "-vf", chain),
        *("-c:v", "libwebp", "-quality", "70", "-f", "webp", f"{{out}}/{name}"),
    ]
