"""A few silent seconds of the film, small enough to be fetched while a finger rests on a tile."""

import asyncio
from pathlib import Path

from vitascope.encoding.artwork import passages, stills
from vitascope.encoding.artwork.framing import Crop, cut
from vitascope.encoding.artwork.looking import Reel, pairs
from vitascope.encoding.contract.picture import ShotPlan
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media

WIDTH = 480
_MOST_FPS = 30
_KBPS = 1000  # six seconds are at most 0.75 MB


async def make_preview(
    workspace: Workspace, reel: Reel, shots: ShotPlan, bars: Crop, folder: Path
) -> bytes:
    """Returns an MP4 that plays from its first bytes; empty when there is no passage to show."""
    rate, frames = rate_of(reel.frame_rate), reel.rendition.frames
    found = passages.candidates(shots.chunks, frames, rate)
    places = [place for passage in found for place in passages.places(passage, rate)]
    seen = await pairs(workspace, reel, places, folder)
    looks = [stills.look(cut(first, bars), cut(later, bars)) for first, later in seen]
    passage = passages.liveliest(found, looks)
    return await _clip(workspace, reel, passage, bars, folder) if passage else b""


async def _clip(
    workspace: Workspace, reel: Reel, passage: range, bars: Crop, folder: Path
) -> bytes:
    rung, rate = reel.rendition.rung, rate_of(reel.frame_rate)
    left, top, right, bottom = bars.box(rung.width, rung.height)
    width = min(WIDTH, right - left) // 2 * 2
    every = -(-rate // _MOST_FPS)
    chain = (
        f"trim=end_frame={len(passage)},select='not(mod(n,{every}))',"
        f"crop={right - left}:{bottom - top}:{left}:{top},scale={width}:-2:flags=bicubic,setsar=1,"
        f"format=yuv420p,setpts=N/({rate / every})/TB"
    )
    encoder = f"keyint=infinite:threads={workspace.settings.threads}"
    args = [
        *reel.starting_at(passage.start),
        *("-vf", chain, "-an", "-map_metadata", "-1", "-fps_mode", "passthrough"),
        *("-c:v", "libx264", "-preset", "medium", "-crf", "27", "-profile:v", "high"),
        *("-maxrate", f"{_KBPS}k", "-bufsize", f"{_KBPS}k", "-x264-params", encoder),
        *("-movflags", "+faststart", "{out}/preview.mp4"),
    ]
    await workspace.run(media.Tool.FFMPEG, args, reel.bound, folder, background=True)
    return await asyncio.to_thread((folder / "preview.mp4").read_bytes)
