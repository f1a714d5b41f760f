"""Quality control: one decode of the whole master, watched by every measuring filter at once.

Integrity (`-xerror`, and the pictures counted: exit codes lie), black, freeze, silence with time
codes, loudness by EBU R128. The picture is scaled down first: what is black or frozen is so at
320 pixels too, and the cost that remains is decoding.
"""

from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import (
    AudioSource,
    CheckQuality,
    Finding,
    Loudness,
    QcReport,
    Source,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.master import measured
from vitascope.encoding.master.findings import note, refuse, warn
from vitascope.encoding.master.measured import Span, Spans
from vitascope.encoding.picture.frames import FramesRead, frames_read
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media

_PICTURE = "scale=320:-2:flags=fast_bilinear,blackdetect=d=0.5:pix_th=0.10,freezedetect=n=-60dB:d=2"
SOUND_WATCHED = (
    "silencedetect@s{n}=n=-60dB:d=2,ebur128@l{n}=peak=true:framelog=quiet,asetpts=N/SR/TB"
)
_EDGE_MS = 1500  # black or silence that touches an end is how films begin and end
_MOST = 100  # findings of one kind
_QUIET_LUFS, _LOUD_LUFS, _PEAK_DBTP = -31.0, -14.0, -0.1
_MUTE_LUFS = -69.0

CHECKED_BY = 1  # raise it when other findings come of the same master


class _QualityRead(msgspec.Struct, frozen=True, kw_only=True):
    checked_by: int
    frames: FramesRead
    audio: tuple[AudioSource, ...]
    tool: str


async def check_quality(
    workspace: Workspace, request: CheckQuality, progress: OnProgress | None = None
) -> QcReport:
    source = request.source
    read = _QualityRead(
        checked_by=CHECKED_BY,
        frames=frames_read(source),
        audio=source.audio,
        tool=await workspace.version(media.Tool.FFMPEG),
    )

    async def make() -> QcReport:
        async with workspace.folder() as folder:
            path = await workspace.local(source.master_key, folder)
            return await quality(workspace.tools, path, source, progress=progress)

    return await workspace.once(
        await workspace.name(source.sha256, "quality", read), QcReport, make
    )


async def quality(
    tools: media.Media, path: Path, source: Source, *, progress: OnProgress | None = None
) -> QcReport:
    """Returns what a viewer would complain about. A damaged master has a finding of severity
    refusal."""
    last = media.ToolProgress()

    def heard(told: media.ToolProgress) -> None:
        nonlocal last
        last = told
        if progress is not None:
            progress(min(1.0, told.frame / source.frames))

    try:
        result = await tools.run(
            media.Tool.FFMPEG,
            _arguments(source),
            inputs={"master": media.Input(path=path)},
            limits=media.Limits(wall_s=900 + 4 * source.duration_ms / 1000, cpu_s=86_400),
            on_progress=heard,
            background=True,
        )
    except media.ToolFailed as failure:
        return QcReport(findings=(_damaged(last.position_ms, failure.extra["last_lines"]),))
    if lost := _lost(source, last):
        return QcReport(findings=(lost,))
    return report(source, measured.read(result.stderr, len(source.audio)))


def _arguments(source: Source) -> list[str]:
    sounds = list(enumerate(source.audio))
    rate = rate_of(source.frame_rate)
    # Numbered anew at the end: equal times, which a film may have, would stop the run as an error.
    numbered = f"settb={rate.denominator}/{rate.numerator},setpts=N"
    graph = [f"[0:{source.video_index}]{_PICTURE},{numbered}[v]"]
    graph += [f"[0:{sound.index}]{SOUND_WATCHED.format(n=n)}[a{n}]" for n, sound in sounds]
    args = ["-v", "info", "-xerror", "-f", source.format, "-i", "{in.master}"]
    args += ["-filter_complex", ";".join(graph)]
    args += ["-map", "[v]", "-fps_mode", "passthrough", "-f", "null", "-"]
    for n, _ in sounds:
        args += ["-map", f"[a{n}]", "-f", "null", "-"]
    return args


def _damaged(position_ms: int, last_lines: list[str]) -> Finding:
    said = next((line for line in last_lines if "rror" in line or "nvalid" in line), "")
    reason = f" ({said.split('] ')[-1].strip()})" if said else ""
    return refuse(
        "damaged",
        f"The film is damaged after about {position_ms / 1000:.1f} s and can't be decoded to its "
        f"end. Export or copy it again.{reason}",
    )


def _lost(source: Source, last: media.ToolProgress) -> Finding | None:
    """Decoded without complaint and still short: some decoders skip what they cannot read."""
    if source.vfr or source.interlaced or last.frame >= source.frames * 0.98 - 2:
        return None
    return refuse(
        "damaged",
        f"Only {last.frame} of {source.frames} frames can be decoded. Export the film again.",
    )


def report(source: Source, found: measured.Measured) -> QcReport:
    """Returns what of the measurements is worth telling. Pure."""
    end = source.duration_ms
    black = _closed(found.black, end)
    frozen = [span for span in _closed(found.frozen, end) if not _covered(span, black)]
    findings = [_black(span, end) for span in black]
    findings += [_frozen(span) for span in frozen]
    loudness: list[Loudness] = []
    for sound, heard in zip(source.audio, found.sound, strict=True):
        findings += of_sound(sound, heard, end)
        loudness.append(measured.loudness_of(sound.index, heard))
    return QcReport(findings=tuple(_few(findings)), loudness=tuple(loudness))


def of_sound(sound: AudioSource, heard: measured.Heard, end: int) -> list[Finding]:
    who = f"The audio in '{sound.language}' (stream {sound.index})"
    silent = [] if is_mute(heard) else _closed(heard.silent, end)
    return [*(_silent(who, span, end) for span in silent), *_level(who, heard)]


def is_mute(heard: measured.Heard) -> bool:
    return heard.integrated_lufs <= _MUTE_LUFS


def _black(span: Span, end: int) -> Finding:
    begin, until = span
    if begin <= _EDGE_MS or until >= end - _EDGE_MS:
        where = "begins" if begin <= _EDGE_MS else "ends"
        sentence = f"The film {where} with {_seconds(span)} of black."
        return _spanned(note("black", sentence), span)
    sentence = f"The picture is black for {_seconds(span)}. Check that this is intended."
    return warn("black", sentence, from_ms=begin, until_ms=until)


def _frozen(span: Span) -> Finding:
    sentence = f"The picture does not change for {_seconds(span)}. Check that this is intended."
    return warn("freeze", sentence, from_ms=span[0], until_ms=span[1])


def _silent(who: str, span: Span, end: int) -> Finding:
    sentence = f"{who} is silent for {_seconds(span)}."
    if span[0] <= _EDGE_MS or span[1] >= end - _EDGE_MS:
        return _spanned(note("silence", sentence), span)
    sentence += " Check that this is intended."
    return warn("silence", sentence, from_ms=span[0], until_ms=span[1])


def _level(who: str, heard: measured.Heard) -> list[Finding]:
    level, peak = heard.integrated_lufs, heard.true_peak_dbtp
    if is_mute(heard):
        return [warn("mute", f"{who} is silent from beginning to end. Check the export.")]
    found = [
        note("loudness", f"{who} has a loudness of {level:.1f} LUFS.", value=level, unit="LUFS")
    ]
    if not _QUIET_LUFS <= level <= _LOUD_LUFS:
        how = "quiet" if level < _QUIET_LUFS else "loud"
        sentence = f"{who} is very {how}. Its loudness is adjusted to the usual level."
        found.append(warn("loudness-unusual", sentence, value=level, unit="LUFS"))
    if peak > _PEAK_DBTP:
        sentence = f"{who} peaks at {peak:.1f} dBTP. Listen whether it is clipped."
        found.append(warn("true-peak", sentence, value=peak, unit="dBTP"))
    return found


def _spanned(finding: Finding, span: Span) -> Finding:
    return Finding(
        code=finding.code,
        severity=finding.severity,
        sentence=finding.sentence,
        from_ms=span[0],
        until_ms=span[1],
    )


def _closed(spans: Spans, end: int) -> list[Span]:
    """What had not ended lasts to the film's end; nothing lasts longer."""
    return [(begin, min(end, end if until is None else until)) for begin, until in spans]


def _covered(span: Span, others: list[Span]) -> bool:
    begin, until = span
    return any(low - 250 <= begin and until <= high + 250 for low, high in others)


def _few(findings: list[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for code in dict.fromkeys(found.code for found in findings):
        same = [found for found in findings if found.code == code]
        kept += same[:_MOST]
        if len(same) > _MOST:
            kept.append(note(f"{code}-more", f"{len(same) - _MOST} more findings of '{code}'."))
    return kept


def _seconds(span: Span) -> str:
    return f"{(span[1] - span[0]) / 1000:.1f} s"
