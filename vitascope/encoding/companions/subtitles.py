"""Subtitles as WebVTT: embedded text tracks, and files that came beside the master."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.companions import cues
from vitascope.encoding.contract.master import Finding, Source, TextSource
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.master.findings import warn
from vitascope.engines import media
from vitascope.kernel.media import TextTrack

_LIMITS = media.Limits(wall_s=3600, file_mib=64)


class TextPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One track to make: from where, under which name."""

    track: TextTrack
    text: TextSource


class TextMade(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is WebVTT inside the programme's length; without cues it is not worth packaging."""

    path: Path
    track: TextTrack
    cues: int
    findings: tuple[Finding, ...] = ()


def plan_subtitles(sources: Sequence[TextSource]) -> tuple[TextPlan, ...]:
    """Returns every text track, each with a name of its own: `t-en`, `t-en-cc`, `t-en-x2`."""
    plans: list[TextPlan] = []
    taken: dict[str, int] = {}
    for text in sources:
        stem = f"t-{text.language.lower()}"
        stem += "-forced" if text.forced else ""
        stem += "-cc" if text.closed_captions else ""
        taken[stem] = taken.get(stem, 0) + 1
        name = stem if taken[stem] == 1 else f"{stem}-x{taken[stem]}"
        track = TextTrack(
            name=name,
            language=text.language,
            forced=text.forced,
            closed_captions=text.closed_captions,
        )
        plans.append(TextPlan(track=track, text=text))
    return tuple(plans)


async def make_subtitles(
    raw: bytes, plan: TextPlan, duration_ms: int, folder: Path, shift_ms: int = 0
) -> TextMade:
    """Write `folder/NAME.vtt` from a subtitle file whose times are `shift_ms` late. What cannot be
    read gives no cues and a finding, never an error: a film is worth publishing without one of its
    subtitles."""
    made, findings = written(raw, plan, duration_ms, shift_ms)
    target = folder / f"{plan.track.name}.vtt"
    await asyncio.to_thread(target.write_text, cues.webvtt(made), encoding="utf-8", newline="\n")
    return TextMade(path=target, track=plan.track, cues=len(made), findings=tuple(findings))


def written(
    raw: bytes, plan: TextPlan, duration_ms: int, shift_ms: int
) -> tuple[list[cues.Cue], list[Finding]]:
    """Returns the cues that will be shown, from a subtitle file's bytes, and findings."""
    language = plan.track.language
    try:
        read, findings = cues.read_cues(raw, language)
    except cues.Unreadable as error:
        sentence = f"The subtitles in '{language}' can't be read: {error}. Send SRT or WebVTT."
        return [], [warn("subtitles-unreadable", sentence)]
    fitted, judged = cues.fit(read, duration_ms, language, shift_ms)
    if not fitted:
        sentence = f"The subtitles in '{language}' have no text during the film and are left out."
        judged.append(warn("subtitles-empty", sentence))
    return fitted, [*findings, *judged]


async def extracted(
    tools: media.Media, path: Path, source: Source, plan: TextPlan, folder: Path
) -> bytes:
    """Returns a text track of the master, as SRT. Raises `EncodingFailed`."""
    name = f"{plan.track.name}.srt"
    args = ["-v", "error", "-f", source.format, "-i", "{in.master}"]
    args += ["-map", f"0:{plan.text.index}", "-c:s", "srt", "-f", "srt", f"{{out}}/{name}"]
    try:
        await tools.run(
            media.Tool.FFMPEG,
            args,
            inputs={"master": media.Input(path=path)},
            output=folder,
            limits=_LIMITS,
        )
    except media.ToolFailed as failure:
        raise EncodingFailed(failure.detail, **failure.extra) from failure
    return await asyncio.to_thread((folder / name).read_bytes)
