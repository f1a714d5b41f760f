"""Three stories: a circle goes down, a square stays, a triangle goes up."""

import math

from demo.filming.canvas import WIDTH, Canvas, bounce, ease, faded, mix
from demo.filming.films.small_shapes.cast import circle, eyes, square, triangle

# -- 1: a circle goes down


def hill(x: float) -> float:
    """Returns how high the ground lies, with a pit at 4,000."""
    ground = 430 + 70 * math.sin(x / 420) + 30 * math.sin(x / 170 + 1) + min(80.0, x / 60)
    return ground + 150 * math.exp(-(((x - 4000) / 150) ** 4))


def going_down(canvas: Canvas, t: float) -> None:
    x = 200 + 3800 * ease(t, 1.5, 15) ** 1.2
    rock = 55 * math.sin((t - 15) * 3) * math.exp(-0.55 * (t - 15)) if t > 15 else 0.0
    out = ease(t, 22, 24.4)
    x += rock * (t < 22) + 900 * out
    lift = 300 * math.sin(out * math.pi) * (0 < out < 1)
    ahead = x - 480 if t < 22 else 3520 + 900 * ease(t, 22, 25)
    canvas.sky("#9bdcf0", "#d9f3ee", "#fff1cf")
    canvas.disc(1010 - ahead * 0.03, 150, 74, "#ffd65c")
    for n in range(9):
        cx = n * 420 - ahead * 0.2 % 420 - 100
        canvas.disc(cx, 640, 210, "#b6e3c0")
    ground = [(float(px), hill(px + ahead)) for px in range(-20, WIDTH + 20, 12)]
    canvas.poly([(-20, 760), *ground, (WIDTH + 20, 760)], "#5fb56a")
    canvas.line(ground, 12, "#3f9450")
    for n in range(60):
        px = n * 137 - ahead
        if -50 < px < WIDTH + 50 and abs(n * 137 - 4000) > 260:
            canvas.disc(px, hill(n * 137) - 14, 9, ("#ffffff", "#ffd65c", "#f78ca2")[n % 3])
            canvas.line([(px, hill(n * 137) - 6), (px, hill(n * 137) + 4)], 3, "#3f9450")
    if t > 15:
        _friends_at_the_pit(canvas, t, ahead)
    y = hill(x) - 62 - lift
    circle(
        canvas,
        x - ahead,
        y,
        62,
        t,
        turn=x / 62,
        look=1 if t < 15 else 0.2,
        mood=1 if t < 15.6 or t > 20 else -1,
    )


def _friends_at_the_pit(canvas: Canvas, t: float, ahead: float) -> None:
    walk = bounce(t, 16.5, 18)
    square(
        canvas,
        3650 - ahead - 500 * (1 - walk),
        hill(3650) - 58,
        58,
        t,
        look=1,
        mood=0.3 if t < 22 else 1,
    )
    fall = ease(t, 19, 20.4)
    left = 4330 + 500 * (1 - bounce(t, 17.3, 18.8)) - 190 * fall
    triangle(
        canvas, left - ahead, hill(left) - 52 * (1 - 0.2 * fall), 56, t, turn=-34 * fall, look=-1
    )


# -- 2: a square stays


def staying(canvas: Canvas, t: float) -> None:
    canvas.sky("#2a2350", "#56408a", "#b86a9a")
    rise = 250 * ease(t, 8, 24)
    for n in range(46):
        x, y = (n * n * 71 + n * 233) % WIDTH, (n * n * 41 + n * 157) % 620 - 60
        light = 0.4 + 0.6 * math.sin(t * 2 + n) ** 2
        canvas.disc(x, y + rise * 0.3, 2.4, faded("#fff4d6", light))
    star = (640.0, -190 + rise * 1.4)
    _star(canvas, *star, 56 + 6 * math.sin(t * 4), t)
    ground = 610 + rise
    canvas.rect(0, ground, WIDTH, 800, "#3a2a66")
    canvas.rect(0, ground, WIDTH, 14, "#6d54a6")
    stack = 0.0
    tones = ("#118ab2", "#06a77d", "#ef476f", "#ffb627", "#9b5de5", "#00bbf9", "#f15bb5")
    for n in range(7):
        begin, half = 3.5 + n * 2.5, 58.0 - 3 * n
        rest = ground - stack - half
        if t > begin:
            fall = bounce(t, begin, begin + 1.1)
            sway = 7 * math.sin(t * 1.7) * n / 6
            at_y = rest - 700 * (1 - fall)
            canvas.rect(640 - half + sway, at_y - half, 2 * half, 2 * half, tones[n], 9)
            eyes(canvas, 640 + sway, at_y, half, t + n, look=0.3 * math.sin(t + n), mood=1)
            stack += 2 * half * ease(t, begin + 0.3, begin + 0.7)
    hop = 26 * abs(math.sin(t * math.pi)) * (t > 23)
    circle(canvas, 330, ground - 54 - hop, 54, t, look=0.8)
    triangle(canvas, 950, ground - 44 - hop * 0.7, 50, t, look=-0.8)
    if t > 22:
        for n in range(26):
            turn, away = (
                n * 0.2417 * 2 * math.pi,
                70 + 260 * ease(t, 22, 24.5) * (0.5 + (n * 7 % 10) / 12),
            )
            gone = 1 - ease(t, 23.6, 26)
            canvas.disc(
                star[0] + away * math.cos(turn),
                star[1] + away * math.sin(turn),
                7,
                faded("#ffe08a", gone),
            )


def _star(canvas: Canvas, x: float, y: float, r: float, t: float) -> None:
    points = []
    for n in range(10):
        turn, away = (
            n * math.pi / 5 - math.pi / 2 + 0.1 * math.sin(t),
            r * (1 if n % 2 == 0 else 0.48),
        )
        points.append((x + away * math.cos(turn), y + away * math.sin(turn)))
    canvas.disc(x, y, r * 1.5, faded("#ffe08a", 0.25))
    canvas.poly(points, "#ffd23f")
    eyes(canvas, x, y + r * 0.08, r * 0.6, t)


# -- 3: a triangle goes up


def going_up(canvas: Canvas, t: float) -> None:
    clear = ease(t, 20, 24)
    canvas.sky(
        mix("#3d5a80", "#8fd3f4", clear),
        mix("#7b95b5", "#d8f1f5", clear),
        mix("#b4c3d4", "#fff1cf", clear),
    )
    if clear > 0:
        _rainbow(canvas, clear)
    level = 640 - 230 * ease(t, 5, 14)
    wet = (1 - ease(t, 19, 21.5)) * ease(t, 1.5, 3.5)
    for n in range(int(120 * wet)):
        x, y = (n * 211 + t * 60) % 1400 - 60, (n * 137 + t * 900) % 760 - 30
        canvas.line([(x, y), (x - 5, y + 26)], 3, "#dbe9f4")
    canvas.poly(
        [
            (0, 760),
            (0, 610),
            (240, 560),
            (520, 640),
            (820, 650),
            (1100, 585),
            (1280, 545),
            (1280, 760),
        ],
        "#7a6248",
    )
    _sea(canvas, t, level + 10, "#3a7ca5")
    afloat = ease(t, 12, 13.5)
    x = 330 + 640 * ease(t, 14.5, 24)
    y = min(560.0, level - 22 + 8 * math.sin(t * 2)) if t > 6 else 560.0
    tilt = 5 * math.sin(t * 2 + 1) * ease(t, 6, 8)
    canvas.pen.save()
    canvas.pen.rotate(tilt, x, y)
    up = bounce(t, 11, 13)
    sail_x, sail_y = x + 34 * up + 260 * (1 - up), y - 172 * up - 10 * (1 - up)
    canvas.line([(x, y), (x, y - 250 * afloat)], 8, "#6b4f3a")
    square(canvas, x, y, 74, t, look=0.5, mood=-0.6 if t < 11 else 1)
    canvas.rect(x - 190, y + 52, 190 + 120, 26, "#8a6b4f", 13)
    circle(canvas, x - 132, y + 8, 46, t, look=0.6, mood=-0.8 if t < 12 else 1)
    triangle(
        canvas, sail_x, sail_y, 78, t, turn=10 * afloat, look=0.4 if up > 0.5 else -0.6, mood=1
    )
    canvas.pen.restore()
    _sea(canvas, t + 2, level + 34, "#2f6690")
    _sea(canvas, t * 1.3, level + 80, "#285578")


def _sea(canvas: Canvas, t: float, top: float, colour: str) -> None:
    line = [
        (float(x), top + 11 * math.sin(x / 110 + t * 1.8) + 5 * math.sin(x / 47 - t))
        for x in range(0, 1300, 16)
    ]
    canvas.poly([(0, 760), *line, (1296, 760)], colour)


def _rainbow(canvas: Canvas, share: float) -> None:
    for n, colour in enumerate(("#ef476f", "#ff9f1c", "#ffd23f", "#06d6a0", "#118ab2", "#9b5de5")):
        canvas.ring(640, 700, 560 - 26 * n, 27, faded(colour, 0.55 * share))
