"""The theme, and the music of each story."""

from collections.abc import Callable, Sequence

from demo.filming.films.small_shapes.episode import OPENING_S, SECONDS, STORY_S
from demo.filming.music import Sound, Tape, bass, flute, hat, kick, marimba, pluck, wood
from demo.filming.reel import Track

BEAT = 0.5


def sound(number: int) -> Callable[[], Sequence[Track]]:
    def tracks() -> Sequence[Track]:
        tape = Tape(SECONDS)
        _theme(tape, 0.0)
        _story(tape, number)
        _theme(tape, OPENING_S + STORY_S, short=True)
        return [Track(tape.finished(room=0.12, room_s=1.1, level=0.11))]

    return tracks


def _theme(tape: Tape, start: float, *, short: bool = False) -> None:
    for n, note in enumerate(
        "C5 E5 G5 E5 A5 G5 E5 . F5 A5 C6 A5 G5 . C6 .".split()[: 12 if short else 16]
    ):
        at = start + 0.3 + n * BEAT * (0.86 if not short else 0.8)
        if note != ".":
            tape.add(marimba(note), at, 0.7)
            tape.add(pluck(note.replace("5", "4").replace("6", "5"), 1.0, 0.985), at, 0.5, -0.3)
        tape.add(kick() if n % 2 == 0 else hat(), at, 0.5)
        tape.add(bass(("C3", "F2", "G2", "C3")[n // 4], 0.5), at, 0.5)


MUSIC = (
    (("C3", "A2", "F2", "G2"), "E5 G5 C6 G5 A5 G5 E5 D5 C5 D5 E5 G5 F5 E5 D5 G5"),
    (("D3", "Bb2", "G2", "A2"), "A5 . F5 . D5 . F5 . G5 . D5 . Bb4 . A4 ."),
    (("A2", "F2", "C3", "G2"), "C5 B4 A4 E5 C5 A4 G4 A4 E5 D5 C5 G5 E5 D5 B4 D5"),
)  # of each story: roots of the chords, and the tune


def _story(tape: Tape, number: int) -> None:
    roots, tune = MUSIC[number]
    notes, start = tune.split(), OPENING_S + 0.5
    for n in range(int((STORY_S - 2) / BEAT)):
        at = start + n * BEAT
        tape.add(bass(roots[n // 8 % 4], 0.7), at, 0.5 if n % 2 == 0 else 0.25)
        tape.add(wood("E5" if n % 2 else "B5"), at + (BEAT / 2 if number == 0 else 0), 0.2, 0.4)
        note = notes[n % len(notes)]
        if note != "." and n > 3:
            voice: Sound = (pluck(note, 1.0, 0.99), marimba(note), flute(note, BEAT * 0.9))[number]
            tape.add(voice, at, (0.6, 0.55, 0.45)[number], -0.2)
    if number == 1:
        for n in range(7):
            tape.add(kick(), OPENING_S + 3.5 + n * 2.5 + 0.4, 1.3)
    if number == 0:
        for at in (15.0, 20.2, 24.3):
            tape.add(kick(), OPENING_S + at, 1.2)
