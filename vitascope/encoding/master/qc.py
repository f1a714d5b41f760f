"""Quality control: one decode of the whole master, watched by every measuring filter at once.

Integrity (complaints and pictures counted: exit codes lie), black, freeze, silence with time
codes, loudness by EBU R128. The picture is scaled down first: what is black or frozen is so at
320 pixels too, and the cost that remains is decoding. `watched.py` says what else is looked at.
"""

import asyncio
import re
import shutil
import tempfile
from pathlib import Path

import msgspec

from vitascope.encoding.companions.pairs import with_pairs
from vitascope.encoding.contract.master import (
    AudioSource,
    CheckQuality,
    Finding,
    Loudness,
    QcReport,
    Severity,
    Source,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.master import channels, measured, watched
from vitascope.encoding.master.damage import damage_of, findings_of, ticks
from vitascope.encoding.master.findings import note, refuse, warn
from vitascope.encoding.master.languages import audio_in
from vitascope.encoding.master.measured import Span, Spans
from vitascope.encoding.master.steady import steady
from vitascope.encoding.picture.changes import CLEAR, WATCHED, read_changes
from vitascope.encoding.picture.colours import readable
from vitascope.encoding.picture.frames import FramesRead, as_one, beside, frames_read
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media

_STDOUT_MIB = 512  # some 90 bytes for each picture
_SMALL = "scale=320:{}:flags=fast_bilinear"  # one size, whatever sizes come
_PICTURE = "blackdetect=d=0.5:pix_th=0.10,freezedetect=n=-60dB:d=2"
SOUND_WATCHED = (
    "silencedetect@s{n}=n=-60dB:d=2,ebur128@l{n}=peak=true:framelog=quiet,asetpts=N/SR/TB"
)
# ffmpeg's words for a picture of another size than the one before
_OTHER_SIZE = re.compile(
    r"filter context - (w: \d+ h: \d+) .*"
    r"incoming frame - (?!\1 )w: (\d+) h: (\d+) .*pts_time: (-?[\d.]+)"
)
_EDGE_MS = 1500  # black or silence that touches an end is how films begin and end
_MOST = 100  # findings of one kind
_QUIET_LUFS, _LOUD_LUFS, _PEAK_DBTP = -31.0, -14.0, -0.1
_UNMEASURED_LUFS = -69.0
_METER_ENDS_LUFS = 9.9
_MUTE_DBTP = -60.0

CHECKED_BY = 8  # raise it when other findings come of the same master


class _QualityRead(msgspec.Struct, frozen=True, kw_only=True):
    checked_by: int
    damaged_part: float
    frames: FramesRead
    audio: tuple[AudioSource, ...]
    tool: str


async def check_quality(
    workspace: Workspace, request: CheckQuality, progress: OnProgress | None = None
) -> QcReport:
    source, damaged_part = request.source, workspace.settings.damaged_part
    read = _QualityRead(
        checked_by=CHECKED_BY,
        damaged_part=damaged_part,
        frames=frames_read(source),
        audio=source.audio,
        tool=await workspace.version(media.Tool.FFMPEG),
    )

    async def make() -> QcReport:
        async with workspace.folder() as folder:
            path = await workspace.local(source.master_key, folder)
            found = await quality(
                workspace.tools,
                path,
                source,
                damaged_part=damaged_part,
                folder=folder,
                progress=progress,
            )
            if any(one.severity is Severity.REFUSAL for one in found.findings):
                return found
            return await with_pairs(workspace, path, source.sound, found)

    return await workspace.once(
        await workspace.name(source.sha256, "quality", read), QcReport, make
    )


async def quality(
    tools: media.Media,
    path: Path,
    source: Source,
    *,
    damaged_part: float = 0.02,
    folder: Path | None = None,
    progress: OnProgress | None = None,
) -> QcReport:
    """Returns what a viewer would complain about. A master of which more than `damaged_part` is
    damaged has a finding of severity refusal."""
    last = media.ToolProgress()

    def heard(told: media.ToolProgress) -> None:
        nonlocal last
        last = told
        if progress is not None:
            progress(min(1.0, told.frame / source.frames))

    limits = media.Limits(
        wall_s=900 + 4 * source.duration_ms / 1000, cpu_s=86_400, stdout_mib=_STDOUT_MIB
    )
    made = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=folder))
    try:
        result = await tools.run(
            media.Tool.FFMPEG,
            _arguments(source),
            inputs={"master": media.Input(path=path)},
            output=made,
            limits=limits,
            on_progress=heard,
            background=True,
        )
        seen = read_changes(result.stdout)
        faults = await asyncio.to_thread(watched.faults_in, made, source, seen.times)
    except media.ToolFailed as failure:
        return QcReport(findings=(_damaged(last.position_ms, failure.extra["last_lines"]),))
    finally:
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)
    damaged = findings_of(damage_of(source, result.stderr, seen), source, damaged_part)
    if any(found.severity is Severity.REFUSAL for found in damaged):
        return QcReport(findings=tuple(damaged))
    told = report(source, measured.read(result.stderr, len(source.audio)))
    return msgspec.structs.replace(
        told,
        findings=tuple(few([*damaged, *sizes_of(source, result.stderr), *told.findings, *faults])),
        damaged=bool(damaged),
        clear_changes=seen.above(CLEAR),
    )


def _arguments(source: Source) -> list[str]:
    sounds = list(enumerate(source.audio))
    rate = rate_of(source.frame_rate)
    numbered = f"settb={rate.denominator}/{rate.numerator},setpts=N"
    lines = max(2, round(160 * source.height / source.width) * 2)
    small = ",".join([*readable(source), _SMALL.format(lines)])
    looks, own, maps = watched.pictures(source)
    graph = [f"[0:{source.video_index}]{own}{small},split=4[small][smaller][ticks][cells]", *looks]
    graph += [f"[small]{_PICTURE},{numbered}[v]", f"[smaller]{WATCHED},nullsink"]
    graph += [f"[ticks]{ticks(source)},nullsink"]
    graph += [
        f"[dec:{n}]asplit=2[h{n}][c{n}];[h{n}]{SOUND_WATCHED.format(n=n)}[a{n}];"
        f"[c{n}]{channels.watched(sound, watched.heard_in(n))},anullsink"
        for n, sound in sounds
    ]
    args = ["-v", "repeat+info", *as_one(source), "-f", source.format, "-i", "{in.master}"]
    args += steady(source.audio)
    args += ["-filter_complex", ";".join(graph)]
    args += ["-map", "[v]", "-fps_mode", "passthrough", "-f", "null", "-", *maps]
    for n, _ in sounds:
        args += ["-map", f"[a{n}]", "-f", "null", "-"]
    return [*args, *beside(source.format, source.video_index, [one.index for one in source.audio])]


def sizes_of(source: Source, said: str) -> list[Finding]:
    """Returns a warning of a picture that changes its size on the way."""
    sizes = [(int(w), int(h), float(s)) for _, w, h, s in _OTHER_SIZE.findall(said)]
    if not sizes:
        return []
    width, height, at_s = sizes[0]
    seconds = max(0.0, at_s - source.video_start_s)
    sentence = (
        f"The size of the video changes at {seconds:.1f} s (to {width}x{height}). All of it is "
        "scaled to the size at its beginning; what has another shape is stretched. Export it in "
        "one size if that looks wrong."
    )
    return [warn("size-changes", sentence, from_ms=round(1000 * seconds))]


def _damaged(position_ms: int, last_lines: list[str]) -> Finding:
    said = next((line for line in last_lines if "rror" in line or "nvalid" in line), "")
    reason = f" ({said.split('] ')[-1].strip()})" if said else ""
    return refuse(
        "damaged",
        f"The film is damaged after about {position_ms / 1000:.1f} s and can't be decoded to its "
        f"end. Export or copy it again.{reason}",
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
    return QcReport(findings=tuple(few(findings)), loudness=tuple(loudness))


def of_sound(sound: AudioSource, heard: measured.Heard, end: int) -> list[Finding]:
    who = audio_in(sound.language, sound.index)
    silent = [] if is_mute(heard) else _closed(heard.silent, end)
    return [*(_silent(who, span, end) for span in silent), *_level(who, heard)]


def is_mute(heard: measured.Heard) -> bool:
    """Returns True for silence. A sound that is shorter than the meter's 0.4 s, or below its gate
    of -70 LUFS, has no loudness and is heard all the same."""
    return heard.integrated_lufs <= _UNMEASURED_LUFS and heard.true_peak_dbtp <= _MUTE_DBTP


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
    if level <= _UNMEASURED_LUFS:
        sentence = f"{who} is too short or too quiet for its loudness to be measured."
        return [note("loudness-unknown", sentence), *_peak(who, peak)]
    above = " or more" if level >= _METER_ENDS_LUFS else ""
    sentence = f"{who} has a loudness of {level:.1f} LUFS{above}."
    found = [note("loudness", sentence, value=level, unit="LUFS")]
    if not _QUIET_LUFS <= level <= _LOUD_LUFS:
        how = "quiet" if level < _QUIET_LUFS else "loud"
        sentence = f"{who} is very {how}. Its loudness is adjusted to the usual level."
        found.append(warn("loudness-unusual", sentence, value=level, unit="LUFS"))
    return [*found, *_peak(who, peak)]


def _peak(who: str, peak: float) -> list[Finding]:
    if peak <= _PEAK_DBTP:
        return []
    sentence = f"{who} peaks at {peak:.1f} dBTP. Listen whether it is clipped."
    return [warn("true-peak", sentence, value=peak, unit="dBTP")]


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


def few(findings: list[Finding]) -> list[Finding]:
    """Returns at most so many findings of each kind, and how many more there are."""
    kept: list[Finding] = []
    for code in dict.fromkeys(found.code for found in findings):
        same = [found for found in findings if found.code == code]
        kept += same[:_MOST]
        if len(same) > _MOST:
            sentence = f"{len(same) - _MOST} more findings of '{code}'."
            kept.append(Finding(code=f"{code}-more", severity=Severity.NOTE, sentence=sentence))
    return kept


def _seconds(span: Span) -> str:
    return f"{(span[1] - span[0]) / 1000:.1f} s"
