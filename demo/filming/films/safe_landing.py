"""Safe Landing: a walk through the painting of that name by Louis Durrant, with its smoke rising
again and its leaves let go."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, ease, faded, picture, shown
from demo.filming.music import Tape, bass, flute, hat, keys, marimba, pluck
from demo.filming.reel import Film, Track
from demo.filming.sources import safe_landing

SECONDS, RATE = 44.0, 24
WIDE, HIGH = 3200, 1800
# time, middle of the view (in the painting), and how wide it is
WAY = (
    (0.0, 2600, 700, 1250), (9.0, 2450, 820, 1100), (17.0, 1420, 880, 900), (25.0, 1080, 1000, 760),
    (33.0, 700, 1200, 1300), (41.0, 1600, 900, 3180), (SECONDS, 1600, 900, 3200),
)  # fmt: skip


def frames(every: int) -> Iterator[NDArray[np.uint8]]:
    whole = safe_landing().resize((WIDE, HIGH), Image.Resampling.LANCZOS).convert("RGBA")
    painting = picture(np.asarray(whole))
    canvas = Canvas()
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    for n in range(every // 2, round(SECONDS * RATE), every):
        t = n / RATE
        x, y, wide = view(t)
        scale = WIDTH / wide
        canvas.pen.save()
        canvas.pen.scale(scale, scale)
        canvas.pen.translate(wide / 2 - x, wide * HEIGHT / WIDTH / 2 - y)
        canvas.pen.drawImage(painting, 0, 0, smooth)
        _leaves(canvas, t)
        canvas.pen.restore()
        _words(canvas, t)
        canvas.veil(max(1 - ease(t, 0, 1.2), ease(t, SECONDS - 1.8, SECONDS - 0.1)))
        yield canvas.pixels


def view(t: float) -> tuple[float, float, float]:
    """Returns the middle of what is seen and its width, kept inside the painting."""
    after = next((k for k, stop in enumerate(WAY) if stop[0] >= t), len(WAY) - 1)
    before = max(0, after - 1)
    share = ease(t, WAY[before][0], WAY[after][0] + 1e-6)
    x, y, wide = (WAY[before][k] + (WAY[after][k] - WAY[before][k]) * share for k in (1, 2, 3))
    half, tall = wide / 2, wide * HEIGHT / WIDTH / 2
    return min(max(x, half), WIDE - half), min(max(y, tall), HIGH - tall), wide


def _leaves(canvas: Canvas, t: float) -> None:
    for n in range(70):
        fall = (t * (34 + n % 5 * 9) + n * 211) % 1700
        x = 3200 - (n * 467 % 2100) - fall * 0.75 + 60 * math.sin(t * 1.3 + n)
        size = 6 + n % 4 * 2.4
        canvas.pen.save()
        canvas.pen.translate(x, 150 + fall)
        canvas.pen.rotate(math.degrees(t * (1 + n % 3) + n))
        tone = ("#ff5a4e", "#ff8a3d", "#e83a6a", "#ffc14d")[n % 4]
        canvas.poly([(-size, 0), (0, -size * 0.45), (size, 0), (0, size * 0.45)], faded(tone, 0.9))
        canvas.pen.restore()


def _words(canvas: Canvas, t: float) -> None:
    share = shown(t, 1.5, 7, 0.9)
    if share:
        canvas.rect(392, 560, 496, 96, faded("#3b1747", 0.55 * share), 48)
        canvas.text("Safe Landing", WIDTH / 2, 628, 62, faded("#fff4df", share), "righteous")
    share = shown(t, 36.5, SECONDS - 0.4, 0.9)
    if share:
        canvas.rect(262, 620, 756, 54, faded("#3b1747", 0.6 * share), 27)
        line = "A painting by Louis Durrant for KDE, CC BY-SA 4.0"
        canvas.text(line, WIDTH / 2, 656, 27, faded("#fff4df", share), "josefin-sans", 0.03)


def sound() -> Sequence[Track]:
    tape, beat = Tape(SECONDS), 0.42
    chords = (
        ("G2", "B3", "D4", "F#4"),
        ("E2", "G3", "B3", "D4"),
        ("C2", "E3", "G3", "B3"),
        ("D2", "F#3", "A3", "C4"),
    )
    tune = "D5 . B4 D5 . G5 F#5 . E5 . D5 B4 . A4 B4 . C5 . E5 G5 . F#5 E5 . D5 . F#5 A5 . G5 F#5 .".split()
    for n in range(int((SECONDS - 3) / beat)):
        at = n * beat
        root, *upper = chords[n // 8 % 4]
        if n % 4 == 0:
            tape.add(bass(root, 1.3), at, 0.7)
        tape.add(pluck(upper[n % 3], 1.4, 0.992), at, 0.4, 0.5 * (-1) ** n)
        if n > 15:
            tape.add(hat(), at + beat / 2, 0.25, 0.4)
        if n % 8 == 0:
            for note in upper:
                tape.add(keys(note, 3.0, 0.8), at, 0.22)
        note = tune[n % 32]
        if note != "." and n >= 16:
            tape.add(flute(note, beat * 1.7), at, 0.45, -0.1)
            tape.add(marimba(note), at, 0.2, 0.4)
    return [Track(tape.finished(room=0.28, room_s=2.2))]


FILMS = {"safe-landing": Film(frames, sound, SECONDS, crf=30, tune="film")}
