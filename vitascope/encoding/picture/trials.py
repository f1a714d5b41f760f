"""Small encodes that tell what a title needs.

A second from the middle of a few shots, chosen across the range of complexity, is cut once into
one near lossless file; every trial encodes that file at one size and one CRF and measures VMAF
at display size, sample by sample. The first frame's bytes are kept apart from the others', since
a sample of one second has a keyframe where a segment of four has one as well.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import (
    Chunk,
    PlanTrials,
    RunTrial,
    ShotPlan,
    Trial,
    TrialResult,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.chunks import keyframe_times
from vitascope.encoding.picture.frames import (
    FramesRead,
    Size,
    display_of,
    fitted,
    frames_read,
    read_args,
    shaped,
    sizes,
    stream_of,
)
from vitascope.encoding.picture.packets import Packet, packets_of
from vitascope.encoding.picture.recipes import recipe_of, wanted
from vitascope.encoding.picture.spans import index_of, spans_of
from vitascope.encoding.picture.vmaf import Reference, Scores, measure
from vitascope.encoding.ranges import joined
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import frames_in, rate_of, seconds
from vitascope.encoding.workspace import X264, Workspace
from vitascope.engines import media
from vitascope.kernel.media import H264_SDR, Format

FEWEST_SAMPLES = 3


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    chunk: int
    start: int
    frames: int


def choose_samples(chunks: Sequence[Chunk], length: int, most: int) -> tuple[Sample, ...]:
    """Returns the middles of at most `most` splits, evenly over the splits ordered by
    complexity."""
    splits = [
        (chunk.complexity, chunk.index, begin, end)
        for chunk in chunks
        for begin, end in zip(chunk.keyframes, [*chunk.keyframes[1:], chunk.end], strict=True)
    ]
    splits.sort()
    count = min(most, len(splits))
    picked = [splits[int((n + 0.5) * len(splits) / count)] for n in range(count)]
    return tuple(
        sorted((_middle(*split[1:], length) for split in picked), key=lambda sample: sample.start)
    )


def _middle(chunk: int, begin: int, end: int, length: int) -> Sample:
    frames = min(length, end - begin)
    return Sample(chunk=chunk, start=begin + (end - begin - frames) // 2, frames=frames)


class _SamplesRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    samples: tuple[Sample, ...]
    display: Size
    tool: str


class _TrialRead(msgspec.Struct, frozen=True, kw_only=True):
    samples_key: str
    samples: tuple[tuple[int, int], ...]
    format: Format
    size: Size
    display: Size
    crf: float
    parameters: msgspec.Struct
    vmaf_model: str
    vmaf_subsample: int
    tool: str


async def plan_trials(
    workspace: Workspace, request: PlanTrials, progress: OnProgress | None = None
) -> tuple[Trial, ...]:
    source, shots, settings = request.source, request.shots, workspace.settings
    rate = rate_of(source.frame_rate)
    length = frames_in(settings.sample_s, rate)
    most = max(FEWEST_SAMPLES, round(seconds(source.frames, rate) / settings.sample_every_s))
    samples = choose_samples(shots.chunks, length, min(most, settings.max_samples))
    key = await _cut_samples(workspace, source, shots, samples)
    return tuple(
        Trial(
            name=trial_name(recipe.format, size.height, crf),
            height=size.height,
            crf=crf,
            samples_key=key,
            samples=tuple((sample.chunk, sample.frames) for sample in samples),
            format=recipe.format,
        )
        for recipe in wanted(settings, request.formats)
        for size in sizes(source, settings.heights)
        for crf in recipe.trial_crfs(settings)
    )


def trial_name(format: Format, height: int, crf: float) -> str:
    """Returns how a trial is called in the studio: `480p crf 27`, `480p vp9 crf 33`."""
    kind = "" if format == H264_SDR else f"{format.name} "
    return f"{height}p {kind}crf {crf:g}"


async def _cut_samples(
    workspace: Workspace, source: Source, shots: ShotPlan, samples: tuple[Sample, ...]
) -> str:
    display = fitted(source, max(workspace.settings.heights))
    read = _SamplesRead(
        frames=frames_read(source, shots.picture),
        samples=samples,
        display=display,
        tool=await workspace.encoder_version(X264),
    )
    name = await workspace.name(source.sha256, "samples", read)

    async def make() -> str:
        async with workspace.folder() as folder:
            await _write_samples(workspace, source, shots, samples, display, folder)
            await workspace.keep(f"{name}.mkv", folder / "samples.mkv")
        return f"{name}.mkv"

    return await workspace.once(name, str, make)


async def _write_samples(
    workspace: Workspace,
    source: Source,
    shots: ShotPlan,
    samples: tuple[Sample, ...],
    display: Size,
    folder: Path,
) -> None:
    picture, rate = shots.picture, rate_of(source.frame_rate)
    reading: list[str] = []
    chains: list[str] = []
    for number, sample in enumerate(samples):
        args, numbered = read_args(source, picture, sample.start, sample.frames)
        reading += args
        chains.append(f"[{stream_of(source, picture, number)}]{numbered}[s{number}]")
    inputs = "".join(f"[s{number}]" for number in range(len(samples)))
    number_again = f"settb={rate.denominator}/{rate.numerator},setpts=N"
    chains.append(
        f"{inputs}concat=n={len(samples)}:v=1:a=0,{number_again},{shaped(source, display)}[v]"
    )
    frames = sum(sample.frames for sample in samples)
    writing = [
        *reading,
        *("-filter_complex", ";".join(chains), "-map", "[v]", "-fps_mode", "passthrough"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-qp", "6"),
        *("-x264-params", f"bframes=0:threads={workspace.settings.threads}"),
        "{out}/samples.mkv",
    ]
    index = await index_of(workspace, source, picture)
    spans = [
        spans_of(index, source, picture, each.start, each.start + each.frames) for each in samples
    ]
    needed = tuple(joined([span for some in spans for span in some]))
    async with workspace.part(picture.key, needed) as file:
        bound = {"picture": media.Input(path=file, trusted=picture.mezzanine)}
        await workspace.run(media.Tool.FFMPEG, writing, bound, folder, frames=frames)


async def run_trial(
    workspace: Workspace, request: RunTrial, progress: OnProgress | None = None
) -> TrialResult:
    source, trial, settings = request.source, request.trial, workspace.settings
    recipe = recipe_of(trial.format)
    read = _TrialRead(
        samples_key=trial.samples_key,
        samples=trial.samples,
        format=trial.format,
        size=_size(source, trial, settings),
        display=display_of(source, settings.heights),
        crf=trial.crf,
        parameters=recipe.parameters(settings),
        vmaf_model=settings.vmaf_model,
        vmaf_subsample=settings.vmaf_subsample,
        tool=await workspace.encoder_version(recipe.encoder),
    )
    name = await workspace.name(source.sha256, "trial", read)

    async def make() -> TrialResult:
        async with workspace.folder() as folder, workspace.part(trial.samples_key) as samples:
            await _encode(workspace, source, trial, samples, folder)
            packets = await packets_of(workspace, folder / "trial.mp4")
            scores = await _score(workspace, source, trial, samples, folder, progress)
            return result_of(trial, packets, scores, settings.vmaf_model)

    return await workspace.once(name, TrialResult, make)


async def _encode(
    workspace: Workspace, source: Source, trial: Trial, samples: Path, folder: Path
) -> None:
    rate = rate_of(source.frame_rate)
    recipe, size = recipe_of(trial.format), _size(source, trial, workspace.settings)
    shape = shaped(source, size, recipe.bit_depth(workspace.settings))
    number = f"settb={rate.denominator}/{rate.numerator},setpts=N"
    starts = tuple(start for start, _ in _ranges(trial))
    await workspace.run(
        media.Tool.FFMPEG,
        [
            *("-i", "{in.samples}", "-vf", f"{number},{shape}"),
            *("-an", "-fps_mode", "passthrough"),
            *recipe.arguments(size, rate, trial.crf, workspace.settings),
            *("-force_key_frames", keyframe_times(starts, rate), "{out}/trial.mp4"),
        ],
        {"samples": media.Input(path=samples, trusted=True)},
        folder,
        frames=sum(frames for _, frames in trial.samples),
    )


async def _score(
    workspace: Workspace,
    source: Source,
    trial: Trial,
    samples: Path,
    folder: Path,
    progress: OnProgress | None,
) -> Scores:
    rate = rate_of(source.frame_rate)
    reference = Reference(
        file=samples,
        trusted=True,
        args=["-i", "{in.reference}"],
        stream="1:v:0",
        chain=f"settb={rate.denominator}/{rate.numerator},setpts=N",
    )
    frames = sum(frames for _, frames in trial.samples)
    display = display_of(source, workspace.settings.heights)
    return await measure(
        workspace, source, folder / "trial.mp4", reference, display, frames, progress
    )


def result_of(trial: Trial, packets: Sequence[Packet], scores: Scores, model: str) -> TrialResult:
    ranges = _ranges(trial)
    later = [
        [packet.size for packet in packets[start + 1 : end]] or [packets[start].size]
        for start, end in ranges
    ]
    return TrialResult(
        height=trial.height,
        crf=trial.crf,
        chunks=tuple(chunk for chunk, _ in trial.samples),
        key_bytes=tuple(float(packets[start].size) for start, _ in ranges),
        frame_bytes=tuple(sum(group) / len(group) for group in later),
        vmaf=tuple(scores.mean(start, end) for start, end in ranges),
        vmaf_model=model,
        format=trial.format,
    )


def _size(source: Source, trial: Trial, settings: EncodingSettings) -> Size:
    return next(s for s in sizes(source, settings.heights) if s.height == trial.height)


def _ranges(trial: Trial) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for _, frames in trial.samples:
        start = ranges[-1][1] if ranges else 0
        ranges.append((start, start + frames))
    return ranges
