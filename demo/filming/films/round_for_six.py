"""Round for Six: a canon in six voices, one to each loudspeaker of a 5.1 room, seen from above."""

import math
from collections.abc import Sequence

from demo.filming.canvas import Canvas, ease, faded, shown
from demo.filming.music import Sound, Tape, bass, bell, flute, keys, kick, marimba, pluck
from demo.filming.reel import Film, Track, drawn

BEAT = 0.5
BAR = 4 * BEAT
SECONDS = 46.0
ENTER_S = 4.0
MIDDLE = (640.0, 388.0)
# channel, where it stands (degrees from the front, clockwise), its colour and its name
SPEAKERS = (
    (0, -32, "#ff5d73", "left"),
    (1, 32, "#ffd166", "right"),
    (2, 0, "#f7f7ff", "centre"),
    (4, -118, "#06d6a0", "left behind"),
    (5, 118, "#4cc9f0", "right behind"),
)
ROUND = "D4 F4 A4 D5 C5 A4 F4 E4 G4 C5 E5 G5 F5 E5 D5 C#5 A4 D5 F5 A5 G5 E5 C5 A4 Bb4 D5 F5 E5 C#5 A4 E4 C#4".split()
ORDER = (2, 0, 1, 4, 3)  # in which the voices enter


def entered(voice: int) -> float:
    return ENTER_S + ORDER.index(voice) * 2 * BAR


def paint(canvas: Canvas, t: float) -> None:
    canvas.clear("#141126")
    for n in range(1, 6):
        canvas.ring(*MIDDLE, 62 * n, 1.5, "#2a2547")
    pulse = t % BAR
    if t > ENTER_S:
        canvas.ring(
            *MIDDLE,
            40 + 500 * pulse / BAR,
            10 * (1 - pulse / BAR),
            faded("#7b61ff", 0.7 * (1 - pulse / BAR)),
        )
    for voice, (_, degrees, colour, name) in enumerate(SPEAKERS):
        turn = math.radians(degrees - 90)
        x, y = MIDDLE[0] + 252 * math.cos(turn) * 1.65, MIDDLE[1] + 252 * math.sin(turn)
        _voice(canvas, voice, x, y, colour, t)
        share = shown(t, entered(voice) - 0.3, entered(voice) + 5, 0.6)
        canvas.text(
            name, x, y + (76 if y < 560 else -58), 27, faded(colour, share), "josefin-sans", 0.12
        )
    _listener(canvas, t)
    share = shown(t, 0.5, ENTER_S, 0.6)
    canvas.text("Round for Six", 640, 360, 92, faded("#f7f7ff", share), "righteous")
    canvas.text(
        "five voices around you, and one below",
        640,
        420,
        30,
        faded("#b9b2e6", share),
        "josefin-sans",
        0.06,
    )
    canvas.veil(max(1 - ease(t, 0, 0.8), ease(t, SECONDS - 1.6, SECONDS - 0.1)), "#141126")


def _voice(canvas: Canvas, voice: int, x: float, y: float, colour: str, t: float) -> None:
    begun = t - entered(voice)
    canvas.disc(x, y, 34, faded(colour, 0.16 if begun < 0 else 0.3))
    if begun < 0 or t > SECONDS - 4:
        canvas.disc(x, y, 12, faded(colour, 0.4))
        return
    since = begun % BEAT
    for n in range(3):
        age = since + n * BEAT
        if begun >= n * BEAT:
            canvas.ring(
                x,
                y,
                34 + 105 * age,
                5 * (1 - age / 1.5) + 0.5,
                faded(colour, 0.8 * (1 - age / 1.5)),
            )
    canvas.disc(x, y, 22 + 13 * math.exp(-7 * since), colour)
    share = min(1.0, since / (BEAT * 0.9))
    reach = 1 - (1 - share) ** 2
    bx, by = x + (MIDDLE[0] - x) * reach, y + (MIDDLE[1] - y) * reach
    canvas.disc(bx, by, 9 * (1 - share) + 2, colour)


def _listener(canvas: Canvas, t: float) -> None:
    share = ease(t, ENTER_S - 0.4, ENTER_S + 0.6)
    beat = math.exp(-5 * (t % BEAT))
    canvas.disc(*MIDDLE, (30 + 5 * beat) * share, "#7b61ff")
    canvas.disc(*MIDDLE, 22 * share, "#f7f7ff")
    for side in (-1, 1):
        canvas.disc(MIDDLE[0] + 22 * side * share, MIDDLE[1], 7 * share, "#f7f7ff")
    nose = [(632.0, 353.0), (640.0, 338.0), (648.0, 353.0)]
    if share > 0.9:
        canvas.poly(nose, "#f7f7ff")


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS, 6)
    voices = (marimba, pluck, flute, keys, bell)
    for voice, (channel, *_) in enumerate(SPEAKERS):
        begun, n = entered(voice), 0
        while begun + n * BEAT < SECONDS - 4:
            note = ROUND[n % len(ROUND)]
            made: Sound = flute(note, BEAT * 0.95) if voice == 2 else voices[voice](note, 1.8)
            tape.to(channel, made, begun + n * BEAT, (0.9, 0.9, 0.8, 0.8, 0.8)[voice])
            n += 1
        tape.to(channel, bell("D5", 3.5), SECONDS - 4, 0.7)
    for n in range(int((SECONDS - ENTER_S - 4) / BEAT)):
        at = ENTER_S + n * BEAT
        if n % 2 == 0:
            tape.to(3, kick(), at, 1.0)
            root = ("D2", "A2", "D2", "C2", "D2", "F2", "G2", "A2")[n // 4 % 8]
            tape.to(3, bass(root, 0.9), at, 0.9)
            tape.to(2, bass(root, 0.9), at, 0.25)
    made = tape.finished(room=0.18, room_s=1.8, level=0.09)
    return [Track(made, ("-c:a", "ac3", "-b:a", "384k"), title="5.1")]


FILMS = {"round-for-six": Film(drawn(SECONDS, paint), sound, SECONDS, crf=27)}
