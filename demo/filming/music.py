"""Instruments as arrays of samples, and a tape to lay them on.

A sound is an array of samples by channel (one channel may be flat), 48,000 a second.
"""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

RATE = 48_000
Sound = NDArray[np.float64]
_NOTES = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}


def hertz(note: str) -> float:
    """Returns the frequency of a note, like "A4", "Eb3" or "F#5"."""
    found = re.fullmatch(r"([A-G])([#b]?)(\d)", note)
    if not found:
        raise ValueError(f"{note} is no note")
    letter, sign, octave = found.groups()
    steps = _NOTES[letter] + {"#": 1, "b": -1, "": 0}[sign] + 12 * (int(octave) - 4)
    return float(440 * 2 ** (steps / 12))


def times(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE)) / RATE


@cache
def pluck(note: str, seconds: float = 2.5, damping: float = 0.996) -> Sound:
    """A plucked string, by Karplus and Strong."""
    period = round(RATE / hertz(note) - 0.5)
    burst = np.zeros(round(seconds * RATE))
    burst[:period] = np.random.default_rng(period).uniform(-1, 1, period)
    burst[:period] -= burst[:period].mean()
    feedback = np.zeros(period + 2)
    feedback[[0, period, period + 1]] = 1, -damping / 2, -damping / 2
    return _tail(lfilter([1.0], feedback, burst), 0.05) * 0.6


@cache
def keys(note: str, seconds: float = 2.0, bright: float = 1.2) -> Sound:
    """An electric piano, by frequency modulation."""
    t, f = times(seconds), hertz(note)
    bell = np.sin(2 * np.pi * 14 * f * t) * np.exp(-9 * t) * 0.25
    body = np.sin(2 * np.pi * f * t + bright * np.exp(-2.5 * t) * np.sin(2 * np.pi * f * t) + bell)
    return _tail(_attack(body * np.exp(-1.6 * t), 0.004), 0.08) * 0.5


@cache
def piano(note: str, seconds: float = 3.0, soft: float = 1.0) -> Sound:
    """A felted piano: partials a little sharp, the higher the sooner gone."""
    t, f = times(seconds), hertz(note)
    made = np.zeros_like(t)
    for n in range(1, 9):
        partial = n * f * np.sqrt(1 + 0.0004 * n * n)
        made += np.sin(2 * np.pi * partial * t) * np.exp(-(0.9 + 0.7 * n * soft) * t) / n**1.4
    return _tail(_attack(made, 0.006), 0.1) * 0.4


@cache
def bell(note: str, seconds: float = 4.0) -> Sound:
    t, f = times(seconds), hertz(note)
    partials = ((1, 1, 0.9), (2.0, 0.5, 1.4), (2.76, 0.45, 2.0), (5.4, 0.25, 3.5), (8.93, 0.1, 6))
    made = sum(a * np.sin(2 * np.pi * f * r * t) * np.exp(-d * t) for r, a, d in partials)
    return _tail(_attack(np.asarray(made), 0.002), 0.1) * 0.3


@cache
def marimba(note: str, seconds: float = 1.2) -> Sound:
    t, f = times(seconds), hertz(note)
    made = np.sin(2 * np.pi * f * t) * np.exp(-5 * t)
    made += 0.35 * np.sin(2 * np.pi * f * 3.93 * t) * np.exp(-18 * t)
    made += 0.12 * np.sin(2 * np.pi * f * 9.2 * t) * np.exp(-40 * t)
    return _tail(_attack(made, 0.002), 0.05) * 0.7


@cache
def pad(notes: tuple[str, ...], seconds: float, dark: float = 900.0, swell: float = 1.5) -> Sound:
    """A chord of strings in two channels, each voice three times, a little apart."""
    t = times(seconds)
    sides = []
    for side in (0, 1):
        made = np.zeros_like(t)
        for n, note in enumerate(notes):
            for m, cents in enumerate((-7, 0, 6)):
                f = hertz(note) * 2 ** ((cents + side * 3) / 1200)
                phase = (t * f + 0.37 * n + 0.21 * m + 0.5 * side) % 1.0
                made += 2 * phase - 1
        sides.append(lowpass(made / len(notes) / 3, dark))
    edge = np.minimum(1, np.minimum(t / swell, (seconds - t) / swell)).clip(0)
    shape = edge * edge * (3 - 2 * edge)
    return np.asarray(np.stack(sides, axis=1) * shape[:, None] * 0.5)


@cache
def bass(note: str, seconds: float = 0.6) -> Sound:
    t, f = times(seconds), hertz(note)
    made = np.sin(2 * np.pi * f * t) + 0.3 * np.sin(4 * np.pi * f * t) * np.exp(-6 * t)
    return _tail(_attack(made * np.exp(-2.2 * t), 0.005), 0.06) * 0.6


@cache
def flute(note: str, seconds: float = 1.0) -> Sound:
    """A soft wind: few partials, a breath, and a trembling that comes late."""
    t, f = times(seconds), hertz(note)
    sway = 0.012 * np.sin(2 * np.pi * 5.2 * t) * np.minimum(1, t / 0.6)
    phase = 2 * np.pi * f * (t + np.cumsum(sway) / RATE)
    made = np.sin(phase) + 0.28 * np.sin(2 * phase) + 0.09 * np.sin(3 * phase)
    breath = noise(seconds, 5, low=f, high=min(12_000, 6 * f)) * 0.03
    edge = np.minimum(1, np.minimum(t / 0.07, (seconds - t) / 0.12)).clip(0)
    return np.asarray((made + breath[: len(t)]) * edge * 0.35)


@cache
def kick(seconds: float = 0.4) -> Sound:
    t = times(seconds)
    made: Sound = np.sin(2 * np.pi * (48 * t + 9 * (1 - np.exp(-28 * t)))) * np.exp(-9 * t)
    return made


@cache
def hat(seconds: float = 0.09) -> Sound:
    t = times(seconds)
    return noise(seconds, 3, low=7000, high=16_000)[: len(t)] * np.exp(-55 * t) * 0.35


@cache
def clap(seconds: float = 0.25) -> Sound:
    t = times(seconds)
    return noise(seconds, 4, low=900, high=7000)[: len(t)] * np.exp(-22 * t) * 0.6


@cache
def wood(note: str = "A5") -> Sound:
    t = times(0.15)
    return np.sin(2 * np.pi * hertz(note) * t) * np.exp(-45 * t) * 0.6


def noise(seconds: float, seed: int, low: float, high: float) -> Sound:
    """Noise between two frequencies, at about full level."""
    raw = np.random.default_rng(seed).normal(0, 1, round(seconds * RATE))
    made: Sound = sosfilt(butter(2, [low, high], "bandpass", fs=RATE, output="sos"), raw)
    return made / max(1e-9, float(np.abs(made).max()))


def lowpass(sound: Sound, cut: float) -> Sound:
    made: Sound = sosfilt(butter(2, cut, "lowpass", fs=RATE, output="sos"), sound, axis=0)
    return made


class Tape:
    """So many seconds of silence, to lay sounds on."""

    def __init__(self, seconds: float, channels: int = 2) -> None:
        self._sound = np.zeros((round(seconds * RATE), channels))

    def add(self, sound: Sound, at_s: float, gain: float = 1.0, pan: float = 0.0) -> None:
        """Lay a sound of one channel between left (-1) and right (1), or one of all channels."""
        if sound.ndim == 1:
            angle = (pan + 1) * np.pi / 4
            sound = np.stack([np.cos(angle) * sound, np.sin(angle) * sound], axis=1)
        start = round(at_s * RATE)
        end = min(len(self._sound), start + len(sound))
        if 0 <= start < end:
            self._sound[start:end] += sound[: end - start] * gain

    def to(self, channel: int, sound: Sound, at_s: float, gain: float = 1.0) -> None:
        """Lay a sound of one channel on one channel."""
        start = round(at_s * RATE)
        end = min(len(self._sound), start + len(sound))
        if 0 <= start < end:
            self._sound[start:end, channel] += sound[: end - start] * gain

    def finished(self, *, room: float = 0.2, room_s: float = 2.0, level: float = 0.1) -> Sound:
        """Returns what was laid, in a room, at an effective level, its end faded, below full
        scale."""
        wet = _in_a_room(self._sound, room_s) if room else 0.0
        made = self._sound + room * wet
        loud = np.sqrt(np.mean(np.square(made)))
        made = np.tanh(made * (level / max(1e-9, loud)))
        fade = round(1.2 * RATE)
        made[-fade:] *= np.linspace(1, 0, fade)[:, None]
        return np.asarray(made * 0.89)


def melody(
    tape: Tape, notes: Sequence[tuple[float, str]], instrument: "Instrument", beat: float,
    start: float = 0.0, gain: float = 1.0, pan: float = 0.0,
) -> None:  # fmt: skip
    """Lay notes, each at a beat, counted from `start` seconds."""
    for at, note in notes:
        tape.add(instrument(note), start + at * beat, gain, pan)


class Instrument:
    """A kind of sound with its settings, asked for a note."""

    def __init__(self, kind: object, *settings: float) -> None:
        self._kind, self._settings = kind, settings

    def __call__(self, note: str) -> Sound:
        made: Sound = self._kind(note, *self._settings)  # type: ignore[operator]
        return made


def _in_a_room(sound: Sound, seconds: float) -> Sound:
    t = times(seconds)
    rooms = []
    for channel in range(sound.shape[1]):
        tail = np.random.default_rng(11 + channel).normal(0, 1, len(t)) * np.exp(-6.5 * t / seconds)
        tail[: round(0.012 * RATE)] = 0
        tail = lowpass(tail, 5500) / np.sqrt(np.sum(np.square(tail)))
        rooms.append(fftconvolve(sound[:, channel], tail)[: len(sound)])
    return np.stack(rooms, axis=1)


def _attack(sound: Sound, seconds: float) -> Sound:
    count = max(1, round(seconds * RATE))
    sound[:count] *= np.linspace(0, 1, count)
    return sound


def _tail(sound: Sound, seconds: float) -> Sound:
    count = min(len(sound), round(seconds * RATE))
    sound[-count:] *= np.linspace(1, 0, count)
    return sound
