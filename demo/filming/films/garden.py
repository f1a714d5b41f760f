"""The Garden Learns to Count: ten kinds of flowers come up, one more at each turn of the tune."""

import math
from collections.abc import Sequence

from demo.filming.canvas import WIDTH, Canvas, bounce, ease, faded, mix, shown
from demo.filming.music import Tape, bass, flute, marimba, pluck, wood
from demo.filming.reel import Film, Track, drawn

BEAT = 0.45
EACH_S = 8 * BEAT
START_S = 4.0
SECONDS = START_S + 10 * EACH_S + 8.0
PETALS = (
    "#ff6b6b",
    "#ffd93d",
    "#ff9f45",
    "#b983ff",
    "#ff8fb1",
    "#4d96ff",
    "#ffffff",
    "#f25f5c",
    "#ffe066",
    "#c77dff",
)
NAMES = "one two three four five six seven eight nine ten".split()


def paint(canvas: Canvas, t: float) -> None:
    canvas.sky("#8fd3f4", "#c9ecf5", "#fdf3d0", bottom=560)
    _sun(canvas, t)
    for n in range(4):
        _cloud(
            canvas, (n * 420 + t * (9 + 3 * n)) % 1700 - 200, 90 + n % 3 * 62, 0.8 + 0.2 * (n % 2)
        )
    canvas.poly(
        [
            (0, 560),
            *((x, 500 - 34 * math.sin(x / 260 + 1)) for x in range(0, 1300, 20)),
            (1280, 720),
            (0, 720),
        ],
        "#a6d77c",
    )
    canvas.poly(
        [
            (0, 720),
            *((x, 560 - 22 * math.sin(x / 330 + 3)) for x in range(0, 1300, 20)),
            (1280, 720),
        ],
        "#7cc05e",
    )
    place = 0
    for group in range(10):
        for n in range(group + 1):
            begin = START_S + group * EACH_S + min(n * BEAT / (1 if group < 7 else 1.6), EACH_S - 1)
            _flower(canvas, t, begin, place, group)
            place += 1
    canvas.poly(
        [(0, 720), *((x, 672 - 9 * math.sin(x / 90)) for x in range(0, 1300, 20)), (1280, 720)],
        "#5da447",
    )
    _bee(canvas, t)
    _words(canvas, t)
    canvas.veil(max(1 - ease(t, 0, 0.8), ease(t, SECONDS - 1.3, SECONDS - 0.1)), "#fdf3d0")


def _sun(canvas: Canvas, t: float) -> None:
    y = 470 - 330 * ease(t, 0, 12)
    for n in range(12):
        turn = n * math.pi / 6 + t * 0.25
        long = 108 + 9 * math.sin(t * 3 + n)
        start, end = 84, long
        canvas.line(
            [(1060 + start * math.cos(turn), y + start * math.sin(turn)), (1060 + end * math.cos(turn), y + end * math.sin(turn))],
            9, "#ffd23f",
        )  # fmt: skip
    canvas.disc(1060, y, 68, "#ffd23f")
    for side in (-22, 22):
        canvas.disc(1060 + side, y - 8, 6 if t % 4 > 0.18 else 1.5, "#7a4a12")
    smile = [(1060 + 26 * math.cos(a / 10), y + 8 + 20 * math.sin(a / 10)) for a in range(3, 29)]
    canvas.line(smile, 5, "#7a4a12")


def _cloud(canvas: Canvas, x: float, y: float, size: float) -> None:
    for dx, dy, r in ((0, 0, 34), (38, -14, 40), (82, 0, 36), (40, 12, 36)):
        canvas.disc(x + dx * size, y + dy * size, r * size, "#ffffff")


def _flower(canvas: Canvas, t: float, begin: float, place: int, group: int) -> None:
    if t < begin:
        return
    grown = bounce(t, begin, begin + 1.1)
    x = 44 + (place * 0.618034 % 1.0) * 1192
    depth = (place * 0.414214) % 1.0
    foot, size = 575 + 110 * depth, 0.75 + 0.5 * depth
    sway = 7 * math.sin(t * 1.6 + place)
    high = (70 + 26 * (group % 4)) * size * grown
    top = (x + sway * grown, foot - high)
    canvas.line([(x, foot), (x + sway * 0.3, foot - high / 2), top], 5 * size, "#3f8f3b")
    for side in (-1, 1):
        leaf = (x + side * 15 * size * grown, foot - high * 0.42 - 8 * size)
        canvas.poly([(x, foot - high * 0.25), leaf, (x + side * 3, foot - high * 0.5)], "#4fa548")
    _bloom(canvas, *top, 21 * size * bounce(t, begin + 0.35, begin + 1.2), group, t + place)


def _bloom(canvas: Canvas, x: float, y: float, r: float, group: int, t: float) -> None:
    colour, count = PETALS[group], 5 + group % 4
    if group % 3 == 2:  # a tulip
        canvas.poly(
            [
                (x - r, y - r),
                (x - r * 0.5, y - r * 0.3),
                (x, y - r * 1.2),
                (x + r * 0.5, y - r * 0.3),
                (x + r, y - r),
                (x + r * 0.7, y + r * 0.6),
                (x - r * 0.7, y + r * 0.6),
            ],
            colour,
        )
        return
    for n in range(count):
        turn = n * 2 * math.pi / count + 0.2 * math.sin(t)
        canvas.disc(x + r * 0.8 * math.cos(turn), y + r * 0.8 * math.sin(turn), r * 0.58, colour)
    canvas.disc(x, y, r * 0.5, "#7a4a12" if group % 2 else "#fff4c2")


def _bee(canvas: Canvas, t: float) -> None:
    if t < 6:
        return
    x = (t - 6) * 118 % 1500 - 100
    y = 330 + 90 * math.sin(t * 0.9) + 12 * math.sin(t * 7)
    for side in (-8, 8):
        canvas.disc(x + side, y - 18 - 5 * abs(math.sin(t * 22)), 11, faded("#ffffff", 0.8))
    canvas.rect(x - 22, y - 14, 44, 28, "#ffd23f", 14)
    for n in (-8, 4):
        canvas.rect(x + n, y - 14, 7, 28, "#3b2a14")
    canvas.disc(x + 16, y - 3, 3.5, "#3b2a14")


def _words(canvas: Canvas, t: float) -> None:
    share = shown(t, 0.7, START_S - 0.1, 0.6)
    if share:
        canvas.text("The Garden", WIDTH / 2, 250, 92, faded("#2f6b34", share), "fredoka")
        canvas.text("Learns to Count", WIDTH / 2, 345, 76, faded("#e4572e", share), "fredoka")
    for n, name in enumerate(NAMES):
        begin = START_S + n * EACH_S
        share = shown(t, begin, begin + EACH_S, 0.3)
        if share:
            colour = mix(PETALS[n], "#5b2b1a", 0.45)
            canvas.text(
                str(n + 1),
                230,
                300,
                230 * bounce(t, begin, begin + 0.8) + 1,
                faded(colour, share),
                "fredoka",
            )
            canvas.text(name, 230, 372, 48, faded(colour, share), "fredoka", 0.04)
    share = ease(t, START_S + 10 * EACH_S + 0.4, START_S + 10 * EACH_S + 1.2)
    if share:
        canvas.text("fifty-five flowers", WIDTH / 2, 270, 84, faded("#a63a50", share), "fredoka")


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    scale = "C5 D5 E5 F5 G5 A5 B5 C6 D6 E6".split()
    chords = (("C3", "E4", "G4"), ("F2", "F4", "A4"), ("G2", "D4", "B4"), ("C3", "E4", "C5"))
    tune = "G5 E5 F5 D5 E5 C5 D5 G4 C5 E5 G5 A5 G5 F5 E5 D5".split()
    for n in range(round(SECONDS / BEAT) - 3):
        at = n * BEAT
        root, *upper = chords[n // 4 % 4]
        tape.add(bass(root, 0.8) if n % 2 == 0 else pluck(upper[n // 2 % 2], 1.0, 0.985), at, 0.6)
        tape.add(pluck(upper[1 - n // 2 % 2], 0.8, 0.98), at + BEAT / 2, 0.35, 0.4)
        tape.add(wood("A5" if n % 4 else "E5"), at, 0.14, -0.5)
        if n >= 8:
            tape.add(flute(tune[n % 16], BEAT * 0.95), at, 0.36, -0.25)
    for group in range(10):
        for n in range(group + 1):
            at = START_S + group * EACH_S + min(n * BEAT / (1 if group < 7 else 1.6), EACH_S - 1)
            tape.add(marimba(scale[n]), at + 0.3, 0.6, 0.3)
    return [Track(tape.finished(room=0.15, room_s=1.3, level=0.11))]


FILMS = {"garden": Film(drawn(SECONDS, paint), sound, SECONDS)}
