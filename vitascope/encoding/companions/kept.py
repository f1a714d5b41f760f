"""What goes with the picture: sound, subtitles and seek previews, each kept under its name."""

from pathlib import Path

import msgspec

from vitascope.encoding.companions.audio import AudioPlan, encode_audio, plan_audio
from vitascope.encoding.companions.subtitles import (
    TextPlan,
    extracted,
    make_subtitles,
    plan_subtitles,
)
from vitascope.encoding.companions.thumbnails import make_thumbnails
from vitascope.encoding.contract.companions import (
    AudioRef,
    EncodeAudio,
    MakeSubtitles,
    MakeThumbnails,
    TextRef,
    ThumbnailSet,
)
from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.request import EncodingFailed, Progress
from vitascope.encoding.workbench import Workbench, sha256_of
from vitascope.engines import media


class _AudioRead(msgspec.Struct, frozen=True, kw_only=True):
    plan: AudioPlan
    format: str
    video_start_s: float
    frames: int
    frame_rate: str
    normalise: bool
    tool: str


class _TextRead(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came beside the master is kept under the hash of its content."""

    plan: TextPlan
    format: str
    video_start_s: float
    duration_ms: int
    tool: str


class _ThumbnailsRead(msgspec.Struct, frozen=True, kw_only=True):
    rendition: str
    duration_ms: int
    tool: str


async def encode_audio_tracks(
    bench: Workbench, request: EncodeAudio, progress: Progress | None = None
) -> tuple[AudioRef, ...]:
    source, normalise = request.source, bool(request.qc.loudness)
    plans = plan_audio(source)

    def share(number: int) -> Progress | None:
        if progress is None:
            return None
        told = progress
        return lambda part: told((number + part) / len(plans))

    return tuple(
        [
            await _track(bench, source, plan, normalise, share(number))
            for number, plan in enumerate(plans)
        ]
    )


async def _track(
    bench: Workbench, source: Source, plan: AudioPlan, normalise: bool, progress: Progress | None
) -> AudioRef:
    read = _AudioRead(
        plan=plan,
        format=source.format,
        video_start_s=source.video_start_s,
        frames=source.frames,
        frame_rate=source.frame_rate,
        normalise=normalise,
        tool=await bench.version(media.Tool.FFMPEG),
    )
    name = await bench.name(source.sha256, "audio", read)

    async def make() -> AudioRef:
        async with bench.folder() as folder:
            master = await bench.local(source.master_key, folder)
            made = await encode_audio(
                bench.tools,
                master,
                source,
                plan,
                folder,
                normalise=normalise,
                progress=progress,
            )
            return AudioRef(
                key=f"{name}.mp4",
                sha256=await sha256_of(made.path),
                track=made.track,
                duration_ms=made.duration_ms,
                size=await bench.keep(f"{name}.mp4", made.path),
            )

    return await bench.once(name, AudioRef, make)


async def make_text_tracks(
    bench: Workbench, request: MakeSubtitles, progress: Progress | None = None
) -> tuple[TextRef, ...]:
    return tuple([await _text(bench, request, plan) for plan in plan_subtitles(request.text)])


async def _text(bench: Workbench, request: MakeSubtitles, plan: TextPlan) -> TextRef:
    programme, source = request.programme, request.source
    read = _TextRead(
        plan=plan,
        format=source.format if source else "",
        video_start_s=source.video_start_s if source else 0.0,
        duration_ms=programme.duration_ms,
        tool=await bench.version(media.Tool.FFMPEG),
    )
    name = await bench.name(programme.id, "text", read)

    async def make() -> TextRef:
        async with bench.folder() as folder:
            raw, shift_ms = await _raw_text(bench, source, plan, folder)
            made = await make_subtitles(raw, plan, programme.duration_ms, folder, shift_ms)
            digest = await sha256_of(made.path)
            await bench.keep(f"{name}.vtt", made.path)
            return TextRef(
                key=f"{name}.vtt",
                sha256=digest,
                track=made.track,
                cues=made.cues,
                findings=made.findings,
            )

    return await bench.once(name, TextRef, make)


async def _raw_text(
    bench: Workbench, source: Source | None, plan: TextPlan, folder: Path
) -> tuple[bytes, int]:
    """A subtitle file, and by how much its times are late: those of a file that came beside the
    master count from the first picture."""
    if plan.text.key:
        return await bench.blobs.get(plan.text.key), 0
    if source is None:
        raise EncodingFailed(f"{plan.track.name} is in the master, which is not at hand.")
    master = await bench.local(source.master_key, folder)
    raw = await extracted(bench.tools, master, source, plan, folder)
    return raw, round(source.video_start_s * 1000)


async def make_sprites(
    bench: Workbench, request: MakeThumbnails, progress: Progress | None = None
) -> ThumbnailSet:
    source, rendition = request.source, request.rendition
    read = _ThumbnailsRead(
        rendition=rendition.sha256,
        duration_ms=source.duration_ms,
        tool=await bench.version(media.Tool.FFMPEG),
    )
    name = await bench.name(source.sha256, "thumbnails", read)

    async def make() -> ThumbnailSet:
        async with bench.folder() as folder:
            clear = await bench.local(rendition.key, folder)
            made = await make_thumbnails(bench.tools, clear, source.duration_ms, folder)
            keys = tuple(f"{name}/{sheet.name}" for sheet in made.sheets)
            for key, sheet in zip(keys, made.sheets, strict=True):
                await bench.keep(key, sheet)
            return ThumbnailSet(
                keys=keys,
                width=made.sprites.width,
                height=made.sprites.height,
                columns=made.sprites.columns,
                rows=made.sprites.rows,
                interval_ms=made.sprites.interval_ms,
                count=made.sprites.count,
            )

    return await bench.once(name, ThumbnailSet, make)
