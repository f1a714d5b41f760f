"""How far sound has moved against the picture: between master and package, or of a new track
beside one that the film has.

Both are decoded to mono at 8 kHz from the first picture on, and the lag at which they agree best
is found by cross-correlation: 0.125 ms a step, far finer than an ear, and blind to loudness.
"""

import asyncio
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vitascope.encoding.contract.companions import CompareSound, SoundLag
from vitascope.encoding.contract.master import AudioSource, SoundSource
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack
from vitascope.licensing import ContentKey

RATE = 8_000
LISTENED_S = 30
SILENT = 30.0  # RMS of 16 bit samples, about -61 dBFS
ALIKE = 0.3  # normalised correlation below which two sounds are not the same sound
OFFSET_MS = 40.0  # of sound against picture, beyond which it is seen (ITU-R BT.1359: +45, -125)
_CLEARLY = 1.25  # by how much another place must agree better before sound counts as moved: music
# repeats itself, and agrees with itself a bar later nearly as well

Samples = npt.NDArray[np.float64]


async def sound_offset_ms(
    workspace: Workspace,
    sound: SoundSource,
    track: AudioTrack,
    file: Path,
    packaged: Path,
    key: ContentKey,
) -> float | None:
    """Returns how late the packaged sound comes (below zero: early). None when there is nothing to
    hear."""
    stream = stream_of(sound, track)
    if stream is None:
        return None
    before = await _delivered(workspace, sound, stream, file)
    after = await _heard(
        workspace,
        ["-decryption_key", "{secret.key}", "-i", "{in.sound}", "-map", "0:a:0"],
        media.Input(path=packaged, trusted=True),
        {"key": key.key.hex()},
    )
    return await asyncio.to_thread(offset_ms, before, after)


async def compare_sound(
    workspace: Workspace, request: CompareSound, progress: OnProgress | None = None
) -> SoundLag:
    sound, beside = request.sound, request.beside
    async with workspace.folder() as folder:
        file = await workspace.local(sound.key, folder)
        given = await _delivered(workspace, sound, sound.streams[0], file)
        known = await workspace.local(beside.key, folder)
        there = await _heard(
            workspace,
            ["-i", "{in.sound}", "-map", "0:a:0"],
            media.Input(path=known, trusted=True),
        )
    lag_ms = await asyncio.to_thread(lag_beside, there, given)
    return SoundLag(lag_ms=lag_ms, allowed_ms=OFFSET_MS)


async def _delivered(
    workspace: Workspace, sound: SoundSource, stream: AudioSource, file: Path
) -> Samples:
    begins = ["-ss", f"{sound.starts_s:.6f}"] if sound.starts_s > 0 else []
    return await _heard(
        workspace,
        [*begins, "-f", sound.format, "-i", "{in.sound}", "-map", f"0:{stream.index}"],
        media.Input(path=file),
    )


def stream_of(sound: SoundSource, track: AudioTrack) -> AudioSource | None:
    """Returns the stream a track was made from: the first of its language and kind."""
    alike = [
        stream
        for stream in sound.streams
        if stream.language == track.language and stream.descriptive == track.descriptive
    ]
    if track.commentary != sound.commentary:
        return None
    same = [stream for stream in alike if (stream.channels >= 6) == (track.channels >= 6)]
    return next(iter(same or alike), None)


async def _heard(
    workspace: Workspace,
    opened: list[str],
    file: media.Input,
    secrets: dict[str, str] | None = None,
) -> Samples:
    async with workspace.folder() as folder:
        # first_pts: what starts late is late, not moved to the beginning
        await workspace.run(
            media.Tool.FFMPEG,
            [
                *opened,
                *(
                    "-af",
                    f"aresample={RATE}:first_pts=0:async=1",
                    "-ac",
                    "1",
                    "-t",
                    str(LISTENED_S),
                ),
                *("-f", "s16le", "-c:a", "pcm_s16le", "{out}/sound"),
            ],
            {"sound": file},
            folder,
            secrets=secrets,
        )
        raw = await asyncio.to_thread((folder / "sound").read_bytes)
        return np.frombuffer(raw, dtype=np.int16).astype(np.float64)


def offset_ms(before: Samples, after: Samples) -> float | None:
    """Returns the lag of `after` behind `before`; infinite when they are not the same sound."""
    if min(_loudness(before), _loudness(after)) < SILENT:
        return None
    lags_ms, likeness = _compared(before, after)
    best = int(np.argmax(likeness))
    return float(lags_ms[best]) if likeness[best] >= ALIKE else float("inf")


def lag_beside(there: Samples, given: Samples) -> float | None:
    """Returns how late `given` is beside a sound of the same film that is `there`. None where they
    have too little in common to tell; near zero unless another place is clearly better."""
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
