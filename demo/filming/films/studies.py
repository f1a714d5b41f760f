"""Studies in Motion and Interference: one formula each, and tones to match."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import convolve

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, ease, mix
from demo.filming.music import RATE, Sound, Tape, bell, keys, noise, pad, pluck, times
from demo.filming.reel import Film, Track, drawn

SECONDS, RATE_OF_FRAMES = 30.0, 24
COUNT = round(SECONDS * RATE_OF_FRAMES)
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


def colours(*stops: str, steps: int = 1024) -> NDArray[np.float32]:
    """Returns a table of colours, soft between the stops."""
    rgb = np.array([[int(s[i : i + 2], 16) for i in (1, 3, 5)] for s in stops], float)
    at = np.linspace(0, len(stops) - 1, steps)
    made = np.stack([np.interp(at, np.arange(len(stops)), rgb[:, i]) for i in range(3)], axis=1)
    return made.astype(np.float32)


def shade(value: Floats, table: NDArray[np.float32], n: int, seconds: float = SECONDS) -> Pixels:
    """Returns values from 0 to 1 as colours, fading in at the start of the film and out at its
    end, with a little noise against bands."""
    t = n / RATE_OF_FRAMES
    light = ease(t, 0, 1.2) * (1 - ease(t, seconds - 1.5, seconds - 0.1))
    index = (value * (len(table) - 1)).clip(0, len(table) - 1).astype(np.int32)
    frame = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    frame[..., :3] = (table[index] * np.float32(light) + _DITHER).clip(0, 255)
    return frame


def enlarged(field: Floats) -> Floats:
    """Returns a smooth field, computed on fewer points, at every pixel."""
    small = Image.fromarray(field.astype(np.float32))
    return np.asarray(small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


_DITHER = np.random.default_rng(5).uniform(0, 1, (HEIGHT, WIDTH, 1)).astype(np.float32)


# -- Colony: Conway's life on a torus, drawn as discs that glow for a while


def colony(canvas: Canvas, t: float) -> None:
    cells, age = _GENERATIONS[min(len(_GENERATIONS) - 1, int(t * 10))]
    canvas.clear("#10122b")
    pitch = WIDTH / cells.shape[1]
    for y, x in zip(*np.nonzero(age > 0.06), strict=True):
        at = ((x + 0.5) * pitch, (y + 0.5) * pitch)
        if cells[y, x]:
            canvas.disc(*at, pitch * 0.42, mix("#ffd166", "#ef476f", age[y, x] - 1))
        else:
            canvas.disc(*at, pitch * 0.3 * age[y, x], mix("#10122b", "#3a2f6b", age[y, x]))
    canvas.veil(max(1 - ease(t, 0, 1), ease(t, SECONDS - 1.4, SECONDS - 0.1)), "#10122b")


def _generations() -> list[tuple[NDArray[np.bool_], Floats]]:
    """Returns the living cells of each generation, and how old each is: above 1 if it lives."""
    rng = np.random.default_rng(42)
    cells = np.zeros((27, 48), bool)
    cells[5:22, 8:40] = rng.random((17, 32)) < 0.36
    cells |= cells[:, ::-1]
    age = cells * 1.0
    made = []
    near = np.ones((3, 3), int)
    near[1, 1] = 0
    for _ in range(round(SECONDS * 10)):
        made.append((cells, age))
        count = convolve(cells.astype(int), near, mode="wrap")
        cells = (count == 3) | (cells & (count == 2))
        age = np.where(
            cells, np.minimum(2.0, np.maximum(age, 1.0) + 0.08), np.minimum(age, 1.0) * 0.8
        )
    return made


_GENERATIONS = _generations()


def colony_sound() -> Sequence[Track]:
    tape, scale = Tape(SECONDS), "A3 C4 D4 E4 G4 A4 C5 D5 E5 G5".split()
    for n, (cells, _) in enumerate(_GENERATIONS[::2]):
        column = cells[:, (n * 2) % cells.shape[1]]
        for row in np.flatnonzero(column)[:3]:
            note = scale[(len(column) - 1 - row) * len(scale) // len(column)]
            tape.add(pluck(note, 1.2, 0.992), n * 0.2, 0.5, (n % 32 - 16) / 18)
        if n % 8 == 0:
            tape.add(keys("A2" if n % 16 else "F2", 1.8), n * 0.2, 0.7)
    return [Track(tape.finished(room=0.25, room_s=1.6))]


# -- Slow Weather: layers of cut paper, where one field of waves passes through another


def weather(every: int) -> Iterator[Pixels]:
    y, x = np.mgrid[0:HEIGHT:3, 0:WIDTH:3].astype(np.float32) / 300
    papers = (
        "#12233f",
        "#1d4e6b",
        "#2f8486",
        "#7fb69a",
        "#e6d8a8",
        "#f2b277",
        "#e2725b",
        "#a63d5b",
    )
    table = _steps(papers)
    for n in range(every // 2, COUNT, every):
        t = n / RATE_OF_FRAMES * 0.22
        bent = x + 0.55 * np.sin(1.3 * y + 2 * t) + 0.25 * np.sin(2.7 * y - 3 * t)
        other = y + 0.5 * np.sin(1.7 * x - 1.5 * t) + 0.3 * np.cos(bent * 2 + t)
        value = 0.5 + 0.27 * np.sin(bent * 1.6 + t) + 0.23 * np.cos(other * 2.1 - t * 1.7)
        yield shade(enlarged(value), table, n)


def _steps(papers: Sequence[str], steps: int = 4096) -> NDArray[np.float32]:
    """Returns flat colours, each with a narrow shadow where the paper above it ends."""
    flat = colours(*papers, steps=len(papers))
    share = np.linspace(0, len(papers) - 1e-6, steps)
    within = share % 1.0
    light = 1 - 0.3 * np.exp(-within * 9) * (share >= 1)
    last = share >= len(papers) - 1
    edge = np.where(last, 1, np.minimum(1, (1 - within) / 0.02))[:, None].astype(np.float32)
    above = np.minimum(len(papers) - 1, share.astype(int) + 1)
    made: NDArray[np.float32] = (
        flat[share.astype(int)] * light[:, None] * edge + flat[above] * 0.7 * (1 - edge)
    ).astype(np.float32)
    return made


def weather_sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    wind = noise(SECONDS, 8, 200, 900) * (0.5 + 0.5 * np.sin(2 * np.pi * 0.11 * times(SECONDS)))
    tape.add(wind, 0, 0.12, -0.5)
    for n, chord in enumerate(
        (
            ("G2", "D3", "B3", "F#4"),
            ("E2", "B2", "G3", "D4"),
            ("C2", "G2", "E3", "B3"),
            ("D2", "A2", "F#3", "C4"),
        )
    ):
        tape.add(pad(chord, 8.0, 1100.0, 2.4), n * 5.6, 0.9)
    for n, note in enumerate("B4 D5 F#5 D5 G4 B4 D5 B4 E5 G5 B5 G5 F#5 A5 D5".split()):
        tape.add(keys(note, 2.2), 1.4 + n * 1.4, 0.3, 0.6 * (-1) ** n)
    return [Track(tape.finished(room=0.4, room_s=3))]


# -- Interference: two stones in a pond, lit from the side

POND_S = 36.0


def pond(every: int) -> Iterator[Pixels]:
    y, x = np.mgrid[0:HEIGHT:2, 0:WIDTH:2].astype(np.float32)
    table = colours("#06122b", "#0f3a5f", "#2a7f8f", "#9ed8c6", "#fff3d6", "#ffd9a0")
    for n in range(every // 2, round(POND_S * RATE_OF_FRAMES), every):
        t = n / RATE_OF_FRAMES
        high = np.zeros_like(x)
        for k, (start, phase) in enumerate(((0.8, 0.0), (7.0, 2.2))):
            at_x = WIDTH * (0.31 if k == 0 else 0.69) + 60 * np.sin(t * 0.21 + phase)
            at_y = HEIGHT * 0.5 + 70 * np.cos(t * 0.17 + phase)
            away = np.hypot(x - at_x, (y - at_y) * 1.15)
            reached = 1 / (1 + np.exp((away - (t - start) * 115) / 16)) if t > start else 0.0
            high += np.sin(away / 13.5 - (t - start) * 5.2) * reached * 34 / (34 + away * 0.09)
        slope = np.gradient(high, axis=1) * 1.3 + np.gradient(high, axis=0) * 0.75
        lit = 0.36 + 0.3 * np.tanh(slope * 1.5) + 0.11 * high + 0.1 * (y / HEIGHT - 0.5)
        yield shade(enlarged(lit), table, n, POND_S)


def pond_sound() -> Sequence[Track]:
    tape, t = Tape(POND_S), times(POND_S)
    for start, f, pan in ((0.8, 110.0, -0.8), (7.0, 112.0, 0.8)):
        for part, gain in ((1, 0.5), (2, 0.2), (3, 0.09)):
            swell: Sound = np.minimum(1, np.maximum(0, t - start) / 3)
            tape.add(np.sin(2 * np.pi * f * part * t) * swell, 0, gain, pan)
        tape.add(_drop(), start, 1.6, pan)
    for n, note in enumerate("E5 A5 B5 C#6 E6 B5 A5 E5 F#5 C#6 B5 E5".split()):
        tape.add(bell(note), 9 + n * 2.1, 0.25, np.sin(n * 1.3))
    return [Track(tape.finished(room=0.45, room_s=3.5))]


def _drop() -> Sound:
    t = np.arange(RATE // 3) / RATE
    made: Sound = np.sin(2 * np.pi * (420 * t + 900 * t * t)) * np.exp(-14 * t)
    return made


FILMS = {
    "studies-colony": Film(drawn(SECONDS, colony), colony_sound, SECONDS),
    "studies-slow-weather": Film(weather, weather_sound, SECONDS, crf=23),
    "interference": Film(pond, pond_sound, POND_S, crf=23),
}
