"""Deep Field: a flight through one photograph. The galaxies are cut out of the Hubble Deep Field
and set at depths of their own."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray
from scipy.ndimage import find_objects, gaussian_filter, label

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, ease, faded, picture, shown
from demo.filming.music import Tape, bell, keys, lowpass, noise, pad
from demo.filming.reel import Film, Track
from demo.filming.sources import photograph

SECONDS, RATE = 44.0, 24
DEEP = 3.6  # the field is so many times as deep as it is wide
SPEED = 0.085


def frames(every: int) -> Iterator[NDArray[np.uint8]]:
    canvas, lights = Canvas(), galaxies()
    for n in range(every // 2, round(SECONDS * RATE), every):
        _fly(canvas, lights, n / RATE)
        yield canvas.pixels


def galaxies() -> list[tuple[Any, float, float, float]]:
    """Returns pictures of single galaxies with their places: across, down (-1 to 1) and ahead."""
    pixels = np.asarray(photograph("hubble_deep_field.jpg"), float)
    light = gaussian_filter(pixels.max(axis=2), 1.0)
    marked, _ = label(light > 50)
    random = np.random.default_rng(12)
    found = []
    for down, across in find_objects(marked):
        high, wide = down.stop - down.start, across.stop - across.start
        if high * wide < 16 or max(high, wide) > 150:
            continue
        found.append(
            (
                _cut_out(pixels, light, down, across),
                *random.uniform(-1, 1, 2),
                random.uniform(0, DEEP),
            )
        )
    return found


def _cut_out(
    pixels: NDArray[np.float64], light: NDArray[np.float64], down: slice, across: slice
) -> Any:
    margin = 7
    rows = slice(max(0, down.start - margin), down.stop + margin)
    columns = slice(max(0, across.start - margin), across.stop + margin)
    part = np.clip((pixels[rows, columns] - 18) * 1.35, 0, 255)
    soft = np.clip((light[rows, columns] - 26) / 40, 0, 1)
    y, x = np.mgrid[-1 : 1 : part.shape[0] * 1j, -1 : 1 : part.shape[1] * 1j]
    soft *= np.clip(1.35 - np.hypot(x, y), 0, 1) / 0.5
    made = np.zeros((*part.shape[:2], 4), np.uint8)
    made[..., :3] = (part * np.clip(soft, 0, 1)[..., None]).astype(np.uint8)
    made[..., 3] = 255
    return picture(made)


def _fly(canvas: Canvas, lights: list[tuple[Any, float, float, float]], t: float) -> None:
    canvas.clear("#02030a")
    camera = SPEED * (t + 9 * ease(t, 26, SECONDS))
    roll = 0.05 * t
    paint = skia.Paint(BlendMode=skia.BlendMode.kScreen)
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear)
    for pixels, x, y, place in lights:
        z = (place - camera) % DEEP + 0.06
        near, far = ease(z, 0.06, 0.35), 1 - ease(z, DEEP * 0.72, DEEP)
        scale = 0.62 / z
        sx = WIDTH / 2 + (x * math.cos(roll) - y * math.sin(roll)) * 1150 * scale
        sy = HEIGHT / 2 + (x * math.sin(roll) + y * math.cos(roll)) * 1150 * scale
        wide, high = pixels.width() * scale * 2.7, pixels.height() * scale * 2.7
        if -wide < sx < WIDTH + wide and -high < sy < HEIGHT + high and near * far > 0.02:
            paint.setAlphaf(near * far)
            box = skia.Rect.MakeXYWH(sx - wide / 2, sy - high / 2, wide, high)
            canvas.pen.drawImageRect(pixels, box, smooth, paint)
    _words(canvas, t)
    canvas.veil(max(1 - ease(t, 0.2, 3), ease(t, SECONDS - 2.2, SECONDS - 0.2)))


def _words(canvas: Canvas, t: float) -> None:
    lines = (
        (2.5, 7.5, "DEEP FIELD"), (11, 16.5, "Every light here is a galaxy."),
        (18, 24, "They were all found in one picture,"), (25, 31, "of a patch of sky as wide as a tennis ball"),
        (31.5, 36, "a hundred metres away."),
    )  # fmt: skip
    for n, (start, end, line) in enumerate(lines):
        share = shown(t, start, end, 0.9)
        size, y = (92, 385) if n == 0 else (36, 620)
        canvas.text(
            line,
            WIDTH / 2,
            y,
            size,
            faded("#f4efe2", share),
            "josefin-sans",
            0.2 if n == 0 else 0.02,
        )
    share = shown(t, 37.5, SECONDS - 0.5, 0.8)
    canvas.text(
        "Photograph: NASA, ESA, R. Williams and the Hubble Deep Field team",
        WIDTH / 2,
        620,
        24,
        faded("#b9b6c9", share),
        "josefin-sans",
        0.02,
    )


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    tape.add(lowpass(noise(SECONDS, 41, 40, 300), 160), 0, 0.4)
    for n, chord in enumerate(
        (
            ("E2", "B2", "F#3"),
            ("C2", "G2", "E3", "B3"),
            ("A1", "E2", "B2", "C3"),
            ("E2", "B2", "G3", "D4"),
            ("E2", "B2", "E3", "G#3"),
        )
    ):
        tape.add(pad(chord, 13.0, 520.0, 5.0), n * 8.4, 1.0)
    random = np.random.default_rng(3)
    for n in range(30):
        note = ("B4", "E5", "F#5", "G5", "B5", "D6", "E6", "F#6")[random.integers(8)]
        tape.add(
            bell(note, 5.0), 3 + n * 1.25 + random.uniform(-0.3, 0.3), 0.14, random.uniform(-1, 1)
        )
    for n, note in enumerate("E3 B3 G3 E4 C3 G3 E4 B3 A2 E3 C4 B3 E3 B3 G#3 E4".split()):
        tape.add(keys(note, 3.5, 0.6), 4 + n * 2.4, 0.4)
    return [Track(tape.finished(room=0.7, room_s=5.5))]


FILMS = {"deep-field": Film(frames, sound, SECONDS, crf=25)}
