"""What chunks and renditions are worth, measured, and what is encoded once more.

Each chunk is measured by itself, in all rungs at once. A rung that missed its plan gets other CRFs
where most is to be gained: in the chunks that are furthest from their own plans.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import numpy as np

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import (
    Chunk,
    ChunkScores,
    Correction,
    FrameScores,
    MeasureChunk,
    PlanCorrections,
    PlannedRung,
    Quality,
    ShotPlan,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.frames import FramesRead, Size, display_of, frames_read
from vitascope.encoding.picture.recipes import recipe_of
from vitascope.encoding.picture.spans import in_range
from vitascope.encoding.picture.vmaf import measure
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import frames_in, rate_of, seconds
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media

FURTHEST = 5.0  # CRF steps a correction may take: beyond it the trials told of another film
_LEAST = 0.5  # CRF steps that are worth encoding a chunk again
_LOW = 5  # percentile of frames
_LONG_S = 120.0


class _ScoresRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    chunk: str
    start: int
    end: int
    display: Size
    vmaf_model: str
    every: int
    tool: str


async def measure_chunk(
    workspace: Workspace, request: MeasureChunk, progress: OnProgress | None = None
) -> tuple[ChunkScores, ...]:
    """What was measured before is not measured again, each encode by itself."""
    source, settings = request.source, workspace.settings
    picture, chunk = await in_range(
        workspace, source, request.picture, request.chunk, request.format.dynamic_range
    )
    chunk = _beginning(chunk, source, settings)
    display = display_of(source, settings.heights)
    every = settings.quick_vmaf_subsample if request.rough else _every(source, settings)
    names: list[str] = []
    for ref in request.refs:
        read = _ScoresRead(
            frames=frames_read(source, picture),
            chunk=ref.key,
            start=chunk.start,
            end=chunk.end,
            display=display,
            vmaf_model=settings.vmaf_model,
            every=every,
            tool=await workspace.version(media.Tool.FFMPEG),
        )
        names.append(await workspace.name(source.sha256, "scores", read))
    known = {name: await workspace.made(name, FrameScores) for name in names}
    missing = {n: ref for n, ref in zip(names, request.refs, strict=True) if known[n] is None}
    if missing:
        async with workspace.folder() as folder:
            files = [await workspace.local(ref.key, folder) for ref in missing.values()]
            found = await measure(
                workspace,
                source,
                picture,
                chunk,
                files,
                display,
                every,
                progress,
                small=request.small,
            )
        for name, measured in zip(missing, found, strict=True):
            await workspace.note(name, measured)
            known[name] = measured
    return tuple(_told(name, scores) for name in names if (scores := known[name]) is not None)


def _beginning(chunk: Chunk, source: Source, settings: EncodingSettings) -> Chunk:
    """Returns as much of a chunk as is measured: decoding is most of what a few scores cost."""
    window_s = settings.vmaf_window_s
    most = frames_in(window_s, rate_of(source.frame_rate)) if window_s else chunk.frames
    return msgspec.structs.replace(chunk, end=min(chunk.end, chunk.start + most))


def _every(source: Source, settings: EncodingSettings) -> int:
    film_s = seconds(source.frames, rate_of(source.frame_rate))
    return settings.long_vmaf_subsample if film_s > _LONG_S else settings.vmaf_subsample


def _told(name: str, scores: FrameScores) -> ChunkScores:
    mean = sum(scores.display) / len(scores.display)
    return ChunkScores(key=name, scored=len(scores.display), vmaf=round(mean, 3))


async def frame_scores(workspace: Workspace, chunks: Sequence[ChunkScores]) -> list[FrameScores]:
    """Returns what was measured of a rung's chunks, in their order."""
    found = await asyncio.gather(*(workspace.made(each.key, FrameScores) for each in chunks))
    return [scores for scores in found if scores is not None]


def quality_of(scores: Sequence[FrameScores], shots: ShotPlan, rate: float, model: str) -> Quality:
    """Returns what a whole rendition is worth. Every chunk counts by its length."""
    weights = np.concatenate([
        np.full(len(one.frames), chunk.frames / len(one.frames))
        for one, chunk in zip(scores, shots.chunks, strict=True)
    ])  # fmt: skip
    weights /= weights.sum()
    display = np.concatenate([one.display for one in scores])
    phone = np.concatenate([one.phone for one in scores])
    at = np.concatenate([
        chunk.start + np.array(one.frames) for one, chunk in zip(scores, shots.chunks, strict=True)
    ])  # fmt: skip
    order = np.argsort(display)
    low = order[int(np.searchsorted(np.cumsum(weights[order]), _LOW / 100))]
    second = (at / rate).astype(int)
    means = {int(s): float(display[second == s].mean()) for s in np.unique(second)}
    worst = min(means, key=lambda s: (means[s], s))
    return Quality(
        model=model,
        scored=len(display),
        vmaf=round(float(display @ weights), 2),
        harmonic=round(float(1 / (weights @ (1 / (display + 1))) - 1), 2),
        low=round(float(display[low]), 2),
        worst_second=round(means[worst], 2),
        worst_second_ms=worst * 1000,
        phone=round(float(phone @ weights), 2),
    )


async def plan_corrections(
    workspace: Workspace, request: PlanCorrections, progress: OnProgress | None = None
) -> tuple[Correction, ...]:
    found = [
        correction_of(rung, request.shots.chunks, scores, workspace.settings)
        for rung, scores in zip(request.rungs, request.scores, strict=True)
    ]
    return tuple(correction for correction in found if correction is not None)


def correction_of(
    rung: PlannedRung,
    chunks: Sequence[Chunk],
    scores: Sequence[float],
    settings: EncodingSettings,
) -> Correction | None:
    """Returns the chunks whose CRFs are to be moved, and the rung with these; None when the rung
    was not missed. Chunks further from their plans come first, and no more of them than bring the
    rung back to within half of the tolerance."""
    if rung.vmaf is None or rung.vmaf_per_crf <= 0 or not scores:
        return None
    frames = np.array([chunk.frames for chunk in chunks], dtype=np.float64)
    shares = frames / frames.sum()
    planned = np.array(rung.vmafs if rung.vmafs else [rung.vmaf] * len(chunks))
    missed = np.array(scores) - planned
    off = float(missed @ shares)  # above zero: better than planned, so bits were wasted
    if -settings.tolerance_vmaf <= off <= 2 * settings.tolerance_vmaf:
        return None
    finest, coarsest = recipe_of(rung.format).crf_range
    crfs = [rung.crf(chunk.index) for chunk in chunks]
    moved: list[int] = []
    left = abs(off)
    for place in np.argsort(-np.abs(missed) * shares):
        same_way = missed[place] * off > 0
        if left <= settings.tolerance_vmaf / 2 or not same_way:
            continue
        steps = max(-FURTHEST, min(FURTHEST, float(missed[place]) / rung.vmaf_per_crf))
        crf = min(coarsest, max(finest, round(crfs[place] + steps, 2)))
        if abs(crf - crfs[place]) < _LEAST:
            continue
        left -= abs(crf - crfs[place]) * rung.vmaf_per_crf * float(shares[place])
        crfs[place] = crf
        moved.append(int(place))
    if not moved:
        return None
    better = msgspec.structs.replace(rung, crfs=tuple(crfs))
    return Correction(rung=better, chunks=tuple(sorted(moved)))
