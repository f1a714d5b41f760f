"""What goes with the picture: sound, subtitles and seek previews, each kept under its name."""

from pathlib import Path

import msgspec

from vitascope.encoding.companions.audio import MADE_BY, AudioPlan, encode_audio, plan_audio
from vitascope.encoding.companions.subtitles import (
    READ_BY,
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
from vitascope.encoding.contract.master import SoundSource, Source
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.workspace import Workspace, sha256_of
from vitascope.engines import media


class _AudioRead(msgspec.Struct, frozen=True, kw_only=True):
    plan: AudioPlan
    format: str
    video_start_s: float
    frames: int
    frame_rate: str
    normalise: bool
    made_by: int
    tool: str


class _TextRead(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came beside the master is kept under the hash of its content."""

    plan: TextPlan
    format: str
    video_start_s: float
    duration_ms: int
    read_by: int
    tool: str


class _ThumbnailsRead(msgspec.Struct, frozen=True, kw_only=True):
    rendition: str
    duration_ms: int
    tool: str


async def encode_audio_tracks(
    workspace: Workspace, request: EncodeAudio, progress: OnProgress | None = None
) -> tuple[AudioRef, ...]:
    sound, normalise = request.sound, bool(request.qc.loudness)
    plans = plan_audio(sound)

    def share(number: int) -> OnProgress | None:
        if progress is None:
            return None
        told = progress
        return lambda part: told((number + part) / len(plans))

    return tuple(
        [
            await _track(workspace, sound, plan, normalise, share(number))
            for number, plan in enumerate(plans)
        ]
    )


async def _track(
    workspace: Workspace,
    sound: SoundSource,
    plan: AudioPlan,
    normalise: bool,
    progress: OnProgress | None,
) -> AudioRef:
    read = _AudioRead(
        plan=plan,
        format=sound.format,
        video_start_s=sound.starts_s,
        frames=sound.programme.frames,
        frame_rate=sound.programme.frame_rate,
        normalise=normalise,
        made_by=MADE_BY,
        tool=await workspace.version(media.Tool.FFMPEG),
    )
    name = await workspace.name(sound.sha256, "audio", read)

    async def make() -> AudioRef:
        async with workspace.folder() as folder:
            file = await workspace.local(sound.key, folder)
            made = await encode_audio(
                workspace.tools,
                file,
                sound,
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
                size=await workspace.keep(f"{name}.mp4", made.path),
            )

    return await workspace.once(name, AudioRef, make)


async def make_text_tracks(
    workspace: Workspace, request: MakeSubtitles, progress: OnProgress | None = None
) -> tuple[TextRef, ...]:
    return tuple([await _text(workspace, request, plan) for plan in plan_subtitles(request.text)])


async def _text(workspace: Workspace, request: MakeSubtitles, plan: TextPlan) -> TextRef:
    programme, source = request.programme, request.source
    read = _TextRead(
        plan=plan,
        format=source.format if source else "",
        video_start_s=source.video_start_s if source else 0.0,
        duration_ms=programme.duration_ms,
        read_by=READ_BY,
        tool=await workspace.version(media.Tool.FFMPEG),
    )
    name = await workspace.name(programme.id, "text", read)

    async def make() -> TextRef:
        async with workspace.folder() as folder:
            raw, shift_ms = await _raw_text(workspace, source, plan, folder)
            made = await make_subtitles(raw, plan, programme.duration_ms, folder, shift_ms)
            digest = await sha256_of(made.path)
            await workspace.keep(f"{name}.vtt", made.path)
            return TextRef(
                key=f"{name}.vtt",
                sha256=digest,
                track=made.track,
                cues=made.cues,
                findings=made.findings,
            )

    return await workspace.once(name, TextRef, make)


async def _raw_text(
    workspace: Workspace, source: Source | None, plan: TextPlan, folder: Path
) -> tuple[bytes | None, int]:
    """Returns a subtitle file, None where the master's track cannot be taken out, and by how much
    its times are late: those of a file that came beside the master count from the first picture."""
    if plan.text.key:
        return await workspace.blobs.get(plan.text.key), -plan.text.moved_ms
    if source is None:
        raise EncodingFailed(f"{plan.track.name} is in the master, which is not available.")
    master = await workspace.local(source.master_key, folder)
    raw = await extracted(workspace.tools, master, source, plan, folder)
    return raw, round(source.video_start_s * 1000)


async def make_sprites(
    workspace: Workspace, request: MakeThumbnails, progress: OnProgress | None = None
) -> ThumbnailSet:
    source, rendition = request.source, request.rendition
    read = _ThumbnailsRead(
        rendition=rendition.sha256,
        duration_ms=source.duration_ms,
        tool=await workspace.version(media.Tool.FFMPEG),
    )
    name = await workspace.name(source.sha256, "thumbnails", read)

    async def make() -> ThumbnailSet:
        async with workspace.folder() as folder:
            clear = await workspace.local(rendition.key, folder)
            made = await make_thumbnails(workspace.tools, clear, source.duration_ms, folder)
            keys = tuple(f"{name}/{sheet.name}" for sheet in made.sheets)
            for key, sheet in zip(keys, made.sheets, strict=True):
                await workspace.keep(key, sheet)
            return ThumbnailSet(
                keys=keys,
                width=made.sprites.width,
                height=made.sprites.height,
                columns=made.sprites.columns,
                rows=made.sprites.rows,
                interval_ms=made.sprites.interval_ms,
                count=made.sprites.count,
            )

    return await workspace.once(name, ThumbnailSet, make)
