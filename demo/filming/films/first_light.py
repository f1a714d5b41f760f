"""First Light: a sunrise over ridges and a lake, in high dynamic range: 10 bits, PQ, Rec. 2020.

Light is computed in candelas per square metre: paper white is 203, the sun 1,000.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter1d

from demo.filming.canvas import HEIGHT, WIDTH, ease
from demo.filming.music import Tape, bell, flute, lowpass, noise, pad, piano
from demo.filming.reel import Film, Track

SECONDS, RATE = 40.0, 24
STEP = 2  # light is soft: it is computed for every second pixel
SHORE = 520
Light = NDArray[np.float32]
# in linear light: deep sky, high haze, horizon, and the light that falls on the land
NIGHT, DAWN, DAY = (
    np.array([[1.2, 2.6, 9.0], [3.0, 4.6, 13.0], [9.0, 8.0, 15.0], [0.6, 0.9, 2.2]]),
    np.array([[9.0, 17.0, 44.0], [70.0, 44.0, 62.0], [330.0, 120.0, 44.0], [7.0, 5.0, 7.0]]),
    np.array(
        [[42.0, 88.0, 190.0], [150.0, 165.0, 200.0], [420.0, 290.0, 150.0], [24.0, 26.0, 22.0]]
    ),
)


def frames(every: int) -> Iterator[NDArray[np.uint16]]:
    ridges = [_ridge(n) for n in range(5)]
    y, x = np.mgrid[0:HEIGHT:STEP, 0:WIDTH:STEP].astype(np.float32)
    for n in range(every // 2, round(SECONDS * RATE), every):
        t = n / RATE
        light = _sky(x, y, t)
        light[:] = _land(light, ridges, y, t)
        light[SHORE // STEP :] = _lake(light, t)
        dark = ease(t, 0, 2.5) * (1 - ease(t, SECONDS - 2.5, SECONDS - 0.2))
        yield _pq(light * np.float32(dark))


def _hour(t: float) -> NDArray[np.float64]:
    if t < 20:
        return np.asarray(NIGHT + (DAWN - NIGHT) * ease(t, 2, 20))
    return np.asarray(DAWN + (DAY - DAWN) * ease(t, 20, 40))


def _sun(t: float) -> tuple[float, float]:
    share = max(0.0, (t - 13) / 29)
    return 700 + 190 * share, 492 - 300 * share


def _sky(x: Light, y: Light, t: float) -> Light:
    high, middle, low, _ = _hour(t)
    up = np.clip(y[:, :1] / SHORE, 0, 1)[..., None]
    light = np.where(
        up < 0.6,
        high + (middle - high) * np.clip(up / 0.6, 0, 1) ** 1.4,
        middle + (low - middle) * np.clip((up - 0.6) / 0.4, 0, 1) ** 2.2,
    )
    light = np.broadcast_to(light, (*x.shape, 3)).astype(np.float32)
    sx, sy = _sun(t)
    away = np.hypot(x - sx, y - sy)
    risen = np.float32(ease(t, 10, 19))
    glow = risen * (np.exp(-away / 190) * 260 + np.exp(-away / 60) * 300)
    disc = np.float32(ease(t, 13, 16)) * np.clip((44 - away) / 2, 0, 1) * 760
    light += (glow + disc)[..., None] * np.array([1.0, 0.62, 0.3], np.float32)
    for n in range(7):
        _cloud(light, x, y, n, t, sx)
    return light


def _cloud(light: Light, x: Light, y: Light, n: int, t: float, sx: float) -> None:
    cx, cy = (n * 331 + 90 + t * (4 + n)) % 1700 - 200, 130 + (n * 71) % 250
    rows = slice(max(0, cy - 26) // STEP, (cy + 27) // STEP)
    shape = np.exp(
        -(((x[rows] - cx) / (170 + 20 * (n % 3))) ** 2)
        - ((y[rows] - cy - 5 * np.sin(x[rows] / 60 + n)) / 10) ** 2
    )
    near = math.exp(-(((cx - sx) / 420) ** 2)) * ease(t, 6, 18)
    tone = np.array([40 + 520 * near, 30 + 210 * near, 40 + 90 * near]) * (0.1 + ease(t, 5, 22))
    light[rows] += (shape[..., None] * tone).astype(np.float32)


def _ridge(n: int) -> NDArray[np.float32]:
    """Returns how high a ridge stands at each column, in rows of the whole picture."""
    random = np.random.default_rng(60 + n)
    rough = sum(
        gaussian_filter1d(random.normal(0, 1, WIDTH + 400), size)[200:-200] * size**0.5 * gain
        for size, gain in ((90, 36 - 3 * n), (28, 13), (7, 3 + n * 0.7))
    )
    return np.asarray(388 + 31 * n - np.asarray(rough) * (1.5 - 0.1 * n), np.float32)[::STEP]


def _land(light: Light, ridges: Sequence[NDArray[np.float32]], y: Light, t: float) -> Light:
    _, _, low, ground = _hour(t)
    for n, ridge in enumerate(ridges):
        haze = (1 - n / 4.4) ** 1.6
        tone = (ground * (1.1 - 0.12 * n) + low * 0.34 * haze).astype(np.float32)
        cover = np.clip((y - ridge[None]) / STEP, 0, 1)[..., None]
        fog = np.exp(-np.clip(y - ridge[None], 0, None) / 55)[..., None]
        light = light * (1 - cover) + cover * (tone * (0.72 + 0.28 * fog))
    return light


def _lake(light: Light, t: float) -> Light:
    """The sky again, upside down and torn by ripples that catch the sun."""
    rows = np.arange(0, HEIGHT - SHORE, STEP)
    wave = np.sin(rows * 0.9 - t * 3.1) * 3 + np.sin(rows * 0.33 + t * 1.7) * 4
    source = np.clip(SHORE - 1 - rows * 1.9 - wave * rows / 60, 0, SHORE - 1).astype(int) // STEP
    mirror = light[source] * np.float32(0.55)
    sx, _ = _sun(t)
    columns = np.arange(0, WIDTH, STEP)
    width = 10 + rows[:, None] * 0.62
    path = np.exp(-(((columns[None] - sx) / width) ** 2))
    ripple = np.sin(columns[None] * 0.055 + rows[:, None] * 1.3 + t * 4) * np.sin(
        rows[:, None] * 0.7 - t * 2.6
    )
    glint = np.clip(ripple - 0.35, 0, 1) * path * ease(t, 14, 20) * 900
    mirror += (glint[..., None] * np.array([1.0, 0.72, 0.42])).astype(np.float32)
    return np.asarray(mirror, np.float32)


_TABLE_STEPS = 1 << 15


def _pq(light: Light) -> NDArray[np.uint16]:
    """Returns light as PQ codes (SMPTE ST 2084), by a table over the fourth root of it. The
    primaries are Rec. 2020's, as its colours are given."""
    index = np.sqrt(np.sqrt(np.clip(light, 0, 1000) / 1000)) * (_TABLE_STEPS - 1)
    codes = _TABLE[index.astype(np.int32)].astype(np.float32)
    planes = [
        Image.fromarray(codes[..., n]).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        for n in range(3)
    ]
    return np.stack([np.asarray(each) for each in planes], axis=-1).clip(0, 65535).astype(np.uint16)


def _table() -> NDArray[np.uint16]:
    share = (np.arange(_TABLE_STEPS) / (_TABLE_STEPS - 1)) ** 4 * 0.1  # of 10,000 cd/m²
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = share**m1
    return np.asarray(((c1 + c2 * power) / (1 + c3 * power)) ** m2 * 65535, np.uint16)


_TABLE = _table()


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    tape.add(lowpass(noise(SECONDS, 51, 80, 1200), 700), 0, 0.05)
    for n in range(14):
        chirp = flute(("E6", "G6", "D6", "B6")[n % 4], 0.14)
        for k in range(2 + n % 3):
            tape.add(chirp, 7 + n * 2.1 + k * 0.19, 0.1, 0.8 * (-1) ** n)
    chords = (
        ("D2", "A2", "E3"),
        ("G2", "D3", "B3"),
        ("A2", "E3", "C#4", "F#4"),
        ("D2", "A2", "F#3", "A3", "E4"),
        ("D2", "D3", "A3", "F#4"),
    )
    for n, chord in enumerate(chords):
        tape.add(pad(chord, 12.0, 500.0 + 320 * n, 4.0), n * 7.8, 0.7 + 0.16 * n)
    for n, note in enumerate("A3 E4 D4 B4 A4 D5 C#5 E5 F#5 A5 F#5 E5 D5".split()):
        tape.add(piano(note, 4.5), 5 + n * 2.6, 0.45, 0.3 * (-1) ** n)
    for note in ("D5", "F#5", "A5", "D6"):
        tape.add(bell(note, 6.0), 14.2, 0.3)
    return [Track(tape.finished(room=0.5, room_s=4.5))]


FILMS = {"first-light-hdr": Film(frames, sound, SECONDS, hdr=True)}
