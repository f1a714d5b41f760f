"""VMAF of what we encoded against what we encoded it from.

Both sides are numbered anew by frame, tagged alike and brought to the size of the display:
leaving out the first cost 8.6 points, leaving out the second 4.8. The phone's score is the same
model with its phone transform, computed from the same features. Several encodes of the same frames
are measured together: what they are compared with is decoded and scaled once.

The model was made with people who looked at SDR. HDR is brought there for it, both sides by one
tone map; such scores have a model's name of their own, so that nobody compares them with others.

The model looks at one frame, and at how much it differs from its neighbours. So of all frames only
those to be scored are scaled and looked at, with one on either side: the score of each is exactly
what it is when all of them are.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Chunk, FrameScores, Picture
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.picture.frames import Size, measured, read_args, stream_of
from vitascope.encoding.picture.smaller import FILTERS, READER, tried_smaller
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

TOGETHER = 6  # encodes measured by one run, each with its own frames in memory
_FIRST = 3  # the first frame whose score counts


class _Frame(msgspec.Struct, rename="camel"):
    frame_num: int
    metrics: dict[str, float]


class _Log(msgspec.Struct):
    frames: list[_Frame]


async def measure(
    workspace: Workspace,
    source: Source,
    picture: Picture,
    chunk: Chunk,
    encoded: Sequence[Path],
    display: Size,
    every: int,
    progress: OnProgress | None = None,
    *,
    small: bool = False,
) -> list[FrameScores]:
    """Returns the scores of files that hold the frames of `chunk`, one in `every` frames. Raises
    `EncodingFailed` when one has not as many frames."""

    async def run(small: bool) -> list[FrameScores]:
        at_once = 1 if small else TOGETHER
        given = (workspace, source, picture, chunk, encoded, display, every, progress)
        return await _measured(*given, at_once)

    return await tried_smaller(run, source, chunk, "measured", small=small)


async def _measured(
    workspace: Workspace,
    source: Source,
    picture: Picture,
    chunk: Chunk,
    encoded: Sequence[Path],
    display: Size,
    every: int,
    progress: OnProgress | None,
    at_once: int,
) -> list[FrameScores]:
    found: list[FrameScores] = []
    async with workspace.part(picture.key, chunk.spans) as file:
        whole = media.Input(path=file, trusted=picture.mezzanine)
        for first in range(0, len(encoded), at_once):
            some = encoded[first : first + at_once]
            async with workspace.folder() as folder:
                args = _arguments(workspace, source, picture, chunk, len(some), display, every)
                args = [*FILTERS, *READER, *args] if at_once == 1 else args
                given = {
                    f"e{n}": media.Input(path=each, trusted=True) for n, each in enumerate(some)
                }
                await workspace.run(
                    media.Tool.FFMPEG,
                    args,
                    {"picture": whole, **given},
                    folder,
                    frames=chunk.frames * len(some),
                    progress=progress,
                    stall_s=workspace.settings.stall_s,
                )
                logs = [folder / _log(number) for number in range(len(some))]
                found += [
                    await asyncio.to_thread(read_log, log, looks(chunk.frames, every))
                    for log in logs
                ]
    return found


def _arguments(
    workspace: Workspace,
    source: Source,
    picture: Picture,
    chunk: Chunk,
    count: int,
    display: Size,
    every: int,
) -> list[str]:
    settings, rate = workspace.settings, rate_of(source.frame_rate)
    reading, numbered = read_args(source, picture, chunk.start, chunk.frames)
    looked_at = looks(chunk.frames, every)
    shape = f"{looked_at.filter},setpts=N,{measured(source, display, picture.dynamic_range)}"
    ours = f"trim=end_frame={chunk.frames},settb={rate.denominator}/{rate.numerator},setpts=N"
    wholes = "".join(f"[w{number}]" for number in range(count))
    graph = [f"[{stream_of(source, picture)}]{numbered},{shape},split={count}{wholes}"]
    outputs: list[str] = []
    for number in range(count):
        reading += ["-i", f"{{in.e{number}}}"]
        graph.append(
            f"[{number + 1}:v:0]{ours},{shape}[e{number}];[e{number}][w{number}]"
            f"libvmaf=model='{_models(settings.vmaf_model)}':n_subsample={looked_at.step}:"
            f"n_threads={settings.threads}:log_fmt=json:log_path={_log(number)}[o{number}]"
        )
        outputs += ["-map", f"[o{number}]", "-fps_mode", "passthrough", "-f", "null", "-"]
    return [*reading, "-filter_complex", ";".join(graph), "-an", *outputs]


def model_of(name: str, dynamic_range: DynamicRange) -> str:
    """Returns what a score of such pictures is said to be under."""
    return name if dynamic_range is DynamicRange.SDR else f"{name}, tone mapped"


def _log(number: int) -> str:
    return f"vmaf{number}.json"


def _models(name: str) -> str:
    if name.startswith("vmaf_v1"):
        phone = f"version={name.replace('_3d0h', '_5d0h')}"
    else:
        phone = f"version={name}\\:enable_transform=true"
    return f"version={name}\\:name=display|{phone}\\:name=phone"


class Looks(msgspec.Struct, frozen=True):
    """Which frames go into the comparison, as one of ffmpeg's filters and by their numbers, and
    that one in `step` of them is scored. The first is scored, too, and counts only where it is
    alone: with nothing before it, the model takes it for one that does not move."""

    filter: str
    frames: tuple[int, ...]
    step: int

    @property
    def scored(self) -> list[tuple[int, int]]:
        """Returns the scored frames that count: place among those looked at, and number."""
        places = range(0, len(self.frames), self.step)
        return [(place, self.frames[place]) for place in places][1:] or [(0, self.frames[0])]


def looks(frames: int, every: int) -> Looks:
    """Returns the looks at so many frames of which one in `every` is to be scored."""
    if every < 4 or frames <= _FIRST:
        return Looks("null", tuple(range(frames)), min(every, frames))
    off = f"mod(n+{every}-{_FIRST},{every})"
    beside = f"lt(n,{_FIRST + 2})+lt({off},2)+eq({off},{every - 1})"
    near = (0, 1, every - 1)
    kept = [n for n in range(frames) if n < _FIRST + 2 or (n + every - _FIRST) % every in near]
    return Looks(f"select='{beside}'", tuple(kept), 3)


def read_log(file: Path, looked_at: Looks) -> FrameScores:
    """Raises `EncodingFailed` when other frames were compared."""
    log = msgspec.json.decode(file.read_bytes(), type=_Log)
    found = {frame.frame_num: frame.metrics for frame in log.frames}
    planned = len(looked_at.frames)
    if not set(range(0, planned, looked_at.step)) <= found.keys() or max(found) >= planned:
        raise EncodingFailed(
            f"VMAF compared {max(found, default=-1) + 1} frames where {planned} were planned."
        )
    kept = looked_at.scored
    return FrameScores(
        frames=tuple(frame for _, frame in kept),
        display=tuple(round(found[place]["display"], 3) for place, _ in kept),
        phone=tuple(round(found[place]["phone"], 3) for place, _ in kept),
    )
