"""VMAF of what we encoded against what we encoded it from.

Both sides are numbered anew by frame, tagged alike and brought to the size of the display:
leaving out the first cost 8.6 points, leaving out the second 4.8. The phone's score is the same
model with its phone transform, computed from the same features.
"""

import asyncio
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.picture.frames import Size, shaped
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """The side to compare with: how its input is opened, and the filter that numbers it."""

    file: Path
    trusted: bool
    args: list[str]  # must name {in.reference}
    stream: str  # "1:v:0"
    chain: str


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Scores by frame number; not every frame has one."""

    display: dict[int, float]
    phone: dict[int, float]

    def mean(self, start: int, end: int) -> float:
        """Returns the mean over the frames scored from `start` to `end` (exclusive), or the nearest
        one."""
        return _mean(self.display, start, end)

    def phone_mean(self, start: int, end: int) -> float:
        return _mean(self.phone, start, end)


class _Frame(msgspec.Struct, rename="camel"):
    frame_num: int
    metrics: dict[str, float]


class _Log(msgspec.Struct):
    frames: list[_Frame]


async def measure(
    workspace: Workspace,
    source: Source,
    encoded: Path,
    reference: Reference,
    display: Size,
    frames: int,
    progress: OnProgress | None = None,
    *,
    every: int = 0,
) -> Scores:
    """One in `every` frames is scored; 0 is the setting's. Raises `EncodingFailed` when the two
    have not the same number of frames."""
    async with workspace.folder() as folder:
        rate = rate_of(source.frame_rate)
        ours = f"settb={rate.denominator}/{rate.numerator},setpts=N"
        shape, every = shaped(source, display), every or workspace.settings.vmaf_subsample
        graph = (
            f"[0:v:0]{ours},{shape}[encoded];[{reference.stream}]{reference.chain},{shape}[whole];"
            f"[encoded][whole]libvmaf=model='{_models(workspace.settings.vmaf_model)}':"
            f"n_subsample={every}:n_threads={workspace.settings.threads}:"
            "log_fmt=json:log_path=vmaf.json"
        )
        await workspace.run(
            media.Tool.FFMPEG,
            [
                *("-i", "{in.encoded}", *reference.args, "-filter_complex", graph),
                *("-an", "-fps_mode", "passthrough", "-f", "null", "-"),
            ],
            {
                "encoded": media.Input(path=encoded, trusted=True),
                "reference": media.Input(path=reference.file, trusted=reference.trusted),
            },
            folder,
            frames=frames,
            progress=progress,
        )
        return await asyncio.to_thread(read_log, folder / "vmaf.json", frames, every)


def _models(name: str) -> str:
    if name.startswith("vmaf_v1"):
        phone = f"version={name.replace('_3d0h', '_5d0h')}"
    else:
        phone = f"version={name}\\:enable_transform=true"
    return f"version={name}\\:name=display|{phone}\\:name=phone"


def read_log(file: Path, frames: int, every: int) -> Scores:
    log = msgspec.json.decode(file.read_bytes(), type=_Log)
    expected = set(range(0, frames, every))
    found = {frame.frame_num for frame in log.frames}
    if not expected <= found or max(found) >= frames:
        raise EncodingFailed(
            f"VMAF compared {max(found, default=-1) + 1} frames where {frames} were planned."
        )
    return Scores(
        display={frame.frame_num: frame.metrics["display"] for frame in log.frames},
        phone={frame.frame_num: frame.metrics["phone"] for frame in log.frames},
    )


def _mean(scores: dict[int, float], start: int, end: int) -> float:
    inside = [score for frame, score in scores.items() if start <= frame < end]
    if not inside:
        inside = [scores[min(scores, key=lambda frame: abs(frame - start))]]
    return sum(inside) / len(inside)
