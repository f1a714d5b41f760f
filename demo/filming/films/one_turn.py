"""One Turn: the Earth once around, with the sunrise over eight cities. Maps by NASA."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, ease, faded, shown
from demo.filming.music import Tape, bell, lowpass, noise, pad, piano
from demo.filming.reel import Film, Track
from demo.filming.sources import globe

SECONDS, RATE = 46.0, 24
RADIUS, MIDDLE = 306, (790, 372)
MAP = 2048  # pixels around the world
TILT = math.radians(18)
SUN_EAST = math.radians(70)  # the light comes from the right, where day begins
CITIES = (  # degrees east and north
    ("Auckland", 174.8, -36.8), ("Tokyo", 139.7, 35.7), ("Dhaka", 90.4, 23.8),
    ("Dubai", 55.3, 25.2), ("Nairobi", 36.8, -1.3), ("Lisbon", -9.1, 38.7),
    ("Recife", -34.9, -8.1), ("Mexico City", -99.1, 19.4), ("Honolulu", -157.9, 21.3),
)  # fmt: skip
START_EAST = 205.0  # degrees east in the middle of the picture when the film begins


def frames(every: int) -> Iterator[NDArray[np.uint8]]:
    canvas, ball = Canvas(), Ball()
    for n in range(every // 2, round(SECONDS * RATE), every):
        t = n / RATE
        _space(canvas, t)
        ball.lay(canvas.pixels, t)
        _words(canvas, t)
        canvas.veil(max(1 - ease(t, 0, 2), ease(t, SECONDS - 2.2, SECONDS - 0.2)))
        yield canvas.pixels


def east(t: float) -> float:
    """Returns the degrees east in the middle of the picture."""
    return START_EAST - 360 * t / SECONDS


class Ball:
    """The globe: where each of its pixels lies on the maps, and how it is lit."""

    def __init__(self) -> None:
        y, x = (np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1] / RADIUS).astype(np.float32)
        size = np.hypot(x, y)
        self.inside = size < 1
        x, y, size = x[self.inside], y[self.inside], size[self.inside]
        z = np.sqrt(1 - size**2)
        up = -y * math.cos(TILT) + z * math.sin(TILT)
        front = y * math.sin(TILT) + z * math.cos(TILT)
        self.row = ((0.5 - np.arcsin(up) / math.pi) * (MAP // 2 - 1)).round().astype(np.int32) * MAP
        self.column = (np.arctan2(x, front) / (2 * math.pi) + 0.5) * MAP
        lit = x * math.sin(SUN_EAST) + z * math.cos(SUN_EAST) - 0.12 * y
        day = 1 / (1 + np.exp(-lit * 13))
        self.edge = np.clip((1 - size) * RADIUS, 0, 1)[:, None]
        self.day = (day * np.clip(0.25 + lit, 0, 1.12) * 1.22)[:, None] + (
            (day * (1 - day) * 4)[:, None] * np.array([0.42, 0.2, 0.08], np.float32)
        )
        self.night = (1 - day)[:, None] * np.array([1.7, 1.4, 0.95], np.float32)
        rim = np.exp(-(1 - size) * 11) * np.clip(lit + 0.35, 0, 1)
        self.air = rim[:, None] * np.array([70, 130, 215], np.float32) + (1 - day)[
            :, None
        ] * np.array([3, 6, 14], np.float32)
        glint = day * np.exp(-((x - 0.42) ** 2 + (y + 0.08) ** 2) * 9)
        self.glint = glint[:, None] * np.array([70, 66, 54], np.float32)
        self.maps = [
            np.asarray(globe(name).resize((MAP, MAP // 2)), np.float32).reshape(-1, 3)
            for name in ("earth-blue-marble", "earth-night")
        ]

    def lay(self, pixels: NDArray[np.uint8], t: float) -> None:
        column = (self.column + east(t) / 360 * MAP) % MAP
        left = column.astype(np.int32)
        share = (column - left)[:, None].astype(np.float32)
        here, beside = self.row + left, self.row + (left + 1) % MAP
        day, night = (each[here] * (1 - share) + each[beside] * share for each in self.maps)
        water = day[:, 2:] > day[:, :1] * 1.25
        made = (
            day * self.day + self.glint * water + np.maximum(0, night - 22) * self.night + self.air
        )
        top, start = MIDDLE[1] - RADIUS, MIDDLE[0] - RADIUS
        part = pixels[top : top + 2 * RADIUS + 1, start : start + 2 * RADIUS + 1, :3]
        mixed = made * self.edge + part[self.inside] * (1 - self.edge)
        part[self.inside] = mixed.clip(0, 255).astype(np.uint8)


def _space(canvas: Canvas, t: float) -> None:
    canvas.clear("#03050d")
    for n in range(170):
        x, y = (n * n * 131 + n * 617) % WIDTH, (n * n * 71 + n * 283) % HEIGHT
        canvas.disc(x, y, 0.7 + (n % 5) * 0.22, faded("#dfe8ff", 0.25 + 0.1 * (n % 6)))
    for n in range(10):
        away = RADIUS + 2 + n * 4
        canvas.ring(*MIDDLE, away, 5, faded("#4a8df0", 0.11 * (1 - n / 10) ** 2))


def _words(canvas: Canvas, t: float) -> None:
    share = shown(t, 1.4, 6.4, 1)
    canvas.text("ONE TURN", 240, 330, 60, faded("#f2f6ff", share), "josefin-sans", 0.14)
    canvas.text(
        "twenty-four hours in forty-six seconds",
        240,
        376,
        21,
        faded("#9db4dc", share),
        "josefin-sans",
        0.04,
    )
    for name, begin, degrees, north in sunrises():
        share = shown(t, begin - 0.6, begin + 3.0, 0.6)
        if share:
            canvas.text("sunrise", 235, 336, 24, faded("#ffc878", share), "josefin-sans", 0.16)
            _mark(canvas, degrees, north, t, share)
            canvas.text(name, 235, 396, 54, faded("#f2f6ff", share), "josefin-sans", 0.04)
    share = shown(t, SECONDS - 4, SECONDS, 0.7)
    canvas.text(
        "Maps of day and night: NASA", 235, 384, 22, faded("#9db4dc", share), "josefin-sans", 0.05
    )


def _mark(canvas: Canvas, degrees: float, north: float, t: float, share: float) -> None:
    """Ring a place on the globe."""
    turn, up = math.radians(degrees - east(t)), math.sin(math.radians(north))
    flat = math.cos(math.radians(north))
    x, front = flat * math.sin(turn), flat * math.cos(turn)
    y = front * math.sin(TILT) - up * math.cos(TILT)
    at = (MIDDLE[0] + RADIUS * x, MIDDLE[1] + RADIUS * y)
    canvas.disc(*at, 3.5, faded("#ffc878", share))
    canvas.ring(*at, 11 + 3 * math.sin(t * 4), 2, faded("#ffc878", share))


def sunrises() -> list[tuple[str, float, float, float]]:
    """Returns each city with the second in which it comes into the light, and its place."""
    dawn = math.degrees(SUN_EAST) - 90  # where in the picture day begins, from its middle
    found = []
    for name, degrees, north in CITIES:
        begin = (START_EAST + dawn - degrees) % 360 / 360 * SECONDS
        if 6.5 < begin < SECONDS - 7:
            found.append((name, begin, degrees, north))
    return sorted(found, key=lambda one: one[1])


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    tape.add(lowpass(noise(SECONDS, 31, 60, 900), 500), 0, 0.05)
    chords = (
        ("C2", "G2", "D3", "E4"),
        ("A1", "E2", "C3", "B3"),
        ("F2", "C3", "A3", "E4"),
        ("G2", "D3", "B3", "A4"),
    )
    for n in range(6):
        tape.add(pad(chords[n % 4], 11.0, 900.0, 4.0), n * 7.6, 0.9)
    for n, (_, begin, _, _) in enumerate(sunrises()):
        for k, note in enumerate(("E5", "G5", "B5", "D6")):
            tape.add(bell(note), begin + 0.12 * k, 0.34, 0.6 * (-1) ** (n + k))
    for n, note in enumerate("E4 G4 D5 B4 A4 E5 G4 C5 B4 D5 A4 G4 E4 B4 C5 D5 G4 E4".split()):
        tape.add(piano(note, 4.0), 2 + n * 2.4, 0.42, 0.4 * (-1) ** n)
    return [Track(tape.finished(room=0.55, room_s=4.5))]


FILMS = {"one-turn": Film(frames, sound, SECONDS, crf=24)}
