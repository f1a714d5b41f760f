"""Small copies of frames, read from a clear rendition of our own.

It has a keyframe every few seconds, so a frame anywhere in it costs next to nothing; the master
may have one a minute. Reading gives way to the rest of the machine's work.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from vitascope.encoding.artwork.stills import Frame, Place
from vitascope.encoding.contract.picture import RenditionRef
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media

RAW = ("-an", "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo")
_WIDTH = 320
_AT_ONCE = 8  # places read by one run of the tool


class Reel(msgspec.Struct, frozen=True, kw_only=True):
    """A clear rendition of the whole film, as a local file."""

    rendition: RenditionRef
    file: Path
    frame_rate: str

    def starting_at(self, frame: int) -> tuple[str, ...]:
        """Returns ffmpeg's input arguments, half a frame early so that rounding cannot miss the
        frame."""
        seconds = max(0.0, float((frame - 0.5) / rate_of(self.frame_rate)))
        return "-ss", f"{seconds:.6f}", "-f", "mov", "-i", "{in.reel}"

    @property
    def bound(self) -> dict[str, media.Input]:
        return {"reel": media.Input(path=self.file, trusted=True)}


async def pairs(
    workspace: Workspace, reel: Reel, places: Sequence[Place], folder: Path
) -> list[tuple[Frame, Frame]]:
    """Returns the two frames of each place. Raises `EncodingFailed`."""
    found: list[tuple[Frame, Frame]] = []
    for at in range(0, len(places), _AT_ONCE):
        found += await _read(workspace, reel, places[at : at + _AT_ONCE], folder)
    return found


async def _read(
    workspace: Workspace, reel: Reel, places: Sequence[Place], folder: Path
) -> list[tuple[Frame, Frame]]:
    rung = reel.rendition.rung
    width = min(_WIDTH, rung.width)
    height = max(2, round(rung.height * width / rung.width))
    args: list[str] = []
    for place in places:
        args += ["-threads", "1", *reel.starting_at(place.frame)]
    for n, place in enumerate(places):
        both = f"select='not(mod(n,{max(1, place.later - place.frame)}))'"
        args += ["-map", f"{n}:v:0", "-vf", f"{both},scale={width}:{height}:flags=area"]
        args += ["-frames:v", "2", *RAW, f"{{out}}/look-{place.frame}.rgb"]
    await workspace.run(media.Tool.FFMPEG, args, reel.bound, folder, background=True)
    files = [folder / f"look-{place.frame}.rgb" for place in places]
    read = [await asyncio.to_thread(raw_frames, file, width, height) for file in files]
    return [(frames[0], frames[-1]) for frames in read]


def raw_frames(file: Path, width: int, height: int) -> list[Frame]:
    """Returns what a tool wrote as bare pixels: nothing in it is parsed. Raises
    `EncodingFailed`."""
    size = width * height * 3
    content = file.read_bytes()
    if len(content) < size or len(content) % size:
        raise EncodingFailed(f"{file.name} has {len(content)} bytes, not frames of {size}.")
    whole = np.frombuffer(content, dtype=np.uint8)
    return list(whole.reshape(-1, height, width, 3))
