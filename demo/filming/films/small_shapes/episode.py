"""What is the same in every episode: the opening, its name, the credits."""

import math
from collections.abc import Callable

from demo.filming.canvas import WIDTH, Canvas, bounce, ease, faded, shown
from demo.filming.films.small_shapes.cast import (
    CIRCLE,
    INK,
    SQUARE,
    TRIANGLE,
    circle,
    square,
    triangle,
)

OPENING_S, STORY_S, CREDITS_S = 8.0, 30.0, 6.0
SECONDS = OPENING_S + STORY_S + CREDITS_S
Story = Callable[[Canvas, float], None]


def opening(canvas: Canvas, t: float) -> None:
    canvas.clear("#fff4d6")
    for n in range(5):
        canvas.ring(640, 390, 120 + 150 * n + 40 * math.sin(t * 1.5), 26, "#ffe9b3")
    drop = 1 - bounce(t, 0.2, 1.4)
    circle(canvas, 380, 330 - 500 * drop, 92, t, look=0.4)
    square(canvas, 640 + 900 * (1 - bounce(t, 1.2, 2.4)), 330, 84, t)
    triangle(canvas, 900, 332 + 600 * (1 - bounce(t, 2.2, 3.4)), 84, t, look=-0.4)
    for n, letter in enumerate("SMALL SHAPES"):
        size = 96 * bounce(t, 3.4 + 0.12 * n, 4.1 + 0.12 * n)
        if size > 2 and letter != " ":
            colour = (CIRCLE, SQUARE, TRIANGLE)[n % 3]
            canvas.text(letter, 640 + (n - 5.5) * 76, 580, size, colour, "fredoka")
    canvas.veil(ease(t, OPENING_S - 0.6, OPENING_S - 0.05), "#fff4d6")


def ending(canvas: Canvas, t: float) -> None:
    canvas.clear("#2b1a3d")
    lines = (
        "Small Shapes",
        "Circle, Square and Triangle as themselves",
        "Drawn and played by a short program",
        "Made for Vitascope, CC0",
    )
    for n, line in enumerate(lines):
        share = ease(t, 0.3 + 0.5 * n, 1.0 + 0.5 * n)
        y = 250 + 62 * n + (30 if n else 0)
        canvas.text(
            line,
            640,
            y + 20 * (1 - share),
            64 if n == 0 else 30,
            faded("#fff4d6", share),
            "fredoka",
        )
    x = -150 + 1650 * ease(t, 0.5, CREDITS_S - 0.3)
    circle(canvas, x + 190, 610, 36, t, turn=x / 36, look=1)
    square(canvas, x + 90, 610 - 12 * abs(math.sin(t * 6)), 32, t, look=1)
    triangle(canvas, x, 616 - 12 * abs(math.sin(t * 6 + 1)), 30, t, look=1)
    canvas.rect(0, 646, WIDTH, 6, "#4a3566")
    canvas.veil(ease(t, CREDITS_S - 0.9, CREDITS_S - 0.1), "#000000")


def episode(number: int, name: str, story: Story) -> Callable[[Canvas, float], None]:
    def paint(canvas: Canvas, t: float) -> None:
        if t < OPENING_S:
            return opening(canvas, t)
        at = t - OPENING_S
        if at >= STORY_S:
            return ending(canvas, at - STORY_S)
        story(canvas, at)
        share = shown(at, 0.2, 3.2, 0.5)
        if share:
            canvas.rect(60, 54, 90 + 23 * len(name), 74, faded("#fff4d6", share), 37)
            canvas.text(
                f"{number}. {name}",
                60 + (90 + 23 * len(name)) / 2,
                104,
                38,
                faded(INK, share),
                "fredoka",
            )
        canvas.veil(
            max(1 - ease(at, 0, 0.5), ease(at, STORY_S - 0.9, STORY_S - 0.1)),
            "#fff4d6" if at < 9 else "#2b1a3d",
        )
        return None

    return paint
