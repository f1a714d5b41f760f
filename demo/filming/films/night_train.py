"""Night Train: one night beside a train, from dusk to dawn, in layers of hills."""

import math
from collections.abc import Sequence

import numpy as np

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, ease, faded, mix, shown
from demo.filming.music import Tape, bass, keys, lowpass, noise, pad, piano
from demo.filming.reel import Film, Track, drawn

SECONDS = 56.0
BEAT = 0.6
# time, then sky above, sky below, far hills, near hills, ground
HOURS = (
    (0.0, "#f6a66b", "#f7d9a0", "#c0717a", "#6f4a6e", "#33264a"),
    (12.0, "#5a4a86", "#e0838a", "#644a7c", "#3d3163", "#1e1a3c"),
    (22.0, "#0d1638", "#2b3a70", "#1c2654", "#131a3f", "#0a0e26"),
    (40.0, "#121c46", "#43539a", "#26326b", "#171f4c", "#0c1130"),
    (50.0, "#7fb2d6", "#fbe3b4", "#7f93b8", "#4d6690", "#24385c"),
    (SECONDS, "#a9d5ea", "#fff0cf", "#98b1c9", "#5f7fa3", "#2c4a6e"),
)
CARS = 5
CAR = 330


def hour(t: float) -> list[str]:
    """Returns the colours of a moment."""
    for (start, *before), (end, *after) in zip(HOURS, HOURS[1:], strict=False):
        if t <= end:
            share = (t - start) / (end - start)
            return [mix(str(a), str(b), share) for a, b in zip(before, after, strict=True)]
    return [str(colour) for colour in HOURS[-1][1:]]


def night(t: float) -> float:
    return ease(t, 10, 20) * (1 - ease(t, 42, 49))


def paint(canvas: Canvas, t: float) -> None:
    above, below, far, near, ground = hour(t)
    canvas.sky(above, below, bottom=520)
    _stars(canvas, t)
    _moon(canvas, t)
    _ridge(canvas, t * 14, mix(far, below, 0.45), 330, 66, 0.7)
    _ridge(canvas, t * 34, far, 395, 60, 1.9)
    _ridge(canvas, t * 80, near, 462, 46, 3.3)
    _trees(canvas, t * 170, mix(near, ground, 0.6))
    canvas.rect(0, 560, WIDTH, 160, ground)
    _train(canvas, t, ground)
    _poles(canvas, t * 620, mix(ground, "#000000", 0.35))
    _title(canvas, t)
    canvas.veil(max(1 - ease(t, 0, 1.4), ease(t, SECONDS - 2, SECONDS - 0.2)), "#0a0e26")


def _stars(canvas: Canvas, t: float) -> None:
    dark = night(t)
    if dark < 0.05:
        return
    for n in range(90):
        x, y = (n * n * 83 + n * 311) % WIDTH, (n * n * 37 + n * 97) % 320
        light = dark * (0.5 + 0.5 * math.sin(t * (1 + n % 3) + n)) ** 0.5
        canvas.disc(x, y, 1 + (n % 4) * 0.35, faded("#fff6df", 0.75 * light))


def _moon(canvas: Canvas, t: float) -> None:
    share = (t - 14) / 34
    if -0.1 < share < 1.1:
        x, y = 1060 - 760 * share, 210 - 100 * math.sin(share * math.pi) + 60
        canvas.disc(x, y, 92, faded("#fff3cf", 0.09 * night(t)))
        canvas.disc(x, y, 68, faded("#fff3cf", 0.12 * night(t)))
        canvas.disc(x, y, 46, faded("#fff3cf", night(t)))
        canvas.disc(x - 14, y - 8, 9, faded("#e3d3a6", night(t)))
        canvas.disc(x + 16, y + 14, 6, faded("#e3d3a6", night(t)))


def _height(x: float, seed: float) -> float:
    return (
        math.sin(x / 210 + seed)
        + 0.5 * math.sin(x / 97 + seed * 2.3)
        + 0.22 * math.sin(x / 41 + seed)
    )


def _ridge(canvas: Canvas, moved: float, colour: str, top: float, high: float, seed: float) -> None:
    line = [(float(x), top - high * _height(x + moved, seed)) for x in range(0, WIDTH + 16, 16)]
    canvas.poly([(0, HEIGHT), *line, (WIDTH + 16, HEIGHT)], colour)


def _trees(canvas: Canvas, moved: float, colour: str) -> None:
    first = int(moved // 46)
    for n in range(first, first + 31):
        x, high = n * 46 - moved, 40 + (n * n * 29 + n * 17) % 58
        if (n * 7) % 11 < 7:
            foot = 566
            for k in range(3):
                wide, at = (15 - 4 * k) * high / 60, foot - high * (0.12 + 0.29 * k)
                canvas.poly([(x - wide, at), (x, at - high * 0.5), (x + wide, at)], colour)
            canvas.rect(x - 2, foot - 12, 4, 14, colour)


def _train(canvas: Canvas, t: float, ground: str) -> None:
    """The train comes from the left, stays, and draws ahead in the morning."""
    x0 = -CARS * CAR - 420 + 1990 * ease(t, 3.5, 14) + 2200 * ease(t, 46, 55) ** 2
    shake = 1.2 * math.sin(t * 2 * math.pi / BEAT * 2)
    dark = night(t) * 0.8 + 0.2
    body, roof = mix("#8e2f3c", "#3d1a33", night(t)), mix("#5c1f30", "#241029", night(t))
    window = mix("#cfe3e6", "#ffd98a", dark)
    for n in range(CARS):
        x, y = x0 + n * CAR, 470 + shake * (1 if n % 2 else -1)
        canvas.rect(x, y, CAR - 12, 96, body, 10)
        canvas.rect(x, y, CAR - 12, 18, roof, 8)
        canvas.rect(x, y + 66, CAR - 12, 5, "#e8b04b")
        for k in range(5):
            wx = x + 22 + k * 58
            canvas.rect(wx, y + 27, 40, 30, window, 4)
            _passenger(canvas, wx, y + 57, n * 5 + k)
        for k in (56, 112, CAR - 124, CAR - 68):
            canvas.disc(x + k, 574, 14, "#15121f")
            canvas.disc(x + k, 574, 5, "#6b6477")
        canvas.rect(x - 12, y + 74, 14, 8, "#15121f")
    _engine(canvas, x0 + CARS * CAR, body, roof, window, t)
    canvas.rect(0, 588, WIDTH, 4, mix(ground, "#ffffff", 0.28))
    for n in range(40):
        canvas.rect((n * 40 - t * 620) % 1600 - 160, 592, 22, 6, mix(ground, "#000000", 0.3))


def _passenger(canvas: Canvas, x: float, foot: float, n: int) -> None:
    if (n * 5) % 7 < 3:
        tone = "#3a2438"
        canvas.disc(x + 14 + n % 3 * 6, foot - 17, 7, tone)
        canvas.rect(x + 6 + n % 3 * 6, foot - 11, 17, 11, tone, 5)


def _engine(canvas: Canvas, x: float, body: str, roof: str, window: str, t: float) -> None:
    canvas.poly([(x, 470), (x + 250, 470), (x + 330, 530), (x + 340, 566), (x, 566)], body)
    canvas.poly([(x, 470), (x + 250, 470), (x + 274, 488), (x, 488)], roof)
    canvas.poly([(x + 205, 494), (x + 262, 494), (x + 296, 524), (x + 205, 524)], window)
    canvas.poly([(x, 536), (x + 333, 536), (x + 334, 541), (x, 541)], "#e8b04b")
    for k in (50, 106, 206, 262):
        canvas.disc(x + k, 574, 14, "#15121f")
        canvas.disc(x + k, 574, 5, "#6b6477")
    dark = night(t)
    canvas.poly(
        [(x + 336, 548), (x + 1100, 500), (x + 1100, 640), (x + 336, 560)],
        faded("#ffe9a8", 0.16 * dark),
    )
    canvas.disc(x + 332, 553, 8, "#fff3cf")


def _poles(canvas: Canvas, moved: float, colour: str) -> None:
    apart = 620 * BEAT * 2
    for n in range(3):
        x = n * apart - moved % apart
        canvas.rect(x, 250, 12, 440, colour)
        canvas.rect(x - 34, 276, 80, 8, colour)
        for side in (-30, 36):
            hang = [
                (x + side + apart * k / 12, 276 + 120 * (k / 12) * (1 - k / 12)) for k in range(13)
            ]
            canvas.line(hang, 2, colour)
            if n == 0:
                canvas.line([(px - apart, py) for px, py in hang], 2, colour)
    canvas.rect(0, 686, WIDTH, 40, colour)


def _title(canvas: Canvas, t: float) -> None:
    share = shown(t, 1.6, 6.4, 1)
    if share:
        canvas.text("NIGHT TRAIN", WIDTH / 2, 240, 92, faded("#fff3d9", share), "poiret-one", 0.16)


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    wheels = lowpass(noise(0.16, 2, 60, 700), 420) * np.exp(
        -np.linspace(0, 7, round(0.16 * 48_000))
    )
    for n in range(round(SECONDS / BEAT)):
        near = ease(n * BEAT, 4, 12) * (1 - 0.75 * ease(n * BEAT, 47, 54))
        for at, gain in ((0, 1.0), (0.13, 0.7)):
            tape.add(wheels, n * BEAT + at, 0.9 * near * gain, 0.1)
    tape.add(noise(SECONDS, 9, 90, 500) * 0.05, 0)
    chords = (
        ("A2", "E3", "C4", "G4"),
        ("F2", "C3", "A3", "E4"),
        ("C2", "G3", "E4", "B4"),
        ("G2", "D3", "B3", "D4"),
    )
    theme = "E5 . G5 . A5 . . G5 . E5 . D5 . . C5 . D5 . E5 . . B4 . C5 . A4 . . G4 . A4 .".split()
    for bar in range(23):
        root, *upper = chords[bar % 4]
        at = bar * 4 * BEAT
        tape.add(bass(root, 2.0), at, 0.6)
        for n in range(8):
            tape.add(
                keys(upper[n % 3], 1.4),
                at + n * BEAT / 2,
                0.16 + 0.05 * (n % 4 == 0),
                0.5 * (-1) ** n,
            )
        if 2 <= bar < 21:
            for n in range(8):
                note = theme[(bar * 8 + n) % 32]
                if note != ".":
                    tape.add(piano(note, 2.6), at + n * BEAT / 2, 0.42, -0.15)
        tape.add(pad(tuple(upper), 4 * BEAT + 1, 800.0, 1.0), at, 0.3)
    return [Track(tape.finished(room=0.3, room_s=2.2))]


FILMS = {"night-train": Film(drawn(SECONDS, paint), sound, SECONDS, crf=25)}
