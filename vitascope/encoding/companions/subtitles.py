"""Subtitles as WebVTT: embedded text tracks, and files that came beside the master."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.companions import cues
from vitascope.encoding.companions.captions import IN_PICTURE, captions_in_picture
from vitascope.encoding.companions.reading import Asked, Reading, read_apart, unreadable
from vitascope.encoding.contract.master import Finding, Source, TextSource
from vitascope.engines import media
from vitascope.kernel.media import TextTrack

_LIMITS = media.Limits(wall_s=3600, file_mib=64)
# Text that lies in a master as it would in a file is copied, so that nothing is lost on the way:
# a decoder drops every cue that is not UTF-8.
_COPIED = {"subrip": "srt", "text": "srt", "ass": "ass", "ssa": "ass", "webvtt": "webvtt"}

# Captions stand at places of the picture, which SRT can't say.
_PLACED = {"eia_608": "ass"}

READ_BY = 3  # raise it when other cues come of the same file


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
    raw: bytes | None, plan: TextPlan, duration_ms: int, folder: Path, shift_ms: int = 0
) -> TextMade:
    """Write `folder/NAME.vtt` from a subtitle file whose times are `shift_ms` late. What cannot be
    read (None for a track that the master's reader refused) gives no cues and a finding."""
    language = plan.track.language
    if raw is None:
        made = unreadable(language, "the track in the master is damaged")
    else:
        asked = Asked(raw=raw, language=language, duration_ms=duration_ms, shift_ms=shift_ms)
        made = await read_apart(asked)
    target = folder / f"{plan.track.name}.vtt"
    text = cues.webvtt(made.cues)
    await asyncio.to_thread(target.write_text, text, encoding="utf-8", newline="\n")
    return TextMade(
        path=target, track=plan.track, cues=len(made.cues), findings=_named(plan.track, made)
    )


def _named(track: TextTrack, made: Reading) -> tuple[Finding, ...]:
    """Sentences name the language; where a film has several tracks in it, the kind as well."""
    kind = "forced" if track.forced else "captions" if track.closed_captions else ""
    if not kind:
        return made.findings
    told, named = f"'{track.language}'", f"'{track.language}' ({kind})"
    return tuple(
        msgspec.structs.replace(found, sentence=found.sentence.replace(told, named, 1))
        for found in made.findings
    )


async def extracted(
    tools: media.Media, path: Path, source: Source, plan: TextPlan, folder: Path
) -> bytes | None:
    """Returns a text track of the master as a file; None for one that cannot be taken out."""
    kind = _COPIED.get(plan.text.codec, "")
    written = _PLACED.get(plan.text.codec, "srt")
    how = ["-c:s", "copy", "-f", kind] if kind else ["-c:s", written, "-f", written]
    # What is decoded is not checked for UTF-8 either: a cue in another charset would be dropped.
    args = ["-v", "error", *(() if kind else ("-sub_charenc_mode", "ignore"))]
    args += ["-f", source.format, "-i", "{in.master}", "-map", f"0:{plan.text.index}", *how]
    name = f"{plan.track.name}.raw"
    try:
        if plan.text.codec == IN_PICTURE and plan.text.index is not None:
            return await captions_in_picture(tools, path, source, plan.text.index, folder)
        await tools.run(
            media.Tool.FFMPEG,
            [*args, f"{{out}}/{name}"],
            inputs={"master": media.Input(path=path)},
            output=folder,
            limits=_LIMITS,
        )
        return await asyncio.to_thread((folder / name).read_bytes)
    except (media.ToolFailed, media.ToolTimeout, FileNotFoundError):
        return None
