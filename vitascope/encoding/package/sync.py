"""How far sound has moved against the picture between master and package.

Both are decoded to mono at 8 kHz from the first picture on, and the lag at which they agree best
is found by cross-correlation: 0.125 ms a step, far finer than an ear, and blind to loudness.
"""

import asyncio
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vitascope.encoding.contract.master import AudioSource, Source
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack
from vitascope.licensing import ContentKey

RATE = 8_000
LISTENED_S = 30
SILENT = 30.0  # RMS of 16 bit samples, about -61 dBFS
ALIKE = 0.3  # normalised correlation below which two sounds are not the same sound

Samples = npt.NDArray[np.float64]


async def sound_offset_ms(
    workspace: Workspace,
    source: Source,
    track: AudioTrack,
    master: Path,
    packaged: Path,
    key: ContentKey,
) -> float | None:
    """Returns how late the packaged sound comes (below zero: early). None when there is nothing to
    hear."""
    stream = _stream_of(source, track)
    if stream is None:
        return None
    begins = ["-ss", f"{source.video_start_s:.6f}"] if source.video_start_s > 0 else []
    before = await _heard(
        workspace,
        [*begins, "-f", source.format, "-i", "{in.sound}", "-map", f"0:{stream.index}"],
        media.Input(path=master),
    )
    after = await _heard(
        workspace,
        ["-decryption_key", "{secret.key}", "-i", "{in.sound}", "-map", "0:a:0"],
        media.Input(path=packaged, trusted=True),
        {"key": key.key.hex()},
    )
    return await asyncio.to_thread(offset_ms, before, after)


def _stream_of(source: Source, track: AudioTrack) -> AudioSource | None:
    """Returns the master's stream a track was made from: the first of its language and kind."""
    alike = [
        stream
        for stream in source.audio
        if stream.language == track.language and stream.descriptive == track.descriptive
    ]
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
    # Slow to import, and needed once a film: a worker starts without it.
    from scipy.signal import correlate, correlation_lags

    strength = correlate(after, before, mode="full", method="fft")
    scale = float(np.linalg.norm(before) * np.linalg.norm(after))
    best = int(np.argmax(strength))
    if strength[best] / scale < ALIKE:
        return float("inf")
    return float(correlation_lags(len(after), len(before))[best]) * 1000 / RATE


def _loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
