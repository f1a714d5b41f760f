"""Is this sound for a film that is published, and whole? A file by itself, beside no picture.

The order is `inspect.py`'s: the first bytes, the headers, a full decode. What the file tells of
language and role does not count: who sends it says so.
"""

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from vitascope.encoding.contract.master import (
    AudioSource,
    Finding,
    InspectSound,
    QcReport,
    Severity,
    SoundInspection,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.master import measured, probe, qc, refusals
from vitascope.encoding.master.findings import warn
from vitascope.encoding.master.inspect import demuxer_of, first_bytes
from vitascope.encoding.master.steady import steady
from vitascope.encoding.master.tracks import sounds_of
from vitascope.encoding.workspace import Workspace, sha256_of
from vitascope.engines import media

_DECODED_MS = 1  # less is no sound


async def inspect_sound(
    workspace: Workspace, request: InspectSound, progress: OnProgress | None = None
) -> SoundInspection:
    async with workspace.folder() as folder:
        path = await workspace.local(request.key, folder)
        found = await _look(workspace, path, request, progress)
        return msgspec.structs.replace(found, sha256=await sha256_of(path))


async def _look(
    workspace: Workspace, path: Path, request: InspectSound, progress: OnProgress | None
) -> SoundInspection:
    size, head = await asyncio.to_thread(first_bytes, path)
    if early := refusals.of_bytes(size, head):
        return SoundInspection(findings=(early,))
    try:
        told = await probe.describe(workspace.tools, path)
    except media.ToolFailed as failure:
        return SoundInspection(findings=(refusals.of_opening_sound(failure),))
    stream, findings = _stream_of(told, request)
    if stream is None:
        return SoundInspection(findings=tuple(findings), file=told)
    format = demuxer_of(told.get("format", {}))
    heard = await _listen(workspace, path, format, stream, request, progress)
    fit = all(found.severity is not Severity.REFUSAL for found in heard.findings)
    return SoundInspection(
        findings=(*findings, *heard.findings),
        stream=stream if fit else None,
        format=format,
        qc=heard,
        file=told,
    )


def _stream_of(
    told: dict[str, Any], request: InspectSound
) -> tuple[AudioSource | None, list[Finding]]:
    streams = told.get("streams", [])
    if not any(stream.get("codec_type") == "audio" for stream in streams):
        return None, [refusals.no_sound()]
    sounds, _ = sounds_of(streams)
    if not sounds:
        return None, [refusals.unsupported_sound()]
    chosen = next((sound for sound in sounds if sound.default), sounds[0])
    findings: list[Finding] = []
    if len(sounds) > 1:
        sentence = f"The file has {len(sounds)} audio tracks. Stream {chosen.index} is used."
        findings.append(warn("several-sounds", sentence))
    named = msgspec.structs.replace(
        chosen,
        language=request.language,
        descriptive=request.descriptive,
        commentary=False,
        origin="unknown",
        label="",
    )
    return named, findings


async def _listen(
    workspace: Workspace,
    path: Path,
    format: str,
    stream: AudioSource,
    request: InspectSound,
    progress: OnProgress | None,
) -> QcReport:
    """Decode all of it. Returns what was measured, or why it is refused."""
    end, last = request.duration_ms, media.ToolProgress()

    def heard(seen: media.ToolProgress) -> None:
        nonlocal last
        last = seen
        if progress is not None:
            progress(min(1.0, seen.position_ms / max(1, end)))

    graph = f"[dec:0]{qc.SOUND_WATCHED.format(n=0)}[a]"
    args = ["-v", "info", "-xerror", "-vn", "-sn", "-f", format, "-i", "{in.sound}"]
    try:
        result = await workspace.tools.run(
            media.Tool.FFMPEG,
            [*args, *steady((stream,)), "-filter_complex", graph, "-map", "[a]", "-f", "null", "-"],
            inputs={"sound": media.Input(path=path)},
            limits=media.Limits(wall_s=900 + end / 1000, cpu_s=36_000),
            on_progress=heard,
            background=True,
        )
    except media.ToolFailed:
        return QcReport(findings=(refusals.damaged_sound(last.position_ms),))
    measures = measured.read(result.stderr, 1).sound[0]
    fault = _fault(measures, last.position_ms, end, workspace.settings.sound_length_s)
    return QcReport(
        findings=(fault,) if fault else tuple(qc.of_sound(stream, measures, end)),
        loudness=(measured.loudness_of(stream.index, measures),),
    )


def _fault(
    heard: measured.Heard, sound_ms: int, picture_ms: int, allowed_s: float
) -> Finding | None:
    if sound_ms < _DECODED_MS:
        return refusals.no_sound()
    if abs(sound_ms - picture_ms) > allowed_s * 1000:
        return refusals.other_length(sound_ms, picture_ms, allowed_s)
    return refusals.mute() if qc.is_mute(heard) else None
