"""Dear Keeper: a lighthouse that runs by itself writes to the man who used to run it. With
subtitles in three languages, an audio description and a commentary."""

import math
from collections.abc import Sequence

from demo.filming.canvas import HEIGHT, WIDTH, Canvas, ease, faded, mix, shown
from demo.filming.music import Sound, Tape, bell, lowpass, noise, pad, piano
from demo.filming.reel import Film, Track, drawn
from demo.filming.speech import Line, said, spoken, web_vtt

SECONDS = 64.0
LAMP = (372.0, 208.0)
LETTER: tuple[tuple[float, str, str, str], ...] = (
    (7.0, "Dear keeper.", "Cher gardien,", "Lieber Wärter,"),
    (
        10.0,
        "I am well. The lamp turns. I do not sleep.",
        "je vais bien. La lampe tourne. Je ne dors pas.",
        "mir geht es gut. Das Licht dreht sich. Ich schlafe nicht.",
    ),
    (
        17.6,
        "On Tuesday there was fog, and I counted to nine, again and again, as you taught me.",
        "Mardi il y avait du brouillard, et j'ai compté jusqu'à neuf, encore et encore, comme vous me l'avez appris.",
        "Am Dienstag war Nebel, und ich zählte bis neun, immer wieder, wie Sie es mir beigebracht haben.",
    ),
    (
        29.0,
        "A small boat passed. It had one light, and so have I. We did not speak.",
        "Une petite barque est passée. Elle avait une lumière, et moi aussi. Nous n'avons pas parlé.",
        "Ein kleines Boot fuhr vorbei. Es hatte ein Licht, wie ich. Wir sprachen nicht.",
    ),
    (
        40.3,
        "They say that I need nobody. It is true. I only wanted to tell you.",
        "On dit que je n'ai besoin de personne. C'est vrai. Je voulais seulement vous le dire.",
        "Man sagt, ich brauche niemanden. Das stimmt. Ich wollte es Ihnen nur sagen.",
    ),
    (
        49.4,
        "Your chair is still here. Nobody has moved it.",
        "Votre chaise est toujours là. Personne ne l'a déplacée.",
        "Ihr Stuhl steht noch da. Niemand hat ihn bewegt.",
    ),
)
ENDS = (9.4, 16.2, 27.0, 38.0, 49.0, 55.4)
DESCRIBED: tuple[Line, ...] = (
    (0.8, "Night. A white lighthouse on a black rock. Its beam sweeps the sea."),
    (15.8, "The beam passes."),
    (26.8, "A boat with one lamp."),
    (37.9, "It sails out of the picture."),
    (55.2, "Dawn. The lamp goes out. Gulls. The words: Dear Keeper."),
)
COMMENTARY: tuple[Line, ...] = (
    (1.5, "This is the program that drew the film, speaking about it."),
    (8.0, "The voice of the lighthouse is a machine's, because it is one. So is mine."),
    (
        17.0,
        "The beam is a long triangle. When it points at you, it is a short and bright one. That is all there is to it.",
    ),
    (
        28.0,
        "The boat was added late. Without it, nothing happened, and the letter had nothing to say.",
    ),
    (38.5, "The waves are four rows of sines. The stars are where a small sum put them."),
    (49.0, "I tried an ending with a person in the chair. It was too much."),
)


def paint(canvas: Canvas, t: float) -> None:
    dawn = ease(t, 50, 60)
    canvas.sky(
        mix("#070d22", "#5f86b5", dawn),
        mix("#12204a", "#e3a78f", dawn),
        mix("#1d3160", "#f7d9a3", dawn),
        bottom=500,
    )
    _stars(canvas, t, 1 - dawn)
    if dawn > 0:
        canvas.disc(930, 560 - 70 * dawn, 62, faded("#ffe9bd", dawn))
    _beam(canvas, t, dawn)
    _sea(canvas, t, 0, 486, mix("#14264f", "#7c93b4", dawn))
    _boat(canvas, t)
    for n in range(1, 4):
        _sea(
            canvas,
            t,
            n,
            486 + 62 * n,
            mix(
                ("#10204a", "#0c1a3e", "#081230")[n - 1],
                ("#5f7ba4", "#48648f", "#344f79")[n - 1],
                dawn,
            ),
        )
    _tower(canvas, t, dawn)
    if dawn > 0.2:
        for n in range(5):
            _gull(canvas, 560 + n * 74 + (t - 52) * 26, 250 + 40 * math.sin(n * 2 + t), t + n, dawn)
    share = shown(t, 1.6, 6.2, 0.9)
    canvas.text("Dear Keeper", 850, 250, 84, faded("#f6ecd2", share), "playfair-display", 0.02)
    share = ease(t, 56, 58)
    canvas.text("Dear Keeper", 850, 190, 64, faded("#3a2b45", share), "playfair-display", 0.02)
    canvas.veil(max(1 - ease(t, 0, 1.2), ease(t, SECONDS - 2.2, SECONDS - 0.2)), "#05081a")


def _stars(canvas: Canvas, t: float, share: float) -> None:
    for n in range(110):
        x, y = (n * n * 67 + n * 389) % WIDTH, (n * n * 29 + n * 113) % 430
        light = share * (0.35 + 0.65 * math.sin(t * (0.6 + n % 4 * 0.3) + n) ** 2)
        canvas.disc(x, y, 0.9 + n % 3 * 0.5, faded("#eaf0ff", light))


def _beam(canvas: Canvas, t: float, dawn: float) -> None:
    """It turns once in nine seconds: long to the sides, a glare when it looks at us."""
    strength = 1 - ease(t, 54, 56)
    for back in (0, math.pi):
        turn = t * 2 * math.pi / 9 + back
        across, toward = math.cos(turn), math.sin(turn)
        reach, wide = math.copysign(1500, across), 26 + 120 * abs(across)
        sideways = min(1.0, 1.6 * abs(across))
        if abs(across) > 0.08:
            for n in range(4):
                part = wide * (1 - 0.22 * n)
                canvas.poly(
                    [
                        LAMP,
                        (LAMP[0] + reach, LAMP[1] + 40 - part),
                        (LAMP[0] + reach, LAMP[1] + 40 + part),
                    ],
                    faded(
                        "#ffeeb8", strength * sideways * (0.06 + 0.03 * toward) * (1 - 0.5 * dawn)
                    ),
                )
        glare = max(0.0, toward) ** 6 * strength
        for n in range(4):
            canvas.disc(*LAMP, 20 + 34 * n * glare, faded("#fff3cc", glare * (0.5 - 0.11 * n)))


def _sea(canvas: Canvas, t: float, n: int, top: float, colour: str) -> None:
    line = [
        (
            float(x),
            top
            + (6 + 3 * n) * math.sin(x / (130 - 18 * n) + t * (0.7 + 0.22 * n) + n * 2)
            + 3 * math.sin(x / 41 - t),
        )
        for x in range(0, WIDTH + 16, 16)
    ]
    canvas.poly([(0, HEIGHT), *line, (WIDTH + 16, HEIGHT)], colour)


def _boat(canvas: Canvas, t: float) -> None:
    x = 1380 - 1650 * (t - 25) / 18
    if -140 < x < 1400:
        y = 518 + 5 * math.sin(t * 1.4)
        canvas.disc(x + 2, y - 76, 30, faded("#ffcf7a", 0.18))
        canvas.line([(x, y - 8), (x, y - 74)], 4, "#1c1420")
        canvas.disc(x, y - 76, 7, "#ffd88a")
        canvas.poly(
            [(x - 62, y - 18), (x + 62, y - 18), (x + 40, y + 14), (x - 46, y + 14)], "#2a1c26"
        )
        canvas.poly([(x + 4, y - 66), (x + 4, y - 26), (x + 46, y - 26)], "#8d6f72")


def _tower(canvas: Canvas, t: float, dawn: float) -> None:
    rock = mix("#060a18", "#2b2f45", dawn)
    canvas.poly(
        [
            (120, 720),
            (190, 604),
            (250, 566),
            (330, 540),
            (430, 546),
            (500, 590),
            (560, 640),
            (640, 720),
        ],
        rock,
    )
    light, dark = mix("#9aa6c4", "#fff3e2", dawn), mix("#5a6688", "#d8bfb2", dawn)
    canvas.poly([(334, 244), (410, 244), (430, 552), (314, 552)], light)
    canvas.poly([(386, 244), (410, 244), (430, 552), (392, 552)], dark)
    red = mix("#6d2336", "#d9534f", dawn)
    for top in (300, 420):
        share, half = (top - 244) / 308, 62
        left, right = 334 - 20 * share, 410 + 20 * share
        canvas.poly(
            [(left, top), (right, top), (right + 4, top + half), (left - 4, top + half)], red
        )
    canvas.rect(322, 232, 100, 14, mix("#2a3048", "#54394a", dawn), 4)
    canvas.rect(346, 184, 52, 48, mix("#ffedb0", "#cfe0ee", ease(t, 54, 56)), 6)
    canvas.poly([(338, 186), (406, 186), (372, 148)], red)
    canvas.line([(372, 150), (372, 132)], 4, mix("#2a3048", "#54394a", dawn))
    warm = ease(t, 46, 49) * (1 - ease(t, 57, 59))
    canvas.rect(360, 482, 24, 34, mix("#1a2036", "#ffcf7a", warm), 12)


def _gull(canvas: Canvas, x: float, y: float, t: float, share: float) -> None:
    lift = 9 * math.sin(t * 5)
    canvas.line(
        [(x - 18, y - lift), (x - 7, y - 5), (x, y), (x + 7, y - 5), (x + 18, y - lift)],
        3,
        faded("#3a3a55", share),
    )


def sound() -> Sequence[Track]:
    described, commented = _music(0.55), _music(0.3)
    spoken(described, _english(), "en-gb-x-rp", 128, 22, 1.0)
    spoken(described, DESCRIBED, "en-us", 165, 60, 0.85)
    spoken(commented, COMMENTARY, "en-us", 155, 45, 1.0)
    main = _music(0.55)
    spoken(main, _english(), "en-gb-x-rp", 128, 22, 1.0)
    aac = ("-c:a", "aac", "-b:a", "96k")
    return [
        Track(_mixed(main), aac, "eng", "Original", "default"),
        Track(_mixed(described), aac, "eng", "Audio description", "visual_impaired"),
        Track(_mixed(commented), aac, "eng", "Commentary", "comment"),
    ]


def _mixed(tape: Tape) -> Sound:
    return tape.finished(room=0.12, room_s=2.4)


def _english() -> list[Line]:
    return [(at, english) for at, english, _, _ in LETTER]


def _music(gain: float) -> Tape:
    tape = Tape(SECONDS)
    for n in range(9):
        wave = lowpass(noise(7.0, 70 + n, 60, 900), 600)
        swell = pad(("C1",), 7.0, 60.0, 3.2)[:, 0]
        shape = abs(swell) / (abs(swell).max() + 1e-9)
        tape.add(lowpass(wave * lowpass(shape, 2.0), 700), n * 7.0, 0.5 * gain, 0.4 * (-1) ** n)
    chords = (("F2", "C3", "A3"), ("D2", "A2", "F3"), ("Bb1", "F2", "D3"), ("C2", "G2", "E3"))
    for n in range(8):
        tape.add(pad(chords[n % 4], 10.0, 520.0, 3.0), n * 7.6, 0.5 * gain)
    for n, note in enumerate("A4 C5 F5 E5 C5 A4 D5 F5 A4 G4 C5 E5 F5 C5 A4".split()):
        tape.add(piano(note, 4.0), 3 + n * 3.9, 0.34 * gain, 0.3)
    for n in range(7):
        tape.add(bell("F3", 5.0), n * 9.0, 0.3 * gain, -0.5)
    return tape


def texts() -> dict[str, str]:
    ends = [
        min(end, at + len(said(english, "en-gb-x-rp", 128, 22)) / 48_000 + 0.6)
        for (at, english, _, _), end in zip(LETTER, ENDS, strict=True)
    ]
    ends = [max(end, at + 2.2) for (at, *_), end in zip(LETTER, ends, strict=True)]
    return {
        language: web_vtt([(line[0], line[n]) for line in LETTER], ends)  # type: ignore[misc]
        for n, language in ((1, "en"), (2, "fr"), (3, "de"))
    }


FILMS = {
    "dear-keeper": Film(drawn(SECONDS, paint), sound, SECONDS, crf=24, suffix=".mkv", texts=texts)
}
