"""Small encodes that tell what a title needs.

A second from the middle of a few splits, chosen across the range of complexity, is encoded at
several sizes and CRFs, and VMAF is measured at display size. A few samples are tried at every size
over a wide range, which tells roughly where the rungs will be; the others near these only, where
more of the title's shots are worth knowing. The first frame's bytes are kept apart from the
others', since a sample of one second has a keyframe where a segment of four has one as well.
"""

from collections.abc import Iterable, Sequence
from math import ceil

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import (
    Chunk,
    Encode,
    Picture,
    PlannedRung,
    PlanTrials,
    RunTrial,
    ShotPlan,
    Trial,
    TrialPoint,
    TrialResult,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.chunks import encode_at
from vitascope.encoding.picture.frames import (
    FramesRead,
    Size,
    display_of,
    frames_read,
    prepare_picture,
    sizes,
)
from vitascope.encoding.picture.ladder import plan_ladder
from vitascope.encoding.picture.packets import Packet, packets_of
from vitascope.encoding.picture.recipes import recipe_of, wanted
from vitascope.encoding.picture.recipes.recipe import Recipe
from vitascope.encoding.picture.shots import look_of
from vitascope.encoding.picture.spans import PictureIndex, in_range, index_of, spans_of
from vitascope.encoding.picture.vmaf import measure, model_of
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import clock_text, frames_in, rate_of, seconds
from vitascope.encoding.workspace import Workspace
from vitascope.kernel.media import H264_SDR, DynamicRange, Format

FEWEST_SAMPLES = 3
LEAD_OUT_S = 0.4
FEWEST_CRFS = 3  # of a sample that is tried near the rungs only
_CRF_STEP = 5.5  # between those, at most


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    chunk: int
    start: int
    frames: int


def choose_samples(chunks: Sequence[Chunk], length: int, most: int) -> tuple[Sample, ...]:
    """Returns the middles of at most `most` splits, evenly over the splits ordered by complexity,
    and in that order."""
    splits = [
        (chunk.complexity, chunk.index, begin, end)
        for chunk in chunks
        for begin, end in zip(chunk.keyframes, [*chunk.keyframes[1:], chunk.end], strict=True)
    ]
    splits.sort()
    count = min(most, len(splits))
    picked = [splits[int((n + 0.5) * len(splits) / count)] for n in range(count)]
    return tuple(_middle(*split[1:], length) for split in picked)


def _middle(chunk: int, begin: int, end: int, length: int) -> Sample:
    frames = min(length, end - begin)
    return Sample(chunk=chunk, start=begin + (end - begin - frames) // 2, frames=frames)


def in_two(samples: Sequence[Sample], first: int) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Returns the `first` samples to be tried, evenly over the others, and these."""
    count = min(first, len(samples))
    places = {int((n + 0.5) * len(samples) / count) for n in range(count)}
    early = [sample for n, sample in enumerate(samples) if n in places]
    late = [sample for n, sample in enumerate(samples) if n not in places]
    return tuple(early), tuple(late)


class _TrialRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    start: int
    end: int
    lead_out_s: float
    encodes: tuple[Encode, ...]
    format: Format
    display: Size
    parameters: msgspec.Struct
    vmaf_model: str
    vmaf_subsample: int
    tool: str


async def plan_trials(
    workspace: Workspace, request: PlanTrials, progress: OnProgress | None = None
) -> tuple[Trial, ...]:
    source, shots, settings = request.source, request.shots, workspace.settings
    rate = rate_of(source.frame_rate)
    length, film_s = frames_in(settings.sample_s, rate), seconds(source.frames, rate)
    most = max(FEWEST_SAMPLES, round(film_s / settings.sample_every_s))
    samples = choose_samples(shots.chunks, length, min(most, settings.max_samples))
    first = max(FEWEST_SAMPLES, ceil(film_s / settings.wide_sample_every_s))
    early, late = in_two(samples, min(first, settings.max_wide_samples))
    index = await index_of(workspace, source, shots.picture)
    look = await look_of(workspace, shots)
    trials: list[Trial] = []
    for recipe in wanted(settings, source.dynamic_range, request.formats):
        await _ready(workspace, source, recipe.format.dynamic_range)
        if request.known:
            encodes = _near(request, recipe, settings)
        else:
            encodes = _wide(source, recipe, settings)
        for sample in late if request.known else early:
            piece = _piece(sample, source, shots, index, look)
            trials.append(
                Trial(
                    name=trial_name(recipe.format, seconds(sample.start, rate)),
                    sample=piece,
                    encodes=encodes,
                    format=recipe.format,
                )
            )
    return tuple(trials)


async def _ready(workspace: Workspace, source: Source, dynamic_range: DynamicRange) -> None:
    """Prepare what a format of this range is encoded from, once for all workers."""
    if dynamic_range is not DynamicRange.SDR:
        picture = await prepare_picture(workspace, source, dynamic_range=dynamic_range)
        await index_of(workspace, source, picture)


def trial_name(format: Format, at_s: float) -> str:
    """Returns how a trial is called in the studio: `0:12`, `0:12 vp9`."""
    return clock_text(at_s) + ("" if format == H264_SDR else f" {format.name}")


def _piece(
    sample: Sample,
    source: Source,
    shots: ShotPlan,
    index: PictureIndex,
    look: Sequence[int],
) -> Chunk:
    end = sample.start + sample.frames
    lead = frames_in(LEAD_OUT_S, rate_of(source.frame_rate))
    bits = 8 * sum(look[sample.start : end]) / sample.frames
    return Chunk(
        index=sample.chunk,
        start=sample.start,
        end=end,
        keyframes=(sample.start,),
        complexity=round(bits, 1) or shots.chunks[sample.chunk].complexity,
        spans=spans_of(index, source, shots.picture, sample.start, min(source.frames, end + lead)),
    )


def _wide(source: Source, recipe: Recipe, settings: EncodingSettings) -> tuple[Encode, ...]:
    return tuple(
        Encode(width=size.width, height=size.height, crf=crf)
        for size in sizes(source, settings.heights)
        for crf in recipe.trial_crfs(settings)
    )


def _near(request: PlanTrials, recipe: Recipe, settings: EncodingSettings) -> tuple[Encode, ...]:
    known = [result for result in request.known if result.format == recipe.format]
    plan = plan_ladder(request.source, request.shots, known, settings)
    return near_rungs(plan.rungs, recipe, settings)


def near_rungs(
    rungs: Iterable[PlannedRung], recipe: Recipe, settings: EncodingSettings
) -> tuple[Encode, ...]:
    """Returns encodes at the heights of rungs that were planned, over the CRFs which their shots
    may take."""
    by_size: dict[tuple[int, int], list[float]] = {}
    for rung in rungs:
        mean = sum(rung.crfs) / len(rung.crfs)
        by_size.setdefault((rung.width, rung.height), []).append(mean)
    encodes: list[Encode] = []
    tried = recipe.trial_crfs(settings)
    for (width, height), means in by_size.items():
        low = max(tried[0], min(means) - settings.crf_spread)
        high = min(tried[-1], max(means) + settings.crf_spread)
        count = max(FEWEST_CRFS, ceil((high - low) / _CRF_STEP) + 1)
        for n in range(count):
            crf = round(low + (high - low) * n / (count - 1), 1)
            encodes.append(Encode(width=width, height=height, crf=crf))
    return tuple(encodes)


async def run_trial(
    workspace: Workspace, request: RunTrial, progress: OnProgress | None = None
) -> TrialResult:
    source, trial, settings = request.source, request.trial, workspace.settings
    recipe = recipe_of(trial.format)
    picture, led_out = await in_range(
        workspace,
        source,
        request.picture,
        _led_out(source, trial.sample),
        trial.format.dynamic_range,
    )
    display = display_of(source, settings.heights)
    read = _TrialRead(
        frames=frames_read(source, picture),
        start=trial.sample.start,
        end=trial.sample.end,
        lead_out_s=LEAD_OUT_S,
        encodes=trial.encodes,
        format=trial.format,
        display=display,
        parameters=recipe.parameters(settings),
        vmaf_model=settings.vmaf_model,
        vmaf_subsample=settings.trial_vmaf_subsample,
        tool=await workspace.encoder_version(recipe.encoder),
    )
    name = await workspace.name(source.sha256, "sample", read)

    async def make() -> TrialResult:
        return TrialResult(
            chunk=trial.sample.index,
            complexity=trial.sample.complexity,
            points=await _tried(workspace, request, picture, led_out, display),
            vmaf_model=model_of(settings.vmaf_model, trial.format.dynamic_range),
            format=trial.format,
        )

    return await workspace.once(name, TrialResult, make)


async def _tried(
    workspace: Workspace,
    request: RunTrial,
    picture: Picture,
    led_out: Chunk,
    display: Size,
) -> tuple[TrialPoint, ...]:
    source, trial, small = request.source, request.trial, request.small
    every = workspace.settings.trial_vmaf_subsample
    async with workspace.folder() as folder:
        files = await encode_at(
            workspace,
            source,
            picture,
            led_out,
            trial.format,
            trial.encodes,
            folder,
            small=small,
        )
        sample = msgspec.structs.replace(trial.sample, spans=led_out.spans)
        scores = await measure(
            workspace, source, picture, sample, files, display, every, small=small
        )
        points: list[TrialPoint] = []
        for encode, file, found in zip(trial.encodes, files, scores, strict=True):
            packets = await packets_of(workspace, file)
            keys, others = weights_of(packets[: trial.sample.frames])
            point = TrialPoint(
                height=encode.height,
                crf=encode.crf,
                key_bytes=keys,
                frame_bytes=others,
                vmaf=round(sum(found.display) / len(found.display), 3),
            )
            points.append(point)
        return tuple(points)


def _led_out(source: Source, sample: Chunk) -> Chunk:
    """Returns the sample with some frames behind it, as far as the film goes on. They are encoded
    and count for nothing: without them the encoder, which looks ahead, would spare the last frames
    of a sample bits that it gives them in a film (a fifth of all, at 480 lines)."""
    lead = frames_in(LEAD_OUT_S, rate_of(source.frame_rate))
    return msgspec.structs.replace(sample, end=min(source.frames, sample.end + lead))


def weights_of(packets: Sequence[Packet]) -> tuple[float, float]:
    """Returns the bytes of the first frame, and of an average later one."""
    later = [packet.size for packet in packets[1:]] or [packets[0].size]
    return float(packets[0].size), sum(later) / len(later)
