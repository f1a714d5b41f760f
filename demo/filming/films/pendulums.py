"""Sixteen Pendulums: each a little slower than the one above, so that order comes and goes. A note
is struck where one turns back on the right."""

import math
from collections.abc import Sequence

from demo.filming.canvas import WIDTH, Canvas, ease, faded, mix, shown
from demo.filming.music import Tape, marimba, pad, piano
from demo.filming.reel import Film, Track, drawn

COUNT, TURN_S = 16, 40.0
START_S = 3.0
SECONDS = TURN_S + START_S + 5
PIVOT = (WIDTH / 2, -150.0)
REACH = 0.62  # radians
NOTES = "D3 F3 A3 C4 D4 F4 G4 A4 C5 D5 F5 G5 A5 C6 D6 F6".split()


def swings(n: int) -> int:
    """Returns how often a pendulum swings in the whole film; the lowest is the slowest."""
    return 30 - n


def angle(n: int, t: float) -> float:
    begun = max(0.0, t - START_S)
    calm = 1 - ease(t, START_S + TURN_S + 0.2, SECONDS - 1)
    return REACH * math.cos(2 * math.pi * swings(n) * begun / TURN_S) * (calm if t > TURN_S else 1)


def bob_colour(n: int) -> str:
    share = n / (COUNT - 1)
    if share < 0.5:
        return mix("#ffe8b0", "#ff8a5b", share * 2)
    return mix("#ff8a5b", "#c83e8c", share * 2 - 1)


def paint(canvas: Canvas, t: float) -> None:
    canvas.sky("#0a1830", "#123047", "#1b4a57")
    canvas.glow(WIDTH / 2, 430, 560, "#2f6f7588")
    places = []
    strings = 1 - ease(t, 6, 9) + ease(t, SECONDS - 7, SECONDS - 5)
    for n in range(COUNT):
        long, turn = 284 + n * 31, angle(n, t)
        x, y = PIVOT[0] + long * math.sin(turn), PIVOT[1] + long * math.cos(turn) * 1.09
        places.append((x, y))
        if strings:
            canvas.line([PIVOT, (x, y)], 1.2, faded("#9fd0cf", 0.25 * strings))
    for n, (x, y) in enumerate(places):
        since = _since_struck(n, t)
        if since < 0.7:
            canvas.ring(x, y, 15 + 60 * since, 3, faded(bob_colour(n), 0.8 * (1 - since / 0.7)))
        canvas.disc(x, y, 14 + 5 * math.exp(-6 * since), bob_colour(n))
        canvas.disc(x - 4, y - 5, 4, faded("#ffffff", 0.35))
    opening = shown(t, 0.4, 3.4, 0.7)
    if opening:
        canvas.text(
            "SIXTEEN PENDULUMS", WIDTH / 2, 672, 40, faded("#f7efdc", opening), "josefin-sans", 0.3
        )
    canvas.veil(max(1 - ease(t, 0, 1), ease(t, SECONDS - 1.2, SECONDS - 0.1)), "#0a1830")


def _since_struck(n: int, t: float) -> float:
    begun = t - START_S
    if not 0 <= begun <= TURN_S + 0.6:
        return 9.0
    return begun % (TURN_S / swings(n))


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    for n in range(COUNT):
        note = NOTES[COUNT - 1 - n]
        for strike in range(swings(n) + 1):
            at = START_S + strike * TURN_S / swings(n)
            tape.add(marimba(note, 1.6), at, 0.33 if strike else 0.5, 0.75)
            tape.add(piano(note, 2.5), at, 0.16, -0.4)
    for n, chord in enumerate(
        (("D2", "A2", "D3"), ("Bb1", "F2", "D3"), ("G1", "D2", "Bb2"), ("A1", "E2", "C3"))
    ):
        tape.add(pad(chord, 15.0, 420.0, 3.0), n * 11.0, 0.5)
    return [Track(tape.finished(room=0.35, room_s=3.0, level=0.09))]


FILMS = {"sixteen-pendulums": Film(drawn(SECONDS, paint), sound, SECONDS, crf=27)}
