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
from vitascope.encoding.contract.master import AudioSource, SoundSource
from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.master import measured
from vitascope.encoding.timing import rate_of
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack, Codec

SAMPLE_RATE = 48_000
PRIMING = 1024  # samples by which ffmpeg's AAC encoder delays
_KBPS = {2: 128, 6: 320}
_LAYOUT = {2: "stereo", 6: "5.1"}


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


def plan_audio(sound: SoundSource) -> tuple[AudioPlan, ...]:
    """Returns every track in its own channels; stereo mixed from 5.1 only for a language that lacks
    it."""
    plans: list[AudioPlan] = []
    groups = dict.fromkeys((found.language, found.descriptive) for found in sound.streams)
    for group in groups:
        alike = [found for found in sound.streams if (found.language, found.descriptive) == group]
        surround = [found for found in alike if found.channels >= 6]
        stereo = [found for found in alike if found.channels < 6] or surround[:1]
        plans += [_plan(sound, found, 2, place) for place, found in enumerate(stereo)]
        plans += [_plan(sound, found, 6, place) for place, found in enumerate(surround)]
    return tuple(plans)


def _plan(sound: SoundSource, stream: AudioSource, channels: int, place: int) -> AudioPlan:
    parts: Iterable[str] = (
        "a",
        stream.language.lower(),
        *(("ad",) if stream.descriptive else ()),
        *(("co",) if sound.commentary else ()),
        "51" if channels == 6 else "2",
        *((f"x{place + 1}",) if place else ()),
    )
    track = AudioTrack(
        name="-".join(parts),
        language=stream.language,
        channels=channels,
        codec=Codec.AAC,
        bitrate_kbps=_KBPS[channels],
        descriptive=stream.descriptive,
        commentary=sound.commentary,
        label=sound.label,
    )
    return AudioPlan(track=track, stream=stream)


async def encode_audio(
    tools: media.Media,
    path: Path,
    sound: SoundSource,
    plan: AudioPlan,
    folder: Path,
    *,
    normalise: bool = True,
    progress: OnProgress | None = None,
) -> AudioMade:
    """Write `folder/NAME.mp4`. Measured as mixed for this rendition: stereo made of 5.1 is not as
    loud as the 5.1. Raises `EncodingFailed`."""
    gain = loudness.gain_for(await _measure(tools, path, sound, plan)) if normalise else None
    levelled = [loudness.normalising(gain)] if gain else []
    samples = samples_of(sound.programme)
    chain = ",".join(
        (
            *_mixed(sound, plan),
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
        sound,
        [*("-filter_complex", graph, "-map", "[a]"), *_encoder(plan.track), f"{{out}}/{name}"],
        folder,
        _fraction(sound.programme, progress),
    )
    if gain:
        loudness.check_linear(result.stderr)
    return AudioMade(
        path=folder / name,
        track=plan.track,
        duration_ms=sound.programme.duration_ms,
        samples=samples,
        gain_db=round(gain.decibels, 2) if gain else 0.0,
    )


def samples_of(programme: Programme) -> int:
    """Returns how many samples lie between the first picture and the end of the last one."""
    return max(PRIMING + 1, round(programme.frames / rate_of(programme.frame_rate) * SAMPLE_RATE))


def _mixed(sound: SoundSource, plan: AudioPlan) -> tuple[str, ...]:
    """From the file's stream to this rendition's channels, beginning with the first picture."""
    layout = _LAYOUT[plan.track.channels]
    return (
        f"asetpts=PTS-({sound.starts_s:.6f})/TB",
        f"aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.05:first_pts=0",
        f"aformat=sample_fmts=fltp:channel_layouts={layout}",
    )


async def _measure(
    tools: media.Media, path: Path, sound: SoundSource, plan: AudioPlan
) -> measured.Heard:
    chain = ",".join((*_mixed(sound, plan), "ebur128@m=peak=true:framelog=quiet"))
    graph = f"[0:{plan.stream.index}]{chain}[a]"
    args = ["-filter_complex", graph, "-map", "[a]", "-f", "null", "-"]
    result = await _run(tools, path, sound, args, None, None)
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
    sound: SoundSource,
    args: list[str],
    folder: Path | None,
    on_progress: Callable[[media.ToolProgress], None] | None,
) -> media.ToolResult:
    try:
        return await tools.run(
            media.Tool.FFMPEG,
            ["-v", "info", "-vn", "-sn", "-f", sound.format, "-i", "{in.master}", *args],
            inputs={"master": media.Input(path=path)},
            output=folder,
            limits=media.Limits(wall_s=600 + sound.programme.duration_ms / 1000, cpu_s=36_000),
            on_progress=on_progress,
            background=True,
        )
    except media.ToolFailed as failure:
        raise EncodingFailed(failure.detail, **failure.extra) from failure


def _fraction(
    programme: Programme, progress: OnProgress | None
) -> Callable[[media.ToolProgress], None] | None:
    if progress is None:
        return None
    told = progress  # for the type checker: not None
    return lambda seen: told(min(1.0, seen.position_ms / max(1, programme.duration_ms)))
