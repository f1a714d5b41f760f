"""From master to film: bits against a fixed ladder, and time against one plain ffmpeg run.

    python -m benchmarks.encoding [FILE] [--seconds N] [--effort fast|balanced|best]

BD-rate: mean difference in bitrate at equal VMAF between a title's own ladder and the fixed one
(480p 0.8, 720p 1.5, 1080p 3 Mbit/s; same encoder, same preset, two passes, one keyframe in 4 s),
over the range of quality that both cover, by the mean and by the 5th percentile of frames; both
are measured alike.
Time: first playable (inspected, one rung, sound, packaged, verified) and finished, as ratios to
one ffmpeg run that encodes the same rungs and the sound. Processor time is what tells on a busy
machine. Targets: first playable of 30 s of 1080p under 30 s idle; 4.0 x the processor time; 25 %
fewer bits than the fixed ladder.
Without FILE, the 4 s test clip is repeated to N seconds (30).
"""

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy.interpolate import PchipInterpolator

from vitascope.encoding import (
    AudioRef,
    BuildPackage,
    CheckQuality,
    Chunk,
    ChunkRef,
    ChunkScores,
    Effort,
    EncodeAudio,
    FindShots,
    Inspect,
    JoinChunks,
    LadderPlan,
    MakeSubtitles,
    MakeThumbnails,
    Picture,
    PlanCorrections,
    PlanLadder,
    PlannedRung,
    PlanQuick,
    PlanTrials,
    QcReport,
    RenditionRef,
    RunTrial,
    ShotPlan,
    Source,
    TextRef,
    ThumbnailSet,
    TrialResult,
    VerifyPackage,
)
from vitascope.encoding.efforts import EFFORTS, settings_at
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.picture.assemble import segment_kbps
from vitascope.encoding.picture.frames import display_of, fitted, read_args, shaped, stream_of
from vitascope.encoding.picture.packets import packets_of
from vitascope.encoding.picture.saving import FIXED
from vitascope.encoding.picture.vmaf import measure
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.ids import AssetId, KeyId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import ContentKey
from vitascope.publishing.picture_steps import worth_having
from vitascope.publishing.plans import EncodingPlan

CLIP = Path(__file__).parent.parent / "tests/media/bbb_1080p24_4s_aac51.mp4"
LEAST_LINES = 480  # of the fixed ladder's rungs that are encoded
FIRST_PLAYABLE_S = 30.0
KEYS = tuple(
    ContentKey(label=label, key_id=KeyId(f"{n}" * 32), key=bytes([n] * 16), iv=bytes([9] * 16))
    for n, label in enumerate(KeyLabel)
)

Curve = list[tuple[float, float]]  # kbit/s, VMAF


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A rung: `low` is the 5th percentile of its frames."""

    kbps: float
    vmaf: float
    low: float


class Lap:
    """Wall and processor seconds since it was made, of us and of all tools that ended."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu_s()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._wall, _cpu_s() - self._cpu


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def quick_version(encoder: LocalEncoding, source: Source) -> list[RenditionRef]:
    quick = await encoder.run(PlanQuick(source=source))
    whole = EncodingPlan(source=source, shots=quick.shots, rungs=quick.ladder.rungs)
    made = await joined(encoder, whole, *await made_of(encoder, whole, rough=True))
    sound = await encoder.run(EncodeAudio(sound=source.sound, qc=QcReport()))
    package = await encoder.run(package_of(source, made, sound))
    assert (await encoder.run(VerifyPackage(package=package, keys=KEYS))).passed
    return made


async def made_of(
    encoder: LocalEncoding, plan: EncodingPlan, *, rough: bool
) -> tuple[list[tuple[ChunkRef, ...]], list[tuple[ChunkScores, ...]]]:
    refs = await encoded(encoder, plan)
    return refs, await measured(encoder, plan, refs, rough=rough)


async def joined(
    encoder: LocalEncoding,
    plan: EncodingPlan,
    refs: Sequence[tuple[ChunkRef, ...]],
    scores: Sequence[tuple[ChunkScores, ...]] = (),
) -> list[RenditionRef]:
    return [
        await encoder.run(
            JoinChunks(
                source=plan.source,
                shots=plan.shots,
                rung=rung,
                chunks=tuple(some[n] for some in refs),
                scores=tuple(some[n] for some in scores),
            )
        )
        for n, rung in enumerate(plan.rungs)
    ]


def package_of(
    source: Source,
    made: Sequence[RenditionRef],
    sound: tuple[AudioRef, ...],
    text: tuple[TextRef, ...] = (),
    thumbnails: ThumbnailSet | None = None,
) -> BuildPackage:
    return BuildPackage(
        asset_id=AssetId("ast_1"),
        programme=source.programme,
        source=source,
        renditions=tuple(made),
        audio=sound,
        text=text,
        keys=KEYS,
        thumbnails=thumbnails,
    )


async def full_version(
    encoder: LocalEncoding, source: Source, first: Sequence[RenditionRef]
) -> tuple[list[RenditionRef], LadderPlan, dict[str, tuple[float, float]]]:
    laps: dict[str, tuple[float, float]] = {}

    def note(what: str, lap: Lap) -> None:
        wall, cpu = lap.read()
        before = laps.get(what, (0.0, 0.0))
        laps[what] = (before[0] + wall, before[1] + cpu)

    lap = Lap()
    qc = await encoder.run(CheckQuality(source=source))
    shots = await encoder.run(FindShots(source=source))
    note("inspect and find shots", lap)
    lap = Lap()
    results = await tried(encoder, source, shots, ())
    results += await tried(encoder, source, shots, results)
    asked = PlanLadder(source=source, shots=shots, results=results, made=tuple(first))
    plan = await encoder.run(asked)
    note("search", lap)
    whole = EncodingPlan(source=source, shots=shots, rungs=plan.rungs)
    lap = Lap()
    refs = await encoded(encoder, whole)
    note("encode", lap)
    lap = Lap()
    scores = await measured(encoder, whole, refs)
    note("measure", lap)
    lap = Lap()
    told = tuple(tuple(s[n].vmaf for s in scores) for n in range(len(plan.rungs)))
    again = await encoder.run(PlanCorrections(rungs=plan.rungs, shots=shots, scores=told))
    better = {one.rung.name: one.rung for one in again}
    rungs = tuple(better.get(rung.name, rung) for rung in plan.rungs)
    if again:
        for one in again:
            print(f"  {one.rung.name} missed its plan: {len(one.chunks)} chunks again")
        whole = msgspec.structs.replace(whole, rungs=rungs)
        refs = await encoded(encoder, whole)
        scores = await measured(encoder, whole, refs)
    note("correct", lap)
    lap = Lap()
    finished = await joined(encoder, whole, refs, scores)
    if plan.rungs[0].predicted:
        finished = worth_having(finished)
    note("join", lap)
    lap = Lap()
    sound = await encoder.run(EncodeAudio(sound=source.sound, qc=qc))
    pictures = await encoder.run(MakeThumbnails(source=source, rendition=finished[0]))
    text = await encoder.run(
        MakeSubtitles(programme=source.programme, text=source.text, source=source)
    )
    package = await encoder.run(package_of(source, finished, sound, text, pictures))
    note("sound and package", lap)
    lap = Lap()
    verified = await encoder.run(VerifyPackage(package=package, keys=KEYS))
    assert verified.passed, verified.failures
    note("verify", lap)
    return finished, plan, laps


async def tried(
    encoder: LocalEncoding, source: Source, shots: ShotPlan, known: tuple[TrialResult, ...]
) -> tuple[TrialResult, ...]:
    trials = await encoder.run(PlanTrials(source=source, shots=shots, known=known))
    asked = [RunTrial(source=source, picture=shots.picture, trial=trial) for trial in trials]
    return tuple(await asyncio.gather(*map(encoder.run, asked)))


async def encoded(encoder: LocalEncoding, plan: EncodingPlan) -> list[tuple[ChunkRef, ...]]:
    names = [rung.name for rung in plan.rungs]
    asked = [plan.encoding_of(chunk.index, *names) for chunk in plan.shots.chunks]
    return list(await asyncio.gather(*map(encoder.run, asked)))


async def measured(
    encoder: LocalEncoding,
    plan: EncodingPlan,
    refs: Sequence[tuple[ChunkRef, ...]],
    *,
    rough: bool = False,
) -> list[tuple[ChunkScores, ...]]:
    asked = [plan.measuring_of(n, some, rough=rough) for n, some in enumerate(refs)]
    return list(await asyncio.gather(*map(encoder.run, asked)))


async def plain_run(workspace: Workspace, source: Source, rungs: Sequence[PlannedRung]) -> None:
    """The reference: one ffmpeg run, the same rungs at one CRF each, and the sound."""
    async with workspace.folder() as folder:
        split = "".join(f"[s{n}]" for n in range(len(rungs)))
        graph = [f"[0:{source.video_index}]split={len(rungs)}{split}"]
        args: list[str] = []
        for n, rung in enumerate(rungs):
            graph.append(f"[s{n}]scale={rung.width}:{rung.height}[v{n}]")
            crf = sum(rung.crfs) / len(rung.crfs)
            args += ["-map", f"[v{n}]", "-c:v", "libx264", "-preset", workspace.settings.preset]
            args += ["-crf", f"{crf:.2f}", f"{{out}}/{n}.mp4"]
        sounds = ["-map", "0:a?", "-c:a", "aac", "{out}/sound.mp4"] if source.audio else []
        await workspace.run(
            media.Tool.FFMPEG,
            ["-i", "{in.master}", "-filter_complex", ";".join(graph), *args, *sounds],
            {"master": media.Input(path=await workspace.local(source.master_key, folder))},
            folder,
            frames=source.frames,
        )


async def fixed_ladder(workspace: Workspace, source: Source) -> list[Point]:
    picture = Picture(key=source.master_key, mezzanine=False)
    points: list[Point] = []
    async with workspace.folder() as folder:
        master = await workspace.local(source.master_key, folder)
        for lines, kbps in FIXED:
            if not LEAST_LINES <= lines <= source.height:
                continue
            file = folder / f"{lines}.mp4"
            reading, chain = read_args(source, picture, 0, source.frames)
            size = fitted(source, lines)
            graph = f"[{stream_of(source, picture)}]{chain},{shaped(source, size)}[v]"
            rate = [f"{kbps}k", "-maxrate", f"{1.5 * kbps}k", "-bufsize", f"{2 * kbps}k"]
            for turn in ("1", "2"):
                await workspace.run(
                    media.Tool.FFMPEG,
                    [
                        *reading,
                        *("-filter_complex", graph, "-map", "[v]", "-fps_mode", "passthrough"),
                        *("-c:v", "libx264", "-preset", workspace.settings.preset, "-b:v", *rate),
                        *("-g", str(round(4 * source.frames / (source.duration_ms / 1000)))),
                        *("-pass", turn, "-passlogfile", "{out}/log", "-y"),
                        f"{{out}}/{file.name}",
                    ],
                    {"picture": media.Input(path=master)},
                    folder,
                    frames=source.frames,
                )
            points.append(await point_of(workspace, source, picture, file))
    return points


async def point_of(workspace: Workspace, source: Source, picture: Picture, file: Path) -> Point:
    whole = Chunk(index=0, start=0, end=source.frames, keyframes=(0,))
    display = display_of(source, workspace.settings.heights)
    every = workspace.settings.vmaf_subsample
    scores = (await measure(workspace, source, picture, whole, [file], display, every))[0]
    packets = await packets_of(workspace, file)
    kbps = segment_kbps(packets, (0,), len(packets) / (source.duration_ms / 1000))[0]
    mean = sum(scores.display) / len(scores.display)
    return Point(kbps=kbps, vmaf=mean, low=float(np.percentile(scores.display, 5)))


def bd_rate(reference: Curve, ours: Curve) -> float:
    """Mean difference in bitrate at equal VMAF, in percent; below zero is better."""
    curves = [rising(reference), rising(ours)]
    if min(len(curve) for curve in curves) < 2:
        return float("nan")  # nothing to interpolate
    low = max(curve[0][1] for curve in curves)
    high = min(curve[-1][1] for curve in curves)
    if high <= low:
        return float("nan")
    at = np.linspace(low, high, 200)
    logs = [
        PchipInterpolator([v for _, v in curve], np.log([r for r, _ in curve]))(at)
        for curve in curves
    ]
    return float((np.exp(np.mean(logs[1] - logs[0])) - 1) * 100)


def rising(curve: Curve) -> Curve:
    """Only points that a dearer one does not waste: VMAF strictly rising with bitrate."""
    kept: Curve = []
    for point in sorted(curve):
        if not kept or point[1] > kept[-1][1] + 0.01:
            kept.append(point)
    return kept


async def main(file: Path, folder: Path, effort: Effort) -> None:
    # outside bubblewrap, which keeps the processor time of what it ran to itself
    tools = SandboxedMedia(sandbox="limits")
    blobs, settings = DiskBlobs(root=folder / "blobs"), settings_at(EncodingSettings(), effort)
    encoder = LocalEncoding(blobs=blobs, media=tools, folder=folder / "work", settings=settings)
    workspace = Workspace(blobs=blobs, tools=tools, folder=folder / "work", settings=settings)
    await blobs.put_file("masters/m/bytes", file)

    whole = Lap()
    inspection = await encoder.run(Inspect(master_key="masters/m/bytes"))
    source = inspection.source
    assert source is not None, inspection.findings
    film_s = source.duration_ms / 1000
    early = await quick_version(encoder, source)
    first, first_cpu = whole.read()
    finished, plan, laps = await full_version(encoder, source, early)
    wall, cpu = whole.read()
    lap = Lap()
    await plain_run(workspace, source, plan.rungs)
    plain, plain_cpu = lap.read()
    fixed = await fixed_ladder(workspace, source)

    print(f"{file.name}: {film_s:.0f} s, {source.width}x{source.height}, {source.frame_rate}")
    there = {one.rung.name: one for one in finished}
    for planned in plan.rungs:
        made = there.get(planned.name)
        if made is None:
            print(
                f"  {planned.name:8} was left out: another needs no more bits and is worth as much"
            )
            continue
        print(
            f"  {made.rung.name:8} {made.rung.bitrate_kbps:6} kbit/s  VMAF {made.rung.vmaf:5.1f}"
            f"   planned {planned.bitrate_kbps:6.0f}, {planned.vmaf or 0:5.1f}"
            f"   5% {made.quality.low if made.quality else 0:5.1f}"
        )
    for point in fixed:
        print(f"  fixed    {point.kbps:6.0f} kbit/s  VMAF {point.vmaf:5.1f}, 5% {point.low:5.1f}")
    ours = [
        (float(made.rung.bitrate_kbps), made.quality)
        for made in finished
        if made.quality is not None
    ]
    mean = bd_rate([(p.kbps, p.vmaf) for p in fixed], [(kbps, q.vmaf) for kbps, q in ours])
    low = bd_rate([(p.kbps, p.low) for p in fixed], [(kbps, q.low) for kbps, q in ours])
    print(f"BD-rate against the fixed ladder     {mean:+6.1f} %   target -25")
    print(f"  by the 5th percentile of frames    {low:+6.1f} %   target below 0")
    for what, (each, each_cpu) in laps.items():
        print(
            f"  {what:24} {each:7.1f} s  {each_cpu / film_s:6.2f} CPU-s per second of film"
            f"  {each_cpu / plain_cpu:5.2f} x"
        )
    print(f"one plain ffmpeg run                 {plain:6.1f} s   {plain_cpu:6.1f} CPU-s")
    print(
        f"first playable                       {first:6.1f} s   {first_cpu:6.1f} CPU-s"
        f"   {first / plain:4.1f} x plain, {first_cpu / plain_cpu:4.1f} x its CPU"
        f"   target {FIRST_PLAYABLE_S:.0f} s idle"
    )
    print(
        f"finished                             {wall:6.1f} s   {cpu:6.1f} CPU-s"
        f"   {wall / plain:4.1f} x plain, {cpu / plain_cpu:4.1f} x its CPU"
    )


async def repeated(clip: Path, seconds: float, folder: Path) -> Path:
    made = await SandboxedMedia().run(
        media.Tool.FFMPEG,
        [
            *("-stream_loop", str(int(seconds // 4)), "-i", "{in.clip}", "-t", f"{seconds:g}"),
            *("-c", "copy", "{out}/repeated.mp4"),
        ],
        inputs={"clip": media.Input(path=clip)},
        output=folder,
    )
    print(made.command.rpartition(" -- ")[2])
    return folder / "repeated.mp4"


async def run() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", nargs="?", type=Path)
    asked.add_argument("--seconds", type=float, default=30.0)
    asked.add_argument("--effort", choices=sorted(EFFORTS), default="balanced")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitascope-workspace-") as name:
        folder = Path(name)
        film = given.file or await repeated(CLIP, given.seconds, folder)
        await main(film, folder, given.effort)


if __name__ == "__main__":
    asyncio.run(run())
