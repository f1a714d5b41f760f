"""How far sound has moved against the picture: between master and package, or of a new track
beside one that the film has.

Both are decoded at 8 kHz from the first picture on and cut to what both have, and the lag at which
they agree best is found by cross-correlation: 0.125 ms a step, far finer than an ear, and blind to
loudness.
"""

import asyncio
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from vitascope.encoding.companions.audio import all_beside, plan_audio
from vitascope.encoding.contract.companions import CompareSound, SoundLag
from vitascope.encoding.contract.master import AudioSource, SoundSource
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.master.steady import steady
from vitascope.encoding.picture.frames import NOT_SOUGHT
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack
from vitascope.licensing import ContentKey

RATE = 8_000
LISTENED_S = 30
SILENT = 0.0009  # RMS of full scale, about -61 dBFS
ALIKE = 0.3  # normalised correlation below which two sounds are not the same sound
OFFSET_MS = 40.0  # of sound against picture, beyond which it is seen (ITU-R BT.1359: +45, -125)
_CLEARLY = 1.25  # by how much another place must agree better before sound counts as moved: music
# repeats itself, and agrees with itself a bar later nearly as well

_MOSTLY = 4.0
_SHORT_S = 0.5  # less says too little
PLACES = (0.0, 1 / 3, 2 / 3)  # of the film: many begin in silence

WINDOW_S = 8  # of what is listened to over all of a film
_MOST_WINDOWS = 60

Samples = npt.NDArray[np.float64]  # heard: (n, 2), full scale is 1

Outcome = Literal["known", "silent", "short", "repeats", "unlike", "another"]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How late a packaged sound comes (below zero: early). Only where the outcome is `known` can
    that be told: not of silence, of less than half a second, of a tone or a beat, which agrees with
    itself in many places, nor of a sound that has little in common with what was delivered.
    `another` is the sound of another stream."""

    offset_ms: float | None
    outcome: Outcome


async def agreement(
    workspace: Workspace,
    sound: SoundSource,
    track: AudioTrack,
    file: Path,
    packaged: Path,
    key: ContentKey | None,
) -> Agreement:
    """Compare a packaged track with the stream that it was made from, at the first place where
    there is something to hear. `key` is None for what is not protected."""
    stream = stream_of(sound, track)
    locked = media.Input(path=packaged, trusted=True)
    opened = [*(["-decryption_key", "{secret.key}"] if key else []), "-i", "{in.sound}"]
    secrets = {"key": key.key.hex()} if key else None
    found = Agreement(offset_ms=None, outcome="silent")
    if stream is None:
        return found
    for part in PLACES:
        begins_s = part * sound.programme.duration_ms / 1000
        before = await delivered(workspace, sound, stream, file, begins_s)
        after = await _heard(workspace, [*_from(begins_s), *opened], "[0:a:0]", locked, secrets)
        found = await asyncio.to_thread(judged, before, after)
        if found.outcome == "unlike" and await _is_of_another(
            workspace, sound, stream, file, begins_s, after
        ):
            return Agreement(offset_ms=None, outcome="another")
        if found.outcome != "silent":
            break
    return found


async def _is_of_another(
    workspace: Workspace,
    sound: SoundSource,
    own: AudioSource,
    file: Path,
    begins_s: float,
    after: Samples,
) -> bool:
    """Returns True if it is the sound of another stream, in its place."""
    for stream in sound.streams:
        if stream != own:
            before = await delivered(workspace, sound, stream, file, begins_s)
            found = await asyncio.to_thread(judged, before, after)
            if found.outcome == "known":
                return True
    return False


async def compare_sound(
    workspace: Workspace, request: CompareSound, progress: OnProgress | None = None
) -> SoundLag:
    sound, beside = request.sound, request.beside
    async with workspace.folder() as folder:
        file = await workspace.local(sound.key, folder)
        given = await delivered(workspace, sound, sound.streams[0], file)
        known = await workspace.local(beside.key, folder)
        there = await _heard(
            workspace, ["-i", "{in.sound}"], "[0:a:0]", media.Input(path=known, trusted=True)
        )
    lag_ms = await asyncio.to_thread(lag_beside, there, given)
    return SoundLag(lag_ms=lag_ms, allowed_ms=OFFSET_MS)


def stream_of(sound: SoundSource, track: AudioTrack) -> AudioSource | None:
    """Returns the stream from which a track was made; None where it came from elsewhere."""
    plans = (plan for plan in plan_audio(sound) if plan.track.name == track.name)
    return next((plan.stream for plan in plans), None)


async def delivered(
    workspace: Workspace,
    sound: SoundSource,
    stream: AudioSource,
    file: Path,
    begins_s: float = 0.0,
) -> Samples:
    """Returns what a stream of a master or file is like from `begins_s` of the film on, in stereo,
    for at most `LISTENED_S`."""
    starts_s, cut = sound.starts_s + begins_s, "[dec:0]"
    seek = _from(starts_s)
    if sound.format in NOT_SOUGHT:  # a seek leads elsewhere
        seek, cut = [], f"[dec:0]asetpts=PTS-({starts_s:.6f})/TB,"
    opened = [*seek, "-f", sound.format, "-i", "{in.sound}", *steady((stream,), "stereo")]
    return await _heard(workspace, opened, cut, media.Input(path=file), also=all_beside(sound))


async def sampled(
    workspace: Workspace, sound: SoundSource, stream: AudioSource, file: Path
) -> list[Samples]:
    """Returns what a stream is like in windows of `WINDOW_S`, spread over all of the film; of two
    streams they are the same ones."""
    every_s = max(WINDOW_S, ceil(sound.programme.duration_ms / 1000 / _MOST_WINDOWS))
    opened = ["-f", sound.format, "-i", "{in.sound}", *steady((stream,), "stereo")]
    heard = await _heard(
        workspace,
        opened,
        f"[dec:0]asetpts=PTS-({sound.starts_s:.6f})/TB,",
        media.Input(path=file),
        also=all_beside(sound),
        then=f",asetnsamples={RATE},aselect='lt(mod(n,{every_s}),{WINDOW_S})',asetpts=N/SR/TB",
        most_s=_MOST_WINDOWS * WINDOW_S,
    )
    length = WINDOW_S * RATE
    return [heard[begin : begin + length] for begin in range(0, len(heard), length)]


def _from(begins_s: float) -> list[str]:
    return ["-ss", f"{begins_s:.6f}"] if begins_s > 0 else []


async def _heard(
    workspace: Workspace,
    opened: list[str],
    stream: str,
    file: media.Input,
    secrets: dict[str, str] | None = None,
    also: Sequence[str] = (),
    then: str = "",
    most_s: float = LISTENED_S,
) -> Samples:
    # first_pts: what starts late is late, not moved to the beginning
    chain = f"aresample={RATE}:first_pts=0:async=1,aformat=sample_fmts=flt:channel_layouts=stereo"
    async with workspace.folder() as folder:
        await workspace.run(
            media.Tool.FFMPEG,
            [
                *opened,
                *("-filter_complex", f"{stream}{chain}{then}[h]", "-map", "[h]", "-t", f"{most_s}"),
                *("-c:a", "pcm_f32le", "-f", "f32le", "{out}/sound"),
                *also,
            ],
            {"sound": file},
            folder,
            secrets=secrets,
        )
        raw = await asyncio.to_thread((folder / "sound").read_bytes)
        return np.frombuffer(raw, dtype=np.float32).astype(np.float64).reshape(-1, 2)


def judged(before: Samples, after: Samples) -> Agreement:
    """Returns how late `after` is behind `before`, which is the same sound, over what both have."""
    before, after = _audible(before, after)
    if min(_loudness(before), _loudness(after)) < SILENT:
        return Agreement(offset_ms=None, outcome="silent")
    if len(before) < _SHORT_S * RATE:
        return Agreement(offset_ms=None, outcome="short")
    lags_ms, likeness = _compared(before, after)
    best = int(np.argmax(likeness))
    if likeness[best] < ALIKE:
        return Agreement(offset_ms=None, outcome="unlike")
    near = np.where(np.abs(lags_ms) <= OFFSET_MS, likeness, -1.0)
    best_near = int(np.argmax(near))
    if likeness[best] > _CLEARLY * near[best_near]:
        return Agreement(offset_ms=float(lags_ms[best]), outcome="known")
    elsewhere = np.abs(lags_ms - lags_ms[best_near]) > OFFSET_MS
    if likeness[elsewhere].max(initial=-1.0) * _CLEARLY >= near[best_near]:
        return Agreement(offset_ms=None, outcome="repeats")
    return Agreement(offset_ms=float(lags_ms[best_near]), outcome="known")


def likeness(before: Samples, after: Samples) -> float | None:
    """Returns how alike two sounds are in their place, to within `OFFSET_MS`: 1 is the same but for
    loudness. None where neither is heard, or for too short."""
    before, after = _audible(before, after)
    heard = [_loudness(one) >= SILENT for one in (before, after)]
    if not any(heard) or len(before) < _SHORT_S * RATE:
        return None
    if not all(heard):
        return 0.0
    lags_ms, alike = _compared(before, after)
    return float(alike[np.abs(lags_ms) <= OFFSET_MS].max())


def is_audible(samples: Samples) -> bool:
    return _loudness(samples) >= SILENT


def lag_beside(there: Samples, given: Samples) -> float | None:
    """Returns how late `given` is beside a sound of the same film that is `there`. None where they
    have too little in common to tell; near zero unless another place is clearly better."""
    there, given = _audible(there, given)
    if min(_loudness(there), _loudness(given)) < SILENT:
        return None
    lags_ms, likeness = _compared(there, given)
    best = int(np.argmax(likeness))
    if likeness[best] < ALIKE:
        return None
    near = np.where(np.abs(lags_ms) <= OFFSET_MS, likeness, -1.0)
    best_near = int(np.argmax(near))
    moved = likeness[best] > _CLEARLY * near[best_near]
    return float(lags_ms[best if moved else best_near])


def _audible(first: Samples, second: Samples) -> tuple[Samples, Samples]:
    """Returns both in mono, as long as the shorter one: by what is common to their channels, unless
    that is next to nothing, as in stereo out of phase, and the difference is heard."""
    length = min(len(first), len(second))
    parts = [
        (one[:length, 0] + sign * one[:length, 1]) / 2
        for sign in (1, -1)
        for one in (first, second)
    ]
    common, different = parts[:2], parts[2:]
    if _MOSTLY * max(map(_loudness, common)) < min(map(_loudness, different)):
        return different[0], different[1]
    return common[0], common[1]


def _compared(before: Samples, after: Samples) -> tuple[Samples, Samples]:
    """Returns lags of `after` in milliseconds, and how alike the two are at each: 1 is the same."""
    # Slow to import, and needed once a film: a worker starts without it.
    from scipy.signal import correlate, correlation_lags

    strength = correlate(after, before, mode="full", method="fft")
    scale = float(np.linalg.norm(before) * np.linalg.norm(after))
    lags = correlation_lags(len(after), len(before))
    return lags * 1000 / RATE, strength / scale


def _loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
