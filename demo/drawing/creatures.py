"""Motifs with a creature, or something that grows."""

from itertools import pairwise

from demo.drawing.palette import Colour, mix
from demo.drawing.places import ridge
from demo.drawing.sheet import Sheet, turned


def dinosaur(s: Sheet) -> None:
    s.fade([s.main, mix(s.main, s.light, 0.5), s.light], 0.8)
    s.disc(0.12, -0.12, 0.84, s.accent)
    s.disc(0.12, -0.12, 0.72, mix(s.accent, s.light, 0.3))
    ridge(s, 0.35, 0.2, mix(s.main, s.deep, 0.3), 1.0)
    ridge(s, 0.6, 0.1, mix(s.main, s.deep, 0.65), 1.4)
    s.limb(
        [
            (-1.35, 0.66),
            (-0.95, 0.78),
            (-0.5, 0.5),
            (-0.1, 0.36),
            (0.28, 0.34),
            (0.48, 0.0),
            (0.44, -0.42),
            (0.5, -0.66),
            (0.68, -0.74),
        ],
        [0.01, 0.07, 0.2, 0.33, 0.25, 0.14, 0.1, 0.085, 0.09],
        s.ink,
    )
    s.limb([(0.62, -0.74), (0.86, -0.68)], [0.1, 0.055], s.ink)
    for x, bend in ((-0.34, -0.04), (-0.14, 0.03), (0.18, -0.03), (0.34, 0.04)):
        s.limb([(x, 0.5), (x + bend, 0.8), (x + bend, 1.06)], [0.12, 0.09, 0.095], s.ink)
    s.disc(0.66, -0.77, 0.024, s.light)
    ridge(s, 1.05, 0.03, s.ink, 1.7)
    for side, lean in ((s.left + 0.1, 1), (s.right - 0.1, -1)):
        for i in range(7):
            _frond(
                s,
                side,
                s.bottom - 0.1,
                s.random.uniform(0.6, 1.1),
                -90 + lean * (i * 14 - 20),
                s.ink,
            )


def _frond(s: Sheet, x: float, y: float, size: float, angle: float, colour: Colour) -> None:
    for i in range(1, 13):
        spot = turned((x, y), size * i / 12, angle + i * 1.6)
        for side in (-62, 62):
            s.limb(
                [spot, turned(spot, size * 0.26 * (1 - i / 14), angle + side)],
                [0.017, 0.003],
                colour,
            )
    s.line([(x, y), turned((x, y), size, angle + 19)], 0.014, colour)


def plant(s: Sheet) -> None:
    s.fade([s.accent, mix(s.accent, s.light, 0.5), s.light])
    for i in range(24):
        if i % 2:
            s.slice(0, -0.2, 6, i * 15, i * 15 + 15, mix(s.accent, s.light, 0.22))
    s.limb([(0.0, 1.1), (-0.25, 0.75), (0.2, 0.4), (0.0, 0.1)], [0.075, 0.065, 0.06, 0.06], s.deep)
    for side in (-1, 1):
        for lift, size in ((0.8, 0.8), (0.6, 0.6)):
            s.limb(
                [(0, lift + 0.1), (side * size * 0.5, lift - 0.14), (side * size, lift + 0.1)],
                [0.03, 0.15, 0.008],
                s.deep,
            )
            s.line(
                [(0, lift + 0.1), (side * size * 0.5, lift - 0.14), (side * size, lift + 0.1)],
                0.016,
                s.main,
            )
    s.slice(0, -0.2, 0.62, 8, 172, s.deep)
    s.slice(0, -0.26, 0.62, 188, 352, s.deep)
    s.slice(0, -0.2, 0.5, 12, 168, s.accent)
    s.slice(0, -0.27, 0.48, 192, 348, mix(s.accent, s.ink, 0.55))
    for i in range(-5, 6):
        x = i * 0.1
        s.poly([(x - 0.05, -0.29), (x + 0.05, -0.29), (x, -0.12)], s.light)
        s.poly([(x, -0.17), (x + 0.1, -0.17), (x + 0.05, -0.32)], s.light)
    for x, y, r in ((-0.3, -0.64, 0.09), (0.05, -0.72, 0.07), (0.34, -0.6, 0.1), (0.2, 0.24, 0.06)):
        s.disc(x, y, r, s.main)
    s.poly([(-0.38, 1.0), (0.38, 1.0), (0.27, 1.5), (-0.27, 1.5)], s.ink)
    s.rect(-0.44, 0.94, 0.44, 1.07, s.ink)


def bunny(s: Sheet) -> None:
    s.fade([mix(s.main, s.light, 0.8), s.light, mix(s.light, s.accent, 0.5)], 0.8)
    s.disc(0.6, -0.6, 0.3, s.accent)
    for x, r, share in ((-1.2, 1.0, 0.0), (1.2, 1.15, 0.2), (-0.1, 0.9, 0.4)):
        s.disc(x, 1.2, r, mix(s.main, s.deep, share))
    s.rect(s.left, 1.2, s.right, s.bottom, mix(s.main, s.deep, 0.4))
    for i in range(9):
        x = s.left + (s.right - s.left) * i / 8
        s.poly(
            [(x - 0.2, 1.3), (x, 0.28 + 0.2 * (i % 3)), (x + 0.2, 1.3)], mix(s.main, s.deep, 0.75)
        )
    grey, pink = mix(s.ink, s.light, 0.72), mix(s.accent, s.light, 0.55)
    for side in (-1, 1):
        s.limb(
            [(side * 0.17, -0.2), (side * 0.24, -0.6), (side * 0.32, -0.92)],
            [0.1, 0.14, 0.06],
            grey,
        )
        s.limb(
            [(side * 0.18, -0.3), (side * 0.24, -0.6), (side * 0.31, -0.86)],
            [0.04, 0.075, 0.025],
            pink,
        )
    s.disc(0, 1.02, 0.72, grey, 0.74)
    s.disc(0, 1.15, 0.48, s.light, 0.55)
    s.disc(0, 0.06, 0.46, grey, 0.4)
    for side in (-1, 1):
        s.disc(side * 0.2, 0.26, 0.24, grey, 0.2)
        s.disc(side * 0.16, -0.04, 0.1, s.light, 0.115)
        s.disc(side * 0.14, -0.03, 0.05, s.ink)
        s.disc(side * 0.125, -0.05, 0.017, s.light)
    s.disc(0, 0.2, 0.22, s.light, 0.16)
    s.disc(0, 0.13, 0.075, pink, 0.052)
    s.rect(-0.07, 0.27, -0.006, 0.41, s.light)
    s.rect(0.006, 0.27, 0.07, 0.41, s.light)
    s.limb([(-0.14, 0.25), (0, 0.28), (0.14, 0.25)], [0.008, 0.013, 0.008], s.ink)
    _butterfly(s, 0.72, 0.0, 0.17)
    _butterfly(s, -0.76, -0.36, 0.12)


def _butterfly(s: Sheet, x: float, y: float, k: float) -> None:
    for side in (-1, 1):
        s.disc(x + side * k * 0.6, y - k * 0.4, k * 0.6, s.accent, k * 0.5)
        s.disc(x + side * k * 0.45, y + k * 0.4, k * 0.42, mix(s.accent, s.light, 0.5), k * 0.38)
    s.limb([(x, y - k * 0.6), (x, y + k * 0.7)], [k * 0.1, k * 0.07], s.ink)


def dragon(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.main, s.accent], 0.95)
    s.glow(0.1, -0.1, 1.5, s.accent, 0.6)
    s.disc(0.1, -0.05, 0.72, s.accent)
    s.disc(0.1, -0.05, 0.64, s.light)
    for side, k in ((-1, 1.0), (1, 0.92)):
        shoulder, wrist = (side * 0.08, -0.28), (side * 0.5 * k, -0.9 * k)
        tips = [
            (side * 1.3 * k, -0.56 * k),
            (side * 1.12 * k, -0.12),
            (side * 0.76 * k, 0.12),
            (side * 0.3, 0.14),
        ]
        web = [shoulder, wrist]
        for a, b in pairwise(tips):
            web += [a, ((a[0] + b[0]) / 2 * 0.86, (a[1] + b[1]) / 2 - 0.06)]
        s.poly([*web, tips[-1]], s.ink)
        for tip in tips[:3]:
            s.line([wrist, tip], 0.016, mix(s.ink, s.deep, 0.9))
    s.limb(
        [(0.34, 0.84), (0.12, 0.62), (-0.1, 0.34), (0.0, -0.1), (0.06, -0.42), (-0.06, -0.62)],
        [0.006, 0.04, 0.085, 0.14, 0.08, 0.07],
        s.ink,
    )
    s.limb([(-0.04, -0.64), (-0.26, -0.6)], [0.09, 0.032], s.ink)
    s.poly([(0.0, -0.7), (0.18, -0.86), (0.06, -0.6)], s.ink)
    s.disc(-0.1, -0.655, 0.018, s.accent)
    ridge(s, s.bottom - 0.5, 0.14, mix(s.ink, s.deep, 0.45), 1.1)
    ridge(s, s.bottom - 0.28, 0.1, s.ink, 1.6)
    y = s.bottom - 0.42
    s.limb([(0.62, y + 0.1), (0.62, y - 0.12), (0.61, y - 0.2)], [0.1, 0.05, 0.03], s.ink)
    s.disc(0.61, y - 0.25, 0.045, s.ink)
    s.line([(0.75, y + 0.2), (0.68, y - 0.5)], 0.017, s.ink)


def mushrooms(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.main], 1.0)
    for i in range(9):
        x = s.left + (s.right - s.left) * (i + 0.5) / 9
        s.limb(
            [(x, s.top), (x + 0.05, 0), (x, s.bottom)], [0.1, 0.09, 0.16], mix(s.ink, s.deep, 0.55)
        )
    s.glow(0, 0.1, 1.3, s.main, 0.7)
    for x, y, k in (
        (0.02, 0.0, 1.0),
        (-0.72, 0.52, 0.5),
        (0.74, 0.42, 0.56),
        (s.left + 0.2, 0.9, 0.4),
        (s.right - 0.3, 0.85, 0.45),
    ):
        s.limb(
            [(x, y + 0.1 * k), (x, y + 0.62 * k), (x, y + 1.0 * k)],
            [0.24 * k, 0.22 * k, 0.3 * k],
            s.light,
        )
        s.slice(x, y + 0.08 * k, 0.74 * k, 180, 360, s.accent)
        s.disc(x, y + 0.08 * k, 0.74 * k, mix(s.accent, s.ink, 0.35), 0.1 * k)
        for dx, dy, r in (
            (-0.36, -0.2, 0.12),
            (0.06, -0.4, 0.15),
            (0.42, -0.16, 0.1),
            (-0.06, -0.1, 0.07),
        ):
            s.disc(x + dx * k, y + dy * k, r * k, s.light, r * k * 0.85)
        for side in (-1, 1):
            s.disc(x + side * 0.1 * k, y + 0.38 * k, 0.065 * k, s.ink, 0.085 * k)
            s.disc(x + side * 0.085 * k, y + 0.355 * k, 0.022 * k, s.light)
        s.limb(
            [(x - 0.13 * k, y + 0.56 * k), (x, y + 0.62 * k), (x + 0.13 * k, y + 0.56 * k)],
            [0.008 * k, 0.03 * k, 0.008 * k],
            s.ink,
        )
    ridge(s, s.bottom - 0.5, 0.05, s.ink, 2.0)
    for _ in range(40):
        x, y = s.random.uniform(s.left, s.right), s.random.uniform(s.top, 1.0)
        s.disc(x, y, s.random.choice((0.008, 0.014)), s.light)


CREATURES = {
    "dinosaur": dinosaur,
    "plant": plant,
    "bunny": bunny,
    "dragon": dragon,
    "mushrooms": mushrooms,
}
