"""Where the cuts are, and the chunks that follow from them.

One pass over a picture of 270 lines does two things: `scdet` scores every frame against the one
before it, and a small constant-quality encode tells, by its bytes, how complex each shot is.
Every rung uses the same list, so their keyframes fall on the same frames.
"""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import (
    Chunk,
    FindShots,
    LadderPlan,
    Picture,
    PlannedRung,
    PlanQuick,
    QuickPlan,
    ShotPlan,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.frames import (
    FramesRead,
    fitted,
    frames_read,
    prepare_picture,
    read_args,
    stream_of,
)
from vitascope.encoding.picture.ladder import rung_name
from vitascope.encoding.picture.packets import packets_of
from vitascope.encoding.picture.recipes import wanted
from vitascope.encoding.picture.spans import index_of, spans_of
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import frames_in, rate_of
from vitascope.encoding.workspace import X264, Workspace
from vitascope.engines import media

LOOK_LINES = 270


class _ShotsRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    shot_max_s: float
    shot_min_s: float
    chunk_max_s: float
    scene_threshold: float
    threads: int
    tool: str


async def find_shots(
    workspace: Workspace, request: FindShots, progress: OnProgress | None = None
) -> ShotPlan:
    source, settings = request.source, workspace.settings
    picture = await prepare_picture(workspace, source, progress)
    read = _ShotsRead(
        frames=frames_read(source, picture),
        shot_max_s=settings.shot_max_s,
        shot_min_s=settings.shot_min_s,
        chunk_max_s=settings.chunk_max_s,
        scene_threshold=settings.scene_threshold,
        threads=settings.threads,
        tool=await workspace.encoder_version(X264),
    )
    name = await workspace.name(source.sha256, "shots", read)

    async def make() -> ShotPlan:
        scores, sizes = await _look(workspace, source, picture, progress)
        await workspace.note(f"{name}-look", sizes)
        cuts = choose_cuts(scores, source.frames, rate_of(source.frame_rate), workspace.settings)
        chunks = plan_chunks(
            cuts, source.frames, rate_of(source.frame_rate), workspace.settings, sizes
        )
        plan = await _plan(workspace, source, picture, chunks)
        return msgspec.structs.replace(plan, look_key=f"{name}-look")

    found = await workspace.once(name, ShotPlan, make)
    if request.keyframes and request.keyframes != _keyframes(found.chunks):
        most = frames_in(settings.chunk_max_s, rate_of(source.frame_rate))
        chunks = cut_at(found.chunks, request.keyframes, most)
        plan = await _plan(workspace, source, picture, chunks)
        return msgspec.structs.replace(plan, look_key=found.look_key)
    # found again, it is cut from where this master lies
    return msgspec.structs.replace(found, picture_key=picture.key)


def _keyframes(chunks: Sequence[Chunk]) -> tuple[int, ...]:
    return tuple(frame for chunk in chunks for frame in chunk.keyframes)


def cut_at(chunks: Sequence[Chunk], keyframes: Sequence[int], most: int) -> list[Chunk]:
    """Returns chunks of at most `most` frames, or of one group of pictures, whose keyframes are
    these. Each is as complex as the one in which its middle lies."""
    end = chunks[-1].end
    groups: list[list[int]] = []
    for begins, ends in itertools.pairwise([*keyframes, end]):
        if groups and ends - groups[-1][0] <= most:
            groups[-1].append(begins)
        else:
            groups.append([begins])
    starts = [group[0] for group in groups]
    found: list[Chunk] = []
    for index, (group, ends) in enumerate(zip(groups, [*starts[1:], end], strict=True)):
        middle = (group[0] + ends) // 2
        like = next(chunk for chunk in chunks if middle < chunk.end)
        found.append(
            Chunk(
                index=index,
                start=group[0],
                end=ends,
                keyframes=tuple(group),
                complexity=like.complexity,
            )
        )
    return found


async def look_of(workspace: Workspace, shots: ShotPlan) -> list[int]:
    """Returns the bytes of every frame in the small encode; none for a plan made without."""
    return await workspace.made(shots.look_key, list[int]) or [] if shots.look_key else []


async def plan_quick(
    workspace: Workspace, request: PlanQuick, progress: OnProgress | None = None
) -> QuickPlan:
    """Returns a plan without trials or search for cuts: keyframes at equal distances, one quality
    for all."""
    source, recipe = request.source, wanted(workspace.settings)[0]
    picture = await prepare_picture(workspace, source, progress)
    rate, settings = rate_of(source.frame_rate), workspace.settings
    ends = [*range(0, source.frames, frames_in(settings.quick_chunk_s, rate)), source.frames]
    step = frames_in(settings.quick_keyframe_s, rate)
    chunks = tuple(
        Chunk(index=n, start=a, end=b, keyframes=_spaced(a, b, step))
        for n, (a, b) in enumerate(itertools.pairwise(ends))
    )
    found = sorted({fitted(source, lines) for lines in settings.quick_heights})
    rungs = tuple(
        PlannedRung(
            name=rung_name(recipe.format, size.height),
            width=size.width,
            height=size.height,
            crfs=(recipe.quick_crf(settings),),
            bitrate_kbps=0.0,
            format=recipe.format,
        )
        for size in found
    )
    shots = await _plan(workspace, source, picture, chunks)
    return QuickPlan(shots=shots, ladder=LadderPlan(rungs=rungs))


async def _plan(
    workspace: Workspace, source: Source, picture: Picture, chunks: Sequence[Chunk]
) -> ShotPlan:
    index = await index_of(workspace, source, picture)

    def placed(chunk: Chunk) -> Chunk:
        spans = spans_of(index, source, picture, chunk.start, chunk.end)
        return msgspec.structs.replace(chunk, spans=spans)

    return ShotPlan(
        chunks=tuple(placed(chunk) for chunk in chunks),
        frame_rate=source.frame_rate,
        picture_key=picture.key,
        mezzanine=picture.mezzanine,
    )


def choose_cuts(
    scores: Mapping[int, float], frames: int, rate: Fraction, settings: EncodingSettings
) -> list[int]:
    """Returns frames at which a new shot begins, 0 left out: the clearest cuts first, none closer
    than the shortest shot to another, to the beginning or to the end."""
    apart = frames_in(settings.shot_min_s, rate)
    edges = [0, frames]
    clear = [frame for frame, score in scores.items() if score >= settings.scene_threshold]
    for frame in sorted(clear, key=lambda frame: (-scores[frame], frame)):
        if all(abs(frame - edge) >= apart for edge in edges):
            edges.append(frame)
    return sorted(edges)[1:-1]


def plan_chunks(
    cuts: Sequence[int],
    frames: int,
    rate: Fraction,
    settings: EncodingSettings,
    sizes: Sequence[int] = (),
) -> tuple[Chunk, ...]:
    """Returns shots cut into equal splits of at most `shot_max_s`, which begin with a keyframe
    each, and the splits gathered into chunks of at most `chunk_max_s` that never span a cut."""
    edges = [0, *cuts, frames]
    chunks: list[Chunk] = []
    for begin, end in itertools.pairwise(edges):
        splits = _equal(begin, end, frames_in(settings.shot_max_s, rate))
        per_chunk = max(1, int(settings.chunk_max_s // settings.shot_max_s))
        for first in range(0, len(splits), per_chunk):
            group = splits[first : first + per_chunk]
            stop = splits[first + per_chunk] if first + per_chunk < len(splits) else end
            bits = 8 * sum(sizes[group[0] : stop]) / (stop - group[0]) if sizes else 0.0
            chunks.append(
                Chunk(
                    index=len(chunks),
                    start=group[0],
                    end=stop,
                    keyframes=tuple(group),
                    complexity=round(bits, 1),
                )
            )
    return tuple(chunks)


def _equal(begin: int, end: int, longest: int) -> list[int]:
    count = ceil((end - begin) / longest)
    return [begin + (end - begin) * n // count for n in range(count)]


def _spaced(begin: int, end: int, step: int) -> tuple[int, ...]:
    """Every `step` frames; a rest shorter than half a step joins the one before it."""
    marks = list(range(begin, end, step))
    if len(marks) > 1 and end - marks[-1] < step / 2:
        marks.pop()
    return tuple(marks)


async def _look(
    workspace: Workspace, source: Source, picture: Picture, progress: OnProgress | None
) -> tuple[dict[int, float], list[int]]:
    """Scene scores by frame, and the bytes of every frame of the small encode."""
    async with workspace.folder() as folder:
        reading, numbered = read_args(source, picture, 0, source.frames)
        scale = f"scale=-2:{LOOK_LINES}:flags=fast_bilinear"
        graph = (
            f"[{stream_of(source, picture)}]{numbered},{scale},format=yuv420p,split[a][b];"
            "[a]scdet=threshold=100,metadata=print:file=scores.txt[scored]"
        )
        args = [
            *reading,
            *("-filter_complex", graph),
            *("-map", "[scored]", "-fps_mode", "passthrough", "-f", "null", "-"),
            *("-map", "[b]", "-fps_mode", "passthrough", "-c:v", "libx264"),
            *("-preset", "ultrafast", "-crf", "28"),
            *("-x264-params", f"keyint=infinite:scenecut=0:threads={workspace.settings.threads}"),
            "{out}/look.mp4",
        ]
        local = await workspace.local(picture.key, folder)
        await workspace.run(
            media.Tool.FFMPEG,
            args,
            {"picture": media.Input(path=local, trusted=picture.mezzanine)},
            folder,
            frames=source.frames,
            progress=progress,
        )
        scores = await asyncio.to_thread(read_scores, folder / "scores.txt")
        packets = await packets_of(workspace, folder / "look.mp4")
        return scores, [packet.size for packet in packets]


def read_scores(file: Path) -> dict[int, float]:
    """Returns `scdet`'s scores by frame number, from what the `metadata` filter printed."""
    scores: dict[int, float] = {}
    frame = 0
    for line in file.read_text().splitlines():
        if line.startswith("frame:"):
            frame = int(line.split()[0].removeprefix("frame:"))
        elif line.startswith("lavfi.scd.score="):
            scores[frame] = float(line.partition("=")[2])
    return scores
