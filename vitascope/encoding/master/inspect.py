"""Validates a master, and decides how it is read.

What a file is, it shows by its bytes, never by its name. The verdict comes in order of cost: the
first kilobyte, the headers, every packet's time, and a few decoded seconds. A full decode is
`qc.py`'s. Every file ends in a verdict; only a failing machine raises.
"""

import asyncio
from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from vitascope.encoding.contract.master import Finding, Inspect, Inspection, Source
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.master import probe, refusals
from vitascope.encoding.master.cadence import MOST, Cadence, cadence
from vitascope.encoding.master.captions import captions_of
from vitascope.encoding.master.colour import Colour, colour_of, of_colour
from vitascope.encoding.master.fields import Fields, look_at_fields
from vitascope.encoding.master.findings import note, refuse, warn
from vitascope.encoding.master.languages import audio_in
from vitascope.encoding.master.listing import Packets, TooManyPackets
from vitascope.encoding.master.static import static_metadata
from vitascope.encoding.master.tracks import (
    of_other_programs,
    picture_of,
    pictures_of,
    sounds_of,
    texts_of,
)
from vitascope.encoding.picture.colours import is_wide
from vitascope.encoding.picture.frames import BROADCAST
from vitascope.encoding.timing import rate_of, rate_text
from vitascope.encoding.workspace import Workspace, sha256_of
from vitascope.engines import media

_FORMATS = ("mov", "matroska", "mpegts", "mxf", "avi", "mpeg", "flv", "wav")
MOST_PIXELS = media.Limits().max_pixels
_VIDEO = ("30000/1001", "30/1")
_MOST_JUMPS = 20  # findings
_FEW_UNDECODABLE = 3  # pictures at the start that lean on what came before go unsaid
_SLACK_S = 0.5
_TOLD_S = 0.5  # the last picture staying for less goes unsaid
_TOLD_EARLY_S = 2.0  # sound before the first picture; recordings begin between two keyframes


async def inspect_master(
    workspace: Workspace, request: Inspect, progress: OnProgress | None = None
) -> Inspection:
    async with workspace.folder() as folder:
        path = await workspace.local(request.master_key, folder)
        digest = await sha256_of(path)
        return await inspect(workspace.tools, path, master_key=request.master_key, sha256=digest)


async def inspect(
    tools: media.Media, path: Path, *, master_key: str = "", sha256: str = ""
) -> Inspection:
    """Validate the file at `path`. `source` is there unless something is a refusal."""
    size, head = await asyncio.to_thread(first_bytes, path)
    if early := refusals.of_bytes(size, head):
        return _refused([early])
    try:
        told = await probe.describe(tools, path)
    except media.ToolFailed as failure:
        cut = await asyncio.to_thread(probe.ends_inside_a_box, path)
        return _refused([refusals.truncated(None, None) if cut else refusals.of_opening(failure)])
    described = _Described(told, size)
    if described.refusals:
        return _refused(described.refusals, described.master)
    try:
        times = await _timeline(tools, path, described)
    except media.ToolFailed:
        return _refused([refusals.undecodable(described.picture)], described.master)
    except TooManyPackets:
        return _refused([refusals.too_many_packets()], described.master)
    if len(described.pictures) > 1 or described.empty_sounds(times):
        described = _Described(told, size, times, described.empty_sounds(times))
        if described.refusals:
            return _refused(described.refusals, described.master)
    if faults := _faults_of_time(described, times):
        return _refused(faults, described.master)
    return await _decide(tools, path, described, times, master_key, sha256)


class _Described:
    """The headers, read and judged."""

    def __init__(
        self,
        told: dict[str, Any],
        size: int,
        times: probe.Timeline | None = None,
        empty: Collection[int] = (),
    ) -> None:
        self.size = size
        self.format: dict[str, Any] = told.get("format", {})
        streams: list[dict[str, Any]] = told.get("streams", [])
        self.pictures = [stream["index"] for stream in pictures_of(streams)]
        self.picture, pictures = picture_of(streams, times.pictures if times else None)
        decided = times is not None or len(self.pictures) == 1
        foreign = of_other_programs(told, self.picture) if decided else set()
        own = [stream for stream in streams if stream["index"] not in foreign]
        filled = [stream for stream in own if stream["index"] not in empty]
        self.sounds, sound_findings = sounds_of(filled)
        lacking = sorted(set(empty) - foreign)
        sound_findings += [warn("sound-left-out", refusals.EMPTY.format(n)) for n in lacking]
        if foreign:
            sound_findings.append(warn("sound-left-out", refusals.PROGRAMS))
        self.texts, text_findings = texts_of(own)
        self.findings = [*pictures, *sound_findings, *text_findings]
        if all(found.severity != "refusal" for found in pictures):
            self.findings += refusals.of_picture(self.picture, MOST_PIXELS)
            self.findings += of_colour(self.picture)
        self.refusals = [found for found in self.findings if found.severity == "refusal"]
        self.master: dict[str, Any] = {"format": self.format, "streams": streams}

    @property
    def demuxer(self) -> str:
        return demuxer_of(self.format)

    @property
    def held_back(self) -> dict[int, int]:
        """Returns how many pictures a decoder holds back, by stream."""
        pictures = pictures_of(self.master["streams"])
        return {each["index"]: int(each.get("has_b_frames", 0)) for each in pictures}

    def empty_sounds(self, times: probe.Timeline) -> set[int]:
        """Returns tracks that an export made and never filled: any would end every run that reads
        it."""
        read = {index for sound in self.sounds for index in (sound.index, *sound.parts)}
        return read - times.streams.keys()


async def _timeline(tools: media.Media, path: Path, described: _Described) -> probe.Timeline:
    if described.demuxer not in BROADCAST:
        found = await probe.timeline(tools, path, described.pictures)
        return probe.as_shown(found, described.held_back) if described.demuxer == "avi" else found
    sounds = [sound.index for sound in described.sounds]
    return await probe.broadcast_timeline(tools, path, described.pictures, sounds)


def demuxer_of(format: dict[str, Any]) -> str:
    names = str(format.get("format_name", "")).split(",")
    return next((name for name in _FORMATS if name in names), names[0])


async def _decide(
    tools: media.Media,
    path: Path,
    described: _Described,
    times: probe.Timeline,
    master_key: str,
    sha256: str,
) -> Inspection:
    picture = described.picture
    packets = times.streams[picture["index"]]
    rates = [str(picture.get(name, "")) for name in ("avg_frame_rate", "r_frame_rate")]
    beat = cadence(
        packets.times,
        packets.last_s,
        [rate for rate in rates if "/" in rate],
        sound_end_s=_sound_ends(described, times),
    )
    begins = _begins(described, times)
    keys = [key - begins for key in packets.keys]
    fields = await look_at_fields(tools, path, picture["index"], beat.duration_s, keys)
    if fields.decoded == 0:
        return _refused([refusals.undecodable(picture)], described.master)
    turned = turned_clockwise(picture)
    width, height = shown_size(picture, turned)
    colour = colour_of(picture, float(rate_of(beat.rate)))
    interlaced = fields.interlaced(str(picture.get("field_order", "")))
    pulled_down = fields.pulled_down and beat.rate in _VIDEO
    rate, frames = _whole_frames(beat, interlaced=interlaced, pulled_down=pulled_down)
    codec, sounds = picture["codec_name"], described.sounds
    static = await static_metadata(tools, path, picture["index"], colour.dynamic_range)
    captions = await captions_of(tools, path, picture["index"], codec, sounds)
    source = Source(
        master_key=master_key,
        sha256=sha256,
        size=described.size,
        format=described.demuxer,
        duration_ms=round(1000 * frames / rate),
        video_index=picture["index"],
        width=width,
        height=height,
        frame_rate=rate_text(rate),
        frames=frames,
        video_start_s=round(beat.start_s - begins, 6),
        codec=codec,
        vfr=beat.placed_anew,
        interlaced=interlaced and not pulled_down,
        field_order=fields.order if interlaced or pulled_down else "auto",
        pulled_down=pulled_down,
        rotation=turned,
        sample_aspect=_aspect(picture),
        dynamic_range=colour.dynamic_range,
        primaries=colour.primaries,
        transfer=colour.transfer,
        matrix=colour.matrix,
        coded_matrix=colour.coded_matrix,
        full_range=colour.full_range,
        rgb=colour.rgb,
        pictures=len(packets.times),
        static=static,
        audio=sounds,
        text=(*captions, *described.texts),
    )
    seen = [*described.findings, *_oddities(source, beat, fields, colour)]
    seen += _uneven_sound(source, beat, times)
    seen += _broadcast(packets, times, source)
    return Inspection(findings=tuple(seen), source=source, master=described.master)


def _whole_frames(beat: Cadence, *, interlaced: bool, pulled_down: bool) -> tuple[Fraction, int]:
    """Returns the rate and number of frames that are made of the master's. Fields become frames of
    their own: what moved 50 times a second would move 25 times. Film in video is what it was."""
    rate = rate_of(beat.rate)
    if pulled_down:
        return rate * 4 / 5, max(1, round(Fraction(beat.frames * 4, 5)))
    if interlaced and 2 * rate <= MOST:
        return 2 * rate, 2 * beat.frames
    return rate, beat.frames


def _begins(described: _Described, times: probe.Timeline) -> float:
    """Returns the file's own start, which ffmpeg subtracts from every time."""
    if times.put_right:
        return 0.0
    told = described.format.get("start_time")
    first = min(packets.begin_s for packets in times.streams.values())
    return float(told) if told not in (None, "N/A") else first


def _sound_ends(described: _Described, times: probe.Timeline) -> float:
    found = (times.streams.get(sound.index) for sound in described.sounds)
    return max((packets.end_s for packets in found if packets), default=0.0)


def _faults_of_time(described: _Described, times: probe.Timeline) -> list[Finding]:
    packets = times.streams.get(described.picture["index"])
    if packets is None:
        return [
            refuse(
                "no-picture-data", "The file has a video stream without any data. Export it again."
            )
        ]
    if times.put_right:
        return []  # nothing promises how long it is
    if "partial file" in times.complaints or "ended prematurely" in times.complaints:
        return [refusals.truncated(None, packets.end_s)]
    promised, got = _promised(described.picture), packets.end_s - packets.begin_s
    if promised is not None and got < promised - _slack(promised):
        return [refusals.truncated(promised, got)]
    whole = _promised(described.format)
    begin = min(found.begin_s for found in times.streams.values())
    end = max(found.end_s for found in times.streams.values())
    if whole is not None and end - min(begin, 0.0) < whole - _slack(whole):
        return [refusals.truncated(whole, end - begin)]
    return []


def _promised(told: dict[str, Any]) -> float | None:
    value = told.get("duration")
    return float(value) if value not in (None, "N/A") else None


def _slack(seconds: float) -> float:
    return max(_SLACK_S, seconds * 0.001)


def _oddities(source: Source, beat: Cadence, fields: Fields, colour: Colour) -> list[Finding]:
    found: list[Finding] = []
    if beat.variable:
        kept = source.pictures - beat.lost
        sentence = refusals.VARIABLE.format(rate=beat.rate, kept=kept, all=source.pictures)
        found.append(warn("variable-frame-rate", sentence))
    if beat.repeated:
        found.append(note("frames-repeated", refusals.REPEATED.format(rate=beat.rate)))
    if beat.tail_s >= _TOLD_S:
        sentence = refusals.TAIL.format(seconds=beat.tail_s)
        found.append(note("last-picture-stays", sentence, value=round(beat.tail_s, 2), unit="s"))
    if beat.halved:
        found.append(note("frame-rate-halved", refusals.HALVED.format(rate=beat.rate)))
    if source.interlaced:
        part = 100 * fields.part_interlaced
        sentence = refusals.INTERLACED.format(rate=f"{float(rate_of(source.frame_rate)):.4g}")
        found.append(warn("interlaced", sentence, value=round(part), unit="%"))
    if source.pulled_down:
        sentence = refusals.PULLED_DOWN.format(rate=f"{float(rate_of(source.frame_rate)):.5g}")
        found.append(warn("pulled-down", sentence))
    if source.rotation:
        found.append(note("rotated", refusals.ROTATED, value=source.rotation, unit="°"))
    if source.sample_aspect != "1:1":
        found.append(note("pixels-not-square", refusals.ANAMORPHIC.format(source.sample_aspect)))
    if colour.assumed:
        tags = ", ".join(dict.fromkeys((source.primaries, source.transfer, source.matrix)))
        found.append(note("colour-assumed", refusals.COLOUR.format(tags)))
    if source.coded_matrix and not is_wide(source):
        found.append(note("colour-converted", refusals.MATRIX.format(source.coded_matrix)))
    if is_wide(source):
        found.append(note("colour-converted", refusals.WIDE.format(source.primaries)))
    if source.full_range:
        found.append(note("full-range", refusals.FULL_RANGE))
    if source.dynamic_range != "sdr":
        found.append(note("hdr", refusals.HDR.format(source.dynamic_range.upper())))
    if not source.audio:
        found.append(warn("no-audio", refusals.SILENT))
    return found


def _uneven_sound(source: Source, beat: Cadence, times: probe.Timeline) -> list[Finding]:
    found: list[Finding] = []
    for sound in source.audio:
        packets = times.streams.get(sound.index)
        if packets is None:
            continue
        early = beat.start_s - packets.begin_s
        if early > _TOLD_EARLY_S:
            sentence = refusals.EARLY.format(audio=audio_in(sound.language), seconds=early)
            found.append(warn("audio-early", sentence, value=round(early, 2), unit="s"))
        short = beat.start_s + beat.duration_s - packets.end_s
        if abs(short) > 1.0:
            sentence = refusals.UNEVEN.format(
                audio=audio_in(sound.language),
                seconds=abs(short),
                how="before" if short > 0 else "after",
            )
            found.append(warn("audio-length", sentence, value=round(-short, 2), unit="s"))
    return found


def _broadcast(packets: Packets, times: probe.Timeline, source: Source) -> list[Finding]:
    found = [
        warn(
            "clock-jumps",
            refusals.CLOCK.format(
                seconds=jump.at_s - source.video_start_s,
                by=abs(jump.by_s),
                how="forward" if jump.by_s > 0 else "back",
            ),
            from_ms=max(0, round(1000 * (jump.at_s - source.video_start_s))),
            value=round(jump.by_s, 3),
            unit="s",
        )
        for jump in times.jumps[:_MOST_JUMPS]
    ]
    if len(times.jumps) > _MOST_JUMPS:
        found.append(note("clock-jumps-more", f"The clock jumps {len(times.jumps)} times in all."))
    if packets.undecodable > _FEW_UNDECODABLE:
        sentence = refusals.INSIDE.format(packets.undecodable)
        found.append(warn("starts-inside", sentence, value=packets.undecodable))
    return found


def turned_clockwise(picture: dict[str, Any]) -> int:
    """Returns 0, 90, 180 or 270; ffprobe tells degrees the other way round."""
    sides: Sequence[dict[str, Any]] = picture.get("side_data_list", ())
    told = next((side["rotation"] for side in sides if "rotation" in side), 0)
    return round(-float(told) / 90) * 90 % 360


def shown_size(picture: dict[str, Any], turned: int) -> tuple[int, int]:
    """Returns width and height in square pixels, turned, even."""
    across, down = (int(part) for part in _aspect(picture).split(":"))
    width, height = picture["width"] * across / down, float(picture["height"])
    if turned % 180:
        width, height = height, width
    return max(2, round(width / 2) * 2), max(2, round(height / 2) * 2)


def _aspect(picture: dict[str, Any]) -> str:
    told = str(picture.get("sample_aspect_ratio", "1:1"))
    parts = told.split(":")
    usable = len(parts) == 2 and all(part.isdigit() and int(part) > 0 for part in parts)
    return told if usable and 0.1 < int(parts[0]) / int(parts[1]) < 10 else "1:1"


def first_bytes(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as opened:
        return path.stat().st_size, opened.read(4096)


def _refused(findings: Sequence[Finding], master: dict[str, Any] | None = None) -> Inspection:
    return Inspection(
        findings=tuple(findings), source=None, master=msgspec.to_builtins(master or {})
    )
