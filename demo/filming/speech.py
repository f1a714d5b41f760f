"""Speech by espeak-ng, which gives what it says to whoever runs it."""

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from scipy.io import wavfile
from scipy.signal import resample_poly

from demo.filming.music import RATE, Sound, Tape

Line = tuple[float, str]
"""When it is said, in seconds, and what."""


@cache
def said(text: str, voice: str, speed: int = 140, pitch: int = 40) -> Sound:
    """Returns a text as sound; `speed` in words a minute, `pitch` from 0 to 99."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "said.wav"
        words = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-g", "6"]
        subprocess.run([*words, "-w", str(file), text], check=True)
        rate, samples = wavfile.read(file)
    made = resample_poly(samples / 32768, RATE, rate)
    return np.asarray(made / max(1e-6, float(np.abs(made).max())) * 0.5)


def spoken(
    tape: Tape, lines: Iterable[Line], voice: str, speed: int, pitch: int, gain: float = 1.0
) -> None:
    for at, text in lines:
        tape.add(said(text, voice, speed, pitch), at, gain)


def web_vtt(lines: Sequence[Line], ends: Sequence[float]) -> str:
    """Returns lines as WebVTT, each until its end."""
    cues = [
        f"{_clock(at)} --> {_clock(end)}\n{text}\n"
        for (at, text), end in zip(lines, ends, strict=True)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{seconds % 60:06.3f}"
