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
    Detail,
    FindShots,
    Picture,
    ShotPlan,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.details import Passages, detailed
from vitascope.encoding.picture.frames import (
    FramesRead,
    frames_read,
    prepare_picture,
    read_args,
    stream_of,
)
from vitascope.encoding.picture.packets import packets_of
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
    details: bool | msgspec.UnsetType = msgspec.UNSET  # where nothing is tried


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """Scene scores by frame, the bytes of every frame of the small encode, and passages by their
    first frame."""

    scores: dict[int, float]
    sizes: list[int]
    details: dict[int, tuple[Detail, ...]]


async def find_shots(
    workspace: Workspace, request: FindShots, progress: OnProgress | None = None
) -> ShotPlan:
    source, settings = request.source, workspace.settings
    picture = await prepare_picture(workspace, source, progress)
    passages = None if settings.max_samples else Passages(source)
    read = _ShotsRead(
        frames=frames_read(source, picture),
        shot_max_s=settings.shot_max_s,
        shot_min_s=settings.shot_min_s,
        chunk_max_s=settings.chunk_max_s,
        scene_threshold=settings.scene_threshold,
        threads=settings.threads,
        tool=await workspace.encoder_version(X264),
        details=passages is not None or msgspec.UNSET,
    )
    name = await workspace.name(source.sha256, "shots", read)

    async def make() -> ShotPlan:
        look = await _look(workspace, source, picture, passages, progress)
        await workspace.note(f"{name}-look", look.sizes)
        rate = rate_of(source.frame_rate)
        cuts = choose_cuts(look.scores, source.frames, rate, settings)
        chunks: Sequence[Chunk] = plan_chunks(cuts, source.frames, rate, settings, look.sizes)
        chunks = detailed(chunks, look.details) if look.details else chunks
        plan = await placed(workspace, source, picture, chunks)
        return msgspec.structs.replace(plan, look_key=f"{name}-look")

    found = await workspace.once(name, ShotPlan, make)
    if request.keyframes and request.keyframes != _keyframes(found.chunks):
        most = frames_in(settings.chunk_max_s, rate_of(source.frame_rate))
        chunks = cut_at(found.chunks, request.keyframes, most)
        plan = await placed(workspace, source, picture, chunks)
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
                details=like.details,
            )
        )
    return found


async def look_of(workspace: Workspace, shots: ShotPlan) -> list[int]:
    """Returns the bytes of every frame in the small encode; none for a plan made without."""
    return await workspace.made(shots.look_key, list[int]) or [] if shots.look_key else []


async def placed(
    workspace: Workspace, source: Source, picture: Picture, chunks: Sequence[Chunk]
) -> ShotPlan:
    """Returns a plan of these chunks, each with the bytes of the file that it needs."""
    index = await index_of(workspace, source, picture)

    def in_file(chunk: Chunk) -> Chunk:
        spans = spans_of(index, source, picture, chunk.start, chunk.end)
        return msgspec.structs.replace(chunk, spans=spans)

    return ShotPlan(
        chunks=tuple(in_file(chunk) for chunk in chunks),
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


async def _look(
    workspace: Workspace,
    source: Source,
    picture: Picture,
    passages: Passages | None,
    progress: OnProgress | None,
) -> _Look:
    """Look at the film once, and at some passages more closely."""
    async with workspace.folder() as folder:
        reading, numbered = read_args(source, picture, 0, source.frames)
        scale = f"scale=-2:{LOOK_LINES}:flags=fast_bilinear"
        read = f"[{stream_of(source, picture)}]{numbered}"
        graph = f"{scale},format=yuv420p,split[a][b];" + (
            "[a]scdet=threshold=100,metadata=print:file=scores.txt[scored]"
        )
        if passages:
            graph = f"{read},split[small][whole];[small]{graph};{passages.graph('whole')}"
        else:
            graph = f"{read},{graph}"
        args = [
            *reading,
            *("-filter_complex", graph),
            *("-map", "[scored]", "-fps_mode", "passthrough", "-f", "null", "-"),
            *("-map", "[b]", "-fps_mode", "passthrough", "-c:v", "libx264"),
            *("-preset", "ultrafast", "-crf", "28"),
            *("-x264-params", f"keyint=infinite:scenecut=0:threads={workspace.settings.threads}"),
            "{out}/look.mp4",
            *(passages.arguments() if passages else ()),
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
        return _Look(
            scores=await asyncio.to_thread(read_scores, folder / "scores.txt"),
            sizes=[packet.size for packet in await packets_of(workspace, folder / "look.mp4")],
            details=await passages.read(workspace, folder) if passages else {},
        )


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
