"""Circle, Square and Triangle: what they look like."""

import math

from demo.filming.canvas import Canvas

CIRCLE, SQUARE, TRIANGLE = "#ef476f", "#118ab2", "#ffb627"
INK = "#2b1a3d"


def eyes(
    canvas: Canvas, x: float, y: float, r: float, t: float, look: float = 0, mood: float = 1
) -> None:
    """Two eyes and a mouth; `look` from left (-1) to right (1), `mood` from sad to glad."""
    blink = 0.12 if t % 3.1 > 2.97 else 1.0
    for side in (-0.34, 0.34):
        canvas.pen.save()
        canvas.pen.translate(x + r * (side + 0.1 * look), y - r * 0.12)
        canvas.pen.scale(1, blink)
        canvas.disc(0, 0, r * 0.21, "#ffffff")
        canvas.disc(r * 0.07 * look, r * 0.02, r * 0.11, INK)
        canvas.pen.restore()
    middle = y + r * 0.32
    mouth = [
        (x + r * (0.1 * look + 0.3 * k / 6), middle + r * 0.13 * mood * (1 - (k / 6) ** 2))
        for k in range(-6, 7)
    ]
    canvas.line(mouth, max(2.0, r * 0.07), INK)


def circle(
    canvas: Canvas, x: float, y: float, r: float, t: float, turn: float = 0, **face: float
) -> None:
    canvas.disc(x, y, r, CIRCLE)
    canvas.disc(
        x + r * 0.62 * math.cos(turn - 2), y + r * 0.62 * math.sin(turn - 2), r * 0.1, "#f78ca2"
    )
    eyes(canvas, x, y, r, t, **face)


def square(
    canvas: Canvas, x: float, y: float, r: float, t: float, turn: float = 0, **face: float
) -> None:
    """`y` is its middle, `r` half of a side."""
    canvas.pen.save()
    canvas.pen.rotate(turn, x, y)
    canvas.rect(x - r, y - r, 2 * r, 2 * r, SQUARE, r * 0.16)
    eyes(canvas, x, y, r, t, **face)
    canvas.pen.restore()


def triangle(
    canvas: Canvas, x: float, y: float, r: float, t: float, turn: float = 0, **face: float
) -> None:
    canvas.pen.save()
    canvas.pen.rotate(turn, x, y)
    points = [(x, y - r * 1.35), (x + r * 1.18, y + r * 0.9), (x - r * 1.18, y + r * 0.9)]
    canvas.poly(points, TRIANGLE)
    canvas.line([*points, points[0]], r * 0.2, TRIANGLE)
    eyes(canvas, x, y + r * 0.28, r * 0.78, t, **face)
    canvas.pen.restore()
