"""Twenty-Six: the alphabet, a letter every four beats, each doing what its word says."""

import math
from collections.abc import Sequence
from typing import Any

import skia

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, bounce, ease, fill, stroke, typeface
from demo.filming.music import Tape, bass, clap, hat, kick, marimba, pluck
from demo.filming.reel import Film, Track, drawn

BEAT = 0.46
LETTER_S = 4 * BEAT
LEAD_S = 2 * LETTER_S
SECONDS = LEAD_S + 27 * LETTER_S
WORDS = "arrive bounce circle double echo fall grid hang island jump kaleidoscope ladder multiply night orbit pendulum queue rain swing tilt up vanish wave x-ray yo-yo zoom".split()
FONTS = (
    "anton", "righteous", "abril-fatface", "bebas-neue", "fredoka", "limelight", "oswald",
    "cinzel", "josefin-sans", "playfair-display", "special-elite", "rye", "poiret-one",
)  # fmt: skip
COLOURS = (
    ("#f4d35e", "#0d3b66", "#ee964b"), ("#ee4266", "#fff1d0", "#2a1e5c"),
    ("#0ead69", "#0b132b", "#ffd23f"), ("#3bceac", "#540d6e", "#ffffff"),
    ("#2a1e5c", "#ff9f1c", "#f7f7ff"), ("#f7ede2", "#f28482", "#3d405b"),
)  # fmt: skip
MIDDLE = (WIDTH / 2, 345.0)


class Page:
    """A letter's second or two: `t` beats since it came, 0 to 4."""

    def __init__(self, canvas: Canvas, n: int, t: float) -> None:
        self.canvas, self.t = canvas, t
        self.letter, self.word = WORDS[n][0].upper(), WORDS[n]
        self.back, self.front, self.third = COLOURS[n % len(COLOURS)]
        self.font = FONTS[n % len(FONTS)]

    def put(
        self, x: float = 0, y: float = 0, size: float = 1, turn: float = 0,
        colour: str = "", outline: float = 0,
    ) -> None:  # fmt: skip
        """Set the letter, centred on a place counted from the middle, as large as `size` says."""
        pen, face = self.canvas.pen, self._face(520 * size)
        box = face.getPath(face.unicharToGlyph(ord(self.letter))).getBounds()
        pen.save()
        pen.translate(MIDDLE[0] + x, MIDDLE[1] + y)
        pen.rotate(turn)
        colour = colour or self.front
        paint = stroke(colour, outline, round_=False) if outline else fill(colour)
        pen.drawString(self.letter, -box.centerX(), -box.centerY(), face, paint)
        pen.restore()

    def _face(self, size: float) -> Any:
        return skia.Font(typeface(self.font), max(1.0, size))

    def draw(self) -> None:
        self.canvas.clear(self.back)
        getattr(self, "_" + self.word.replace("-", "_"))()
        rise = 70 * (1 - ease(self.t, 0.1, 0.7))
        self.canvas.text(self.word, WIDTH / 2, 668 + rise, 44, self.front, "josefin-sans", 0.22)

    # -- what the words say

    def _arrive(self) -> None:
        self.put(x=-900 * (1 - bounce(self.t, 0, 1.4)))

    def _bounce(self) -> None:
        hop = abs(math.sin(self.t * math.pi)) * 150
        self.canvas.rect(340, 575, 600, 10, self.third)
        self.put(y=25 - hop, size=0.95)

    def _circle(self) -> None:
        self.canvas.disc(*MIDDLE, 290 * bounce(self.t, 0, 1.2), self.third)
        self.put(turn=360 * ease(self.t, 0.4, 3))

    def _double(self) -> None:
        apart = 190 * bounce(self.t, 1, 2)
        self.put(x=-apart, colour=self.third)
        self.put(x=apart)

    def _echo(self) -> None:
        for n in range(9, 0, -1):
            if self.t > n * 0.28:
                self.put(size=1 + 0.2 * n, outline=3, colour=self.third)
        self.put()

    def _fall(self) -> None:
        self.put(turn=88 * bounce(self.t, 1, 2.6), y=90 * ease(self.t, 1, 2))

    def _grid(self) -> None:
        for n in range(7 * 3):
            size = bounce(self.t, 0.12 * (n % 7 + n // 7), 0.12 * (n % 7 + n // 7) + 0.9)
            colour = self.front if n % 2 else self.third
            self.put((n % 7 - 3) * 165, (n // 7 - 1) * 175, 0.36 * size, colour=colour)

    def _hang(self) -> None:
        pen, swing = (
            self.canvas.pen,
            16 * math.sin(self.t * math.pi * 0.9) * math.exp(-0.2 * self.t),
        )
        pen.save()
        pen.rotate(swing, MIDDLE[0], -60)
        for side in (-70, 70):
            self.canvas.line([(640 + side, -60), (640 + side, 240)], 6, self.third)
        self.put()
        pen.restore()

    def _island(self) -> None:
        self.put(y=40 * (1 - bounce(self.t, 0, 1.5)) - 20, size=0.9)
        for n in range(4):
            ridge = [(0.0, 720.0)]
            for x in range(0, WIDTH + 20, 20):
                ridge.append(
                    (x, 505 + 42 * n + 12 * math.sin(x / 90 + self.t * (1.5 + 0.3 * n) + n))
                )
            self.canvas.poly([*ridge, (WIDTH, 720)], self.third if n % 2 else self.back)

    def _jump(self) -> None:
        at = self.t % 2
        hop = max(0.0, math.sin((at - 0.3) * math.pi / 1.4)) if 0.3 < at < 1.7 else 0
        self.canvas.rect(640 - 150 + 70 * hop, 580, 300 - 140 * hop, 8, self.third)
        self.put(y=20 - 190 * hop, turn=360 * ease(at, 0.3, 1.7) * (self.t > 2))

    def _kaleidoscope(self) -> None:
        for n in range(8):
            turn = n * 45 + self.t * 25
            away = 60 + 190 * bounce(self.t, 0, 1.6)
            x, y = away * math.cos(math.radians(turn)), away * math.sin(math.radians(turn))
            self.put(x, y, 0.5, turn + 90, self.front if n % 2 else self.third)

    def _ladder(self) -> None:
        for n in range(5):
            size = bounce(self.t, n * 0.45, n * 0.45 + 0.8)
            self.put(
                -380 + n * 190, 190 - n * 95, 0.5 * size, colour=self.front if n % 2 else self.third
            )

    def _multiply(self) -> None:
        count = 2 ** min(4, int(self.t * 1.4))
        across = math.ceil(math.sqrt(count))
        for n in range(count):
            x = (n % across - (across - 1) / 2) * 1000 / across
            y = (n // across - (math.ceil(count / across) - 1) / 2) * 560 / across
            self.put(x, y, 1 / across, colour=self.front if (n + n // across) % 2 else self.third)

    def _night(self) -> None:
        self.back, self.third = "#16123f", "#ffd23f"
        self.canvas.clear(self.back)
        share = ease(self.t, 0.3, 2.2)
        self.canvas.disc(1040 - 800 * (1 - share), 190, 110, self.third)
        self.canvas.disc(1085 - 800 * (1 - share), 165, 105, self.back)
        for n in range(40):
            if (n * 0.07) < self.t:
                self.canvas.disc(
                    (n * n * 97 + n * 397) % 1280,
                    (n * n * 31 + n * 211) % 560,
                    2 + n % 3,
                    self.third,
                )
        self.put()

    def _orbit(self) -> None:
        self.canvas.ring(*MIDDLE, 265, 4, self.third)
        for n in range(3):
            turn = self.t * (1.6 - 0.2 * n) + n * 2.1
            self.put(265 * math.cos(turn), 265 * math.sin(turn), 0.17, colour=self.third)
        self.put(size=0.8)

    def _pendulum(self) -> None:
        turn = 0.6 * math.cos(self.t * math.pi / 2)
        x, y = 420 * math.sin(turn), 420 * math.cos(turn) - 330
        self.canvas.line([(640, -40), (640 + x, 345 + y)], 6, self.third)
        self.put(x, y, 0.75, -math.degrees(turn))

    def _queue(self) -> None:
        for n in range(7):
            x = -1100 + n * 240 + 300 * bounce(self.t, 0.15 * (6 - n), 0.15 * (6 - n) + 1.2)
            self.put(x, 40, 0.48, colour=self.third if n == 6 else self.front)

    def _rain(self) -> None:
        for n in range(46):
            y = (n * 173 + self.t * (150 + n % 5 * 45)) % 900 - 460
            self.put((n * 397) % 1280 - 640, y, 0.1 + n % 3 * 0.05, colour=self.third)
        self.put()

    def _swing(self) -> None:
        self.put(turn=28 * math.sin(self.t * math.pi), x=90 * math.sin(self.t * math.pi))

    def _tilt(self) -> None:
        pen = self.canvas.pen
        pen.save()
        pen.rotate(-12 * bounce(self.t, 0.8, 2.2), *MIDDLE)
        self.canvas.rect(-300, 520, 1900, 600, self.third)
        self.put(x=330 * -(ease(self.t, 1.6, 3.4) ** 2), y=28)
        pen.restore()

    def _up(self) -> None:
        for n in range(7):
            self.put(
                (n - 3) * 170,
                900 - 1000 * ease(self.t, n * 0.2, n * 0.2 + 2.6),
                0.4,
                colour=self.third,
            )
        self.put(y=420 - 420 * bounce(self.t, 0, 1.3))

    def _vanish(self) -> None:
        for n in range(14):
            high = 60.0
            gone = ease(self.t, 1.2 + n * 0.13, 1.9 + n * 0.13)
            pen = self.canvas.pen
            pen.save()
            pen.clipRect(skia.Rect.MakeXYWH(0, n * 52, WIDTH, high * (1 - gone)))
            self.put()
            pen.restore()

    def _wave(self) -> None:
        for n in range(9):
            y = 110 * math.sin(n * 0.8 - self.t * 2.4)
            self.put((n - 4) * 150, y, 0.4, colour=self.front if n % 2 else self.third)

    def _x_ray(self) -> None:
        self.put(outline=5)
        x = -100 + 1500 * ease(self.t, 0.4, 3.4)
        pen = self.canvas.pen
        self.canvas.rect(x - 110, 0, 220, HEIGHT, self.third)
        pen.save()
        pen.clipRect(skia.Rect.MakeXYWH(x - 110, 0, 220, HEIGHT))
        self.put(colour=self.back)
        pen.restore()

    def _yo_yo(self) -> None:
        y = -190 + 330 * abs(math.sin(self.t * math.pi / 2))
        self.canvas.line([(640, 0), (640, 345 + y)], 5, self.third)
        self.put(0, y, 0.55, self.t * 300)

    def _zoom(self) -> None:
        for n in range(6, -1, -1):
            size = 2 ** ((n + self.t * 1.2) % 7 - 3)
            self.put(size=size, colour=self.front if n % 2 else self.third)


def paint(canvas: Canvas, t: float) -> None:
    if t < LEAD_S:
        _opening(canvas, t / BEAT)
        return
    n = int((t - LEAD_S) / LETTER_S)
    if n >= 26:
        _ending(canvas, (t - LEAD_S) / BEAT - 104)
        return
    Page(canvas, n, (t - LEAD_S) / BEAT - n * 4).draw()


def _opening(canvas: Canvas, t: float) -> None:
    canvas.clear("#0b132b")
    for n, word in enumerate(("TWENTY", "SIX")):
        size = 190 * bounce(t, n * 2, n * 2 + 1.2)
        if size > 1:
            canvas.text(
                word, WIDTH / 2, 330 + n * 190, size, "#ffd23f" if n else "#f7ede2", "anton"
            )
    canvas.rect(0, 700, WIDTH * min(1, t / 8), 20, "#ee4266")


def _ending(canvas: Canvas, t: float) -> None:
    canvas.clear("#0b132b")
    for n in range(26):
        size = 84 * bounce(t, 0.06 * n, 0.06 * n + 0.8)
        if size > 1:
            x, y = 640 + (n % 9 - 4) * 118, 270 + n // 9 * 130
            colour = ("#ffd23f", "#ee4266", "#3bceac", "#f7ede2")[n % 4]
            canvas.text(WORDS[n][0].upper(), x, y, size, colour, FONTS[n % len(FONTS)])
    canvas.veil(ease(t, 3.0, 3.9))


def sound() -> Sequence[Track]:
    tape = Tape(SECONDS)
    chords = (
        ("C3", "E4", "G4", "B4"),
        ("A2", "E4", "G4", "C5"),
        ("F2", "F4", "A4", "C5"),
        ("G2", "D4", "G4", "B4"),
    )
    for beat in range(round(SECONDS / BEAT)):
        at, quiet = beat * BEAT, beat < 4
        root, *upper = chords[beat // 4 % 4]
        if beat % 4 == 0:
            tape.add(bass(root, 1.2), at, 0.9)
            tape.add(marimba(upper[0].replace("4", "5")), at, 0.5, -0.3)
        if not quiet:
            tape.add(kick() if beat % 2 == 0 else clap(), at, 0.75)
            tape.add(hat(), at + BEAT / 2, 0.5, 0.3)
        for half in range(2):
            note = upper[(beat * 2 + half) % 3]
            tape.add(pluck(note, 1.2, 0.99), at + half * BEAT / 2, 0.4, 0.5 if half else -0.5)
    return [Track(tape.finished(room=0.1, room_s=1.0, level=0.13))]


FILMS = {"twenty-six": Film(drawn(SECONDS, paint), sound, SECONDS)}
