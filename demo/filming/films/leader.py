"""Leader: the countdown before a film, as the film: ten, and a little less each time."""

import math
from collections.abc import Sequence

import skia

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, ease, fill, mix
from demo.filming.music import Tape, bass, bell, hat, kick, pad, wood
from demo.filming.reel import Film, Track, drawn

EACH_S = 3.0
LEAD_S = 2.4
SECONDS = LEAD_S + 10 * EACH_S + 3.6
PAPER, INK, RED = "#e9e2d0", "#1b1a1f", "#d7352b"
MIDDLE = (WIDTH / 2, HEIGHT / 2)


def paint(canvas: Canvas, t: float) -> None:
    at = t - LEAD_S
    if at < 0:
        _title(canvas, t)
    elif at >= 10 * EACH_S:
        _end(canvas, at - 10 * EACH_S)
    else:
        _count(canvas, 10 - int(at / EACH_S), at % EACH_S / EACH_S, at)


def _title(canvas: Canvas, t: float) -> None:
    canvas.clear(INK)
    canvas.text("LEADER", WIDTH / 2, 398, 110, PAPER, "bebas-neue", 0.3)
    canvas.rect(0, 0, WIDTH * (1 - ease(t, 0, 0.7)), HEIGHT, INK)
    canvas.rect(440, 440, 400 * ease(t, 0.7, 1.9), 6, RED)


def _count(canvas: Canvas, number: int, share: float, at: float) -> None:
    """A hand sweeps once around; behind it the page is the next one's colour."""
    back, front = (PAPER, INK) if number % 2 == 0 else (INK, PAPER)
    canvas.clear(back)
    behind = mix(back, front, 0.16)
    turn = 360 * share
    box = skia.Rect.MakeXYWH(MIDDLE[0] - 900, MIDDLE[1] - 900, 1800, 1800)
    wedge = skia.Path()
    wedge.moveTo(*MIDDLE)
    wedge.arcTo(box, -90, min(359.9, turn), False)
    wedge.close()
    canvas.pen.drawPath(wedge, fill(behind))
    canvas.line([(0, MIDDLE[1]), (WIDTH, MIDDLE[1])], 3, front, round_=False)
    canvas.line([(MIDDLE[0], 0), (MIDDLE[0], HEIGHT)], 3, front, round_=False)
    hand = math.radians(turn - 90)
    canvas.line(
        [MIDDLE, (MIDDLE[0] + 900 * math.cos(hand), MIDDLE[1] + 900 * math.sin(hand))], 5, front
    )
    canvas.disc(*MIDDLE, 292, back)
    canvas.ring(*MIDDLE, 292, 5, front)
    canvas.ring(*MIDDLE, 262, 3, front)
    _dots(canvas, number, share, at)
    size = 330 * (1 + 0.12 * math.exp(-9 * share))
    canvas.text(str(number), MIDDLE[0], MIDDLE[1] + size * 0.36, size, front, "bebas-neue")


def _dots(canvas: Canvas, number: int, share: float, at: float) -> None:
    """As many red dots as the number says; the last one falls off as the time runs out."""
    for n in range(number):
        angle = math.radians(-90 + 360 * n / number) + 0.05 * math.sin(at)
        gone = ease(share, 0.82, 1.0) if n == number - 1 else 0.0
        x, y = MIDDLE[0] + 277 * math.cos(angle), MIDDLE[1] + 277 * math.sin(angle)
        canvas.disc(x, y + 560 * gone**2, 13 + 5 * math.exp(-9 * share), RED)


def _end(canvas: Canvas, t: float) -> None:
    canvas.clear(INK)
    canvas.disc(*MIDDLE, 30 + 1100 * ease(t, 0, 0.7), RED)
    if t > 0.8:
        canvas.text("and now, the film", WIDTH / 2, 390, 84, PAPER, "limelight", 0.02)
    canvas.veil(ease(t, 2.4, 3.5), INK)


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    notes = ("C3", "C3", "Eb3", "Eb3", "F3", "F3", "G3", "G3", "Bb3", "B3")
    for n in range(10):
        at = LEAD_S + n * EACH_S
        tape.add(kick(), at, 1.0)
        tape.add(bass(notes[n].replace("3", "2"), 1.4), at, 0.9)
        tape.add(
            pad((notes[n], notes[n].replace("3", "4")), EACH_S + 0.6, 500.0 + 140 * n, 0.5),
            at,
            0.25 + 0.04 * n,
        )
        steps = 4 if n < 4 else 8 if n < 8 else 16
        for k in range(steps):
            tape.add(wood("A5" if k else "E6"), at + k * EACH_S / steps, 0.5, 0.5 * (-1) ** k)
            tape.add(hat(), at + (k + 0.5) * EACH_S / steps, 0.2)
    for n, note in enumerate(("C4", "E4", "G4", "C5", "E5")):
        tape.add(bell(note, 3.2), LEAD_S + 10 * EACH_S + 0.06 * n, 0.6)
    return [Track(tape.finished(room=0.2, room_s=1.4, level=0.12))]


FILMS = {"leader": Film(drawn(SECONDS, paint), sound, SECONDS, crf=24)}
