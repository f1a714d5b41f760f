"""Sound renditions: AAC in stereo, and in 5.1 where the master has it, for every language.

A rendition is one whole encode, never chunked (joined AAC chunks drift). It begins with the first
picture and ends with the last one, to the sample: what starts later is padded, what starts earlier
or lasts longer is cut, gaps are filled with silence.

An AAC encoder delays by 1024 samples, and players differ in whether they believe the edit list
that says so. So we write none: the first 1024 samples (21 ms) of the programme are left out before
encoding, the encoder's own delay takes their place, and packet times are true by themselves.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from vitascope.encoding.companions import loudness
from vitascope.encoding.contract.master import AudioSource, Source
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.master import measured
from vitascope.encoding.timing import rate_of
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack, Codec

SAMPLE_RATE = 48_000
PRIMING = 1024  # samples by which ffmpeg's AAC encoder delays
_KBPS = {2: 128, 6: 320}
_LAYOUT = {2: "stereo", 6: "5.1"}

Progress = Callable[[float], None]


class AudioPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One rendition to make: which stream, into what."""

    track: AudioTrack
    stream: AudioSource


class AudioMade(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is a plain MP4 with one sound stream. `gain_db` is what was applied throughout."""

    path: Path
    track: AudioTrack
    duration_ms: int
    samples: int
    gain_db: float


def plan_audio(source: Source) -> tuple[AudioPlan, ...]:
    """Returns every track in its own channels; stereo mixed from 5.1 only for a language that lacks
    it."""
    plans: list[AudioPlan] = []
    groups = dict.fromkeys((sound.language, sound.descriptive) for sound in source.audio)
    for group in groups:
        sounds = [found for found in source.audio if (found.language, found.descriptive) == group]
        surround = [sound for sound in sounds if sound.channels >= 6]
        stereo = [sound for sound in sounds if sound.channels < 6] or surround[:1]
        plans += [_plan(sound, 2, place) for place, sound in enumerate(stereo)]
        plans += [_plan(sound, 6, place) for place, sound in enumerate(surround)]
    return tuple(plans)


def _plan(sound: AudioSource, channels: int, place: int) -> AudioPlan:
    parts: Iterable[str] = (
        "a",
        sound.language.lower(),
        *(("ad",) if sound.descriptive else ()),
        "51" if channels == 6 else "2",
        *((f"x{place + 1}",) if place else ()),
    )
    track = AudioTrack(
        name="-".join(parts),
        language=sound.language,
        channels=channels,
        codec=Codec.AAC,
        bitrate_kbps=_KBPS[channels],
        descriptive=sound.descriptive,
    )
    return AudioPlan(track=track, stream=sound)


async def encode_audio(
    tools: media.Media,
    path: Path,
    source: Source,
    plan: AudioPlan,
    folder: Path,
    *,
    normalise: bool = True,
    progress: Progress | None = None,
) -> AudioMade:
    """Write `folder/NAME.mp4`. Measured as mixed for this rendition: stereo made of 5.1 is not as
    loud as the 5.1. Raises `EncodingFailed`."""
    gain = loudness.gain_for(await _measure(tools, path, source, plan)) if normalise else None
    levelled = [loudness.normalising(gain)] if gain else []
    samples = samples_of(source)
    chain = ",".join(
        (
            *_mixed(source, plan),
            *levelled,
            f"aresample={SAMPLE_RATE}",
            f"apad=whole_len={samples}",
            f"atrim=start_sample={PRIMING}:end_sample={samples}",
            "asetpts=N/SR/TB",
        )
    )
    graph = f"[0:{plan.stream.index}]{chain}[a]"
    name = f"{plan.track.name}.mp4"
    result = await _run(
        tools,
        path,
        source,
        [*("-filter_complex", graph, "-map", "[a]"), *_encoder(plan.track), f"{{out}}/{name}"],
        folder,
        _fraction(source, progress),
    )
    if gain:
        loudness.check_linear(result.stderr)
    return AudioMade(
        path=folder / name,
        track=plan.track,
        duration_ms=source.duration_ms,
        samples=samples,
        gain_db=round(gain.decibels, 2) if gain else 0.0,
    )


def samples_of(source: Source) -> int:
    """Returns how many samples lie between the first picture and the end of the last one."""
    return max(PRIMING + 1, round(source.frames / rate_of(source.frame_rate) * SAMPLE_RATE))


def _mixed(source: Source, plan: AudioPlan) -> tuple[str, ...]:
    """From the master's stream to this rendition's channels, beginning with the first picture."""
    layout = _LAYOUT[plan.track.channels]
    return (
        f"asetpts=PTS-({source.video_start_s:.6f})/TB",
        f"aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.05:first_pts=0",
        f"aformat=sample_fmts=fltp:channel_layouts={layout}",
    )


async def _measure(
    tools: media.Media, path: Path, source: Source, plan: AudioPlan
) -> measured.Heard:
    chain = ",".join((*_mixed(source, plan), "ebur128@m=peak=true:framelog=quiet"))
    graph = f"[0:{plan.stream.index}]{chain}[a]"
    args = ["-filter_complex", graph, "-map", "[a]", "-f", "null", "-"]
    result = await _run(tools, path, source, args, None, None)
    return measured.read_loudness(result.stderr, "m")


def _encoder(track: AudioTrack) -> list[str]:
    return [
        *("-c:a", "aac", "-b:a", f"{track.bitrate_kbps}k", "-map_metadata", "-1"),
        *("-metadata:s:a:0", f"language={track.language}"),
        *("-fflags", "+bitexact", "-flags:a", "+bitexact"),
        *("-use_editlist", "0", "-avoid_negative_ts", "make_zero", "-f", "mp4"),
    ]


async def _run(
    tools: media.Media,
    path: Path,
    source: Source,
    args: list[str],
    folder: Path | None,
    on_progress: Callable[[media.ToolProgress], None] | None,
) -> media.ToolResult:
    try:
        return await tools.run(
            media.Tool.FFMPEG,
            ["-v", "info", "-vn", "-sn", "-f", source.format, "-i", "{in.master}", *args],
            inputs={"master": media.Input(path=path)},
            output=folder,
            limits=media.Limits(wall_s=600 + source.duration_ms / 1000, cpu_s=36_000),
            on_progress=on_progress,
            background=True,
        )
    except media.ToolFailed as failure:
        raise EncodingFailed(failure.detail, **failure.extra) from failure


def _fraction(
    source: Source, progress: Progress | None
) -> Callable[[media.ToolProgress], None] | None:
    if progress is None:
        return None
    told = progress  # for the type checker: not None
    return lambda seen: told(min(1.0, seen.position_ms / max(1, source.duration_ms)))
