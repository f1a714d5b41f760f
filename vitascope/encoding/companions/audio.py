"""Sound renditions: AAC in stereo, and in 5.1 where the master has it, for every language.

A rendition is one whole encode, never chunked (joined AAC chunks drift). It begins with the first
picture and ends with the last one, to the sample: what starts later is padded, what starts earlier
or lasts longer is cut, gaps are filled with silence.

An AAC encoder delays by 1024 samples, and players differ in whether they believe the edit list
that says so. So we write none: the first 1024 samples (21 ms) of the programme are left out before
encoding, the encoder's own delay takes their place, and packet times are true by themselves.
"""

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from vitascope.encoding.companions import loudness
from vitascope.encoding.contract.master import AudioSource, SoundSource
from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.master import measured
from vitascope.encoding.master.steady import steady
from vitascope.encoding.picture.frames import beside
from vitascope.encoding.timing import rate_of
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack, Codec

SAMPLE_RATE = 48_000
PRIMING = 1024  # samples by which ffmpeg's AAC encoder delays
_KBPS = {2: 128, 6: 320}
_LAYOUT = {2: "stereo", 6: "5.1"}
_LOWERED_DB = 40.0  # for what is too loud for the meter
_LOWERED_MOST_DB = 160.0
MADE_BY = 3  # raise it when other sound comes of the same master


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
    """Returns every track in its own channels, and in stereo too where that is missing. The first
    is what players begin with: the main sound that the master calls default, else its first one.
    Descriptions and commentaries come last, and never stand in for a main sound; nor does a stereo
    that is no mix of the 5.1 beside it."""
    ordered = sorted(
        sound.streams, key=lambda found: (_rank(found), not found.default, found.apart)
    )
    groups: dict[tuple[object, ...], list[AudioSource]] = {}
    for found in ordered:
        groups.setdefault(_group(found), []).append(found)
    plans: list[AudioPlan] = []
    members: dict[tuple[object, ...], int] = {}
    for group in groups.values():
        stereo = [found for found in group if found.channels < 6]
        surround = [found for found in group if found.channels >= 6]
        for pair in itertools.zip_longest(stereo, surround):
            kind = (group[0].language, _rank(group[0]))
            members[kind] = members.get(kind, 0) + 1
            plans += _member(pair[0], pair[1], members[kind])
    return tuple(plans)


def _member(
    stereo: AudioSource | None, surround: AudioSource | None, member: int
) -> list[AudioPlan]:
    """One sound: in stereo, mixed from 5.1 where it is delivered in that alone, and in 5.1."""
    plans = [_plan(found, 2, member) for found in [stereo or surround] if found]
    return plans + ([_plan(surround, 6, member)] if surround else [])


def may_be_one_sound(one: AudioSource, other: AudioSource) -> bool:
    """Returns True if nothing that the master says of them tells the two apart."""
    return _group(one) == _group(other)


def _group(found: AudioSource) -> tuple[object, ...]:
    return found.language, _rank(found), found.origin, found.label, found.apart


def _rank(found: AudioSource) -> int:
    return 1 if found.descriptive else 2 if found.commentary else 0


def _plan(stream: AudioSource, channels: int, member: int) -> AudioPlan:
    parts: Iterable[str] = (
        "a",
        stream.language.lower(),
        *(("ad",) if stream.descriptive else ()),
        *(("co",) if stream.commentary else ()),
        "51" if channels == 6 else "2",
        *((f"x{member}",) if member > 1 else ()),
    )
    track = AudioTrack(
        name="-".join(parts),
        language=stream.language,
        channels=channels,
        codec=Codec.AAC,
        bitrate_kbps=_KBPS[channels],
        descriptive=stream.descriptive,
        commentary=stream.commentary,
        origin=stream.origin,
        label=stream.label,
        member=member,
    )
    return AudioPlan(track=track, stream=stream)


def all_beside(sound: SoundSource) -> list[str]:
    """Returns what a run over one of these streams reads too; see `beside`."""
    if sound.picture is None:
        return []
    return beside(sound.format, sound.picture, [stream.index for stream in sound.streams])


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
    gain_db = loudness.gain_db(await _measure(tools, path, sound, plan)) if normalise else 0.0
    samples = samples_of(sound.programme)
    chain = ",".join(
        (
            *_mixed(sound),
            f"volume={gain_db:.2f}dB",
            f"apad=whole_len={samples}",
            f"atrim=start_sample={PRIMING}:end_sample={samples}",
            "asetpts=N/SR/TB",
        )
    )
    name = f"{plan.track.name}.mp4"
    await _run(
        tools,
        path,
        sound,
        plan,
        [
            *("-filter_complex", f"[dec:0]{chain}[a]", "-map", "[a]"),
            *_encoder(plan.track),
            f"{{out}}/{name}",
        ],
        folder,
        _fraction(sound.programme, progress),
    )
    return AudioMade(
        path=folder / name,
        track=plan.track,
        duration_ms=sound.programme.duration_ms,
        samples=samples,
        gain_db=gain_db,
    )


def samples_of(programme: Programme) -> int:
    """Returns how many samples lie between the first picture and the end of the last one."""
    return max(PRIMING + 1, round(programme.frames / rate_of(programme.frame_rate) * SAMPLE_RATE))


def _mixed(sound: SoundSource) -> tuple[str, ...]:
    """Begins with the first picture; gaps are filled."""
    return (
        f"asetpts=PTS-({sound.starts_s:.6f})/TB",
        f"aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.05:first_pts=0",
    )


async def _measure(
    tools: media.Media,
    path: Path,
    sound: SoundSource,
    plan: AudioPlan,
    lowered_db: float = 0.0,
) -> measured.Heard:
    """Returns what is heard of the rendition before its gain. The meter's scale ends at +10 LUFS,
    which sound in floating point can exceed: what comes near is measured again, lower."""
    lowered = [f"volume={-lowered_db:.2f}dB"] if lowered_db else []
    chain = ",".join((*_mixed(sound), *lowered, "ebur128@m=peak=true:framelog=quiet"))
    args = ["-filter_complex", f"[dec:0]{chain}[a]", "-map", "[a]", "-f", "null", "-"]
    result = await _run(tools, path, sound, plan, args, None, None)
    heard = measured.read_loudness(result.stderr, "m")
    if heard.integrated_lufs < loudness.METER_ENDS_LUFS or lowered_db >= _LOWERED_MOST_DB:
        return heard.raised(lowered_db)
    return await _measure(tools, path, sound, plan, lowered_db + _LOWERED_DB)


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
    plan: AudioPlan,
    args: list[str],
    folder: Path | None,
    on_progress: Callable[[media.ToolProgress], None] | None,
) -> media.ToolResult:
    try:
        return await tools.run(
            media.Tool.FFMPEG,
            [
                *("-v", "info", "-sn", "-f", sound.format, "-i", "{in.master}"),
                *steady((plan.stream,), _LAYOUT[plan.track.channels]),
                *args,
                *all_beside(sound),
            ],
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
