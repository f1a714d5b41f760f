"""Motifs with a horizon: streets, seas, hills and houses."""

import math

from demo.drawing.palette import Colour, mix
from demo.drawing.sheet import Sheet, turned


def ridge(s: Sheet, base: float, rough: float, colour: Colour, pitch: float = 1.0) -> None:
    """A line of hills across the sheet, filled down to its bottom."""
    phases = [s.random.uniform(0, 6.3) for _ in range(4)]
    outline = []
    for i in range(161):
        x = s.left + (s.right - s.left) * i / 160
        wave = sum(math.sin(x * pitch * 1.9**k + phases[k]) / 1.7**k for k in range(4))
        outline.append((x, base - rough * wave))
    s.poly([*outline, (s.right, s.bottom), (s.left, s.bottom)], colour)


def skyline(s: Sheet) -> None:
    s.fade([s.ink, s.deep, mix(s.deep, s.main, 0.3)])
    for i in range(36):
        if i % 2:
            s.slice(0, 0.05, 4.5, i * 10 - 90, i * 10 - 80, mix(s.deep, s.main, 0.2))
    s.glow(0, 0.0, 1.25, s.main, 0.75)
    for r, colour in ((0.62, s.main), (0.54, s.deep), (0.5, s.main), (0.3, s.light)):
        s.disc(0, -0.42, r, colour)
    for depth, share in ((0.65, 0.55), (0.3, 0.15)):
        for i in range(13):
            x = s.left + (s.right - s.left) * (i + s.random.uniform(0.2, 0.8)) / 13
            _tower(
                s,
                x,
                s.random.uniform(-0.1, 0.55) + depth * 0.3 + abs(x) * 0.06,
                s.random.uniform(0.1, 0.19),
                mix(s.ink, s.deep, share),
            )
    for x, top, half in ((-0.62, 0.05, 0.16), (0.62, 0.05, 0.16), (0, -0.62, 0.2)):
        _tower(s, x, top, half, s.ink)
    s.line([(0, -1.0), (0, -0.6)], 0.02, s.ink)
    s.rect(s.left, 1.15, s.right, 1.19, s.main)


def _tower(s: Sheet, x: float, top: float, half: float, colour: Colour) -> None:
    for k, step in enumerate((0.35, 0.65, 1.0)):
        s.rect(x - half * step, top + k * 0.16, x + half * step, s.bottom, colour)
    y = top + 0.42
    while y < min(s.bottom, 2.2):
        for i in range(-2, 3):
            if s.random.random() < 0.42:
                at = x + i * half * 0.36
                s.rect(at - half * 0.07, y, at + half * 0.07, y + 0.05, s.main)
        y += 0.1


def waves(s: Sheet) -> None:
    s.fade([s.light, mix(s.light, s.main, 0.6), s.main], 0.55)
    s.disc(0.25, -0.28, 0.62, s.accent)
    _steamer(s)
    _sea(s)


def sails(s: Sheet) -> None:
    s.fade([s.light, mix(s.light, s.main, 0.6), s.main], 0.55)
    s.disc(0.1, -0.3, 0.74, s.accent)
    for x, tall, wide in ((-0.44, 0.8, 0.3), (0.02, 1.1, 0.36), (0.48, 0.85, 0.28)):
        s.line([(x, 0.2), (x, -tall - 0.06)], 0.03, s.ink)
        for k in range(3):
            y, half = -tall + k * tall * 0.32, wide * (0.62 + 0.19 * k)
            s.poly(
                [
                    (x - half * 0.8, y),
                    (x + half * 0.8, y),
                    (x + half * 1.15, y + tall * 0.27),
                    (x + half * 0.3, y + tall * 0.22),
                    (x - half * 0.85, y + tall * 0.27),
                ],
                mix(s.light, s.main, 0.12 * k),
            )
        s.poly([(x, -tall - 0.06), (x + 0.2, -tall - 0.11), (x, -tall - 0.16)], s.deep)
    s.poly(
        [(-0.86, -0.06), (-0.7, 0.04), (0.76, 0.04), (1.16, -0.16), (0.72, 0.42), (-0.7, 0.42)],
        s.ink,
    )
    s.line([(-0.76, 0.14), (0.84, 0.14)], 0.026, s.accent)
    _sea(s)


def _sea(s: Sheet) -> None:
    radius = 0.26
    row = 0
    y = 0.36
    while y < s.bottom + radius:
        x = s.left - radius + (row % 2) * radius
        while x < s.right + radius:
            share = min(1.0, row / 9)
            for k, r in enumerate((1.0, 0.78, 0.56, 0.34)):
                colour = (s.deep, s.main)[k % 2]
                s.disc(x, y, radius * r, mix(colour, s.ink, share * 0.75))
            x += radius * 2
        y += radius * 0.5
        row += 1


def _steamer(s: Sheet) -> None:
    for i in range(9):
        t = i / 8
        s.disc(-0.2 - t * 1.0, -0.62 - 0.38 * t, 0.07 + 0.15 * t, mix(s.ink, s.deep, 0.3 + 0.5 * t))
    for x in (-0.22, 0.12):
        s.rect(x - 0.05, -0.62, x + 0.05, -0.1, s.ink)
        s.rect(x - 0.07, -0.52, x + 0.07, -0.45, s.light)
    s.rect(-0.5, -0.2, 0.45, 0.0, s.light)
    for i in range(7):
        s.disc(-0.42 + i * 0.13, -0.1, 0.032, s.deep)
    s.poly([(-0.85, 0.0), (0.85, 0.0), (0.64, 0.36), (-0.68, 0.36)], s.ink)
    s.rect(-0.83, 0.06, 0.82, 0.1, s.accent)


def ridges(s: Sheet) -> None:
    s.fade([s.deep, s.main, s.light], 0.6)
    s.glow(0.45, -0.45, 1.0, s.light, 0.9)
    s.disc(0.45, -0.45, 0.3, s.accent)
    for i in range(4):
        ridge(s, -0.1 + i * 0.26, 0.17, mix(s.main, s.deep, 0.15 + 0.26 * i), 1.1 + i * 0.3)
    s.poly(
        [
            (s.left, 0.5),
            (0.1, 0.5),
            (0.3, 0.62),
            (0.16, 1.0),
            (0.3, 1.3),
            (0.1, s.bottom),
            (s.left, s.bottom),
        ],
        s.light,
    )
    s.poly(
        [
            (0.1, 0.5),
            (0.3, 0.62),
            (0.16, 1.0),
            (0.3, 1.3),
            (0.1, s.bottom),
            (-0.2, s.bottom),
            (0.02, 1.0),
        ],
        mix(s.light, s.deep, 0.35),
    )
    s.poly([(-0.2, 0.1), (0.42, 0.3), (0.3, 0.68), (-0.32, 0.48)], s.ink)
    s.poly([(-0.32, 0.1), (0.2, -0.16), (0.54, 0.38)], mix(s.ink, s.accent, 0.75))
    s.poly([(0.02, 0.25), (0.14, 0.29), (0.1, 0.42), (-0.02, 0.38)], s.accent)
    for _ in range(140):
        s.disc(
            s.random.uniform(s.left, s.right),
            s.random.uniform(s.top, s.bottom),
            s.random.choice((0.008, 0.012, 0.017)),
            s.light,
        )


def grove(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.main] if sum(s.ink) < 90 else [s.deep, s.main, s.light], 0.8)
    s.glow(0, -0.15, 1.4, s.light, 0.6)
    s.disc(0, -0.15, 0.66, s.accent)
    s.disc(0, -0.15, 0.56, mix(s.accent, s.light, 0.5))
    ridge(s, 0.75, 0.06, mix(s.ink, s.deep, 0.5), 1.1)
    buds = s.accent if sum(s.ink) > 90 else None
    for x, size in ((-0.95, 0.5), (0.98, 0.55), (s.left + 0.2, 0.62), (s.right - 0.25, 0.66)):
        _tree(s, x, s.bottom - 0.3, size * 1.05, -90 + s.random.uniform(-8, 8), 8, buds)
    ridge(s, s.bottom - 0.42, 0.05, s.ink, 1.8)
    s.limb([(0, 0.92), (0, 0.6), (0, 0.5)], [0.14, 0.07, 0.035], s.ink)
    s.disc(0, 0.43, 0.06, s.ink)
    s.line([(0.14, 0.95), (0.2, 0.3)], 0.016, s.ink)


def _tree(
    s: Sheet, x: float, y: float, length: float, angle: float, depth: int, buds: Colour | None
) -> None:
    tip = turned((x, y), length, angle)
    s.line([(x, y), tip], 0.0042 * depth**1.5, s.ink)
    if depth <= 2 and buds:
        s.disc(*tip, 0.024, mix(buds, s.light, s.random.uniform(0, 0.7)))
    if depth > 1:
        for turn in (s.random.uniform(-38, -16), s.random.uniform(14, 36)):
            _tree(s, *tip, length * s.random.uniform(0.66, 0.8), angle + turn, depth - 1, buds)


def road(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.main], 0.62)
    s.stars(70, s.light, 0.0)
    s.disc(-0.5, -0.62, 0.24, s.light)
    ridge(s, 0.2, 0.1, mix(s.deep, s.ink, 0.4), 1.2)
    s.rect(s.left, 0.3, s.right, s.bottom, s.ink)
    wide = (s.bottom - 0.3) * 0.62
    s.poly(
        [(-0.03, 0.3), (0.03, 0.3), (wide, s.bottom), (-wide, s.bottom)], mix(s.deep, s.ink, 0.3)
    )
    for i in range(7):
        a, b = 0.3 + (s.bottom - 0.3) * (i / 7) ** 2, 0.3 + (s.bottom - 0.3) * ((i + 0.55) / 7) ** 2
        s.poly(
            [
                (-(a - 0.3) * 0.03, a),
                ((a - 0.3) * 0.03, a),
                ((b - 0.3) * 0.03, b),
                (-(b - 0.3) * 0.03, b),
            ],
            s.accent,
        )
    for i in range(5):
        far = 0.55**i
        x, foot = 0.12 + 1.15 * far, 0.3 + 0.8 * far
        top = foot - 1.75 * far
        s.line([(x, foot), (x, top)], 0.05 * far, s.ink)
        s.line(
            [(x - 0.26 * far, top + 0.16 * far), (x + 0.26 * far, top + 0.16 * far)],
            0.04 * far,
            s.ink,
        )
    for x in (-0.16, 0.1):
        s.glow(x, 0.44, 0.42, s.accent, 0.75)
        s.glow(x, 0.44, 0.16, s.light, 1.0)
        s.disc(x, 0.44, 0.035, s.light)


def house(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.main, s.accent], 0.95)
    s.glow(0.0, -0.25, 1.4, s.light, 0.45)
    s.disc(0.12, -0.35, 0.7, s.light)
    s.disc(0.12, -0.35, 0.64, mix(s.light, s.main, 0.25))
    s.poly(
        [
            (s.left, 1.3),
            (-0.7, 0.85),
            (-0.4, 0.55),
            (0.45, 0.55),
            (0.8, 0.95),
            (s.right, 1.25),
            (s.right, s.bottom),
            (s.left, s.bottom),
        ],
        s.ink,
    )
    s.rect(-0.36, 0.0, 0.38, 0.6, s.ink)
    s.poly([(-0.46, 0.04), (0.0, -0.42), (0.46, 0.04)], s.ink)
    s.rect(0.16, -0.5, 0.36, 0.3, s.ink)
    s.poly([(0.1, -0.46), (0.26, -0.9), (0.42, -0.46)], s.ink)
    s.rect(-0.32, -0.32, -0.24, 0.0, s.ink)
    s.line([(0.26, -1.02), (0.26, -0.85)], 0.012, s.ink)
    for x, y in ((-0.2, 0.16), (0.0, 0.16), (0.26, -0.3), (-0.06, -0.14)):
        s.glow(x, y + 0.05, 0.2, s.accent, 0.7)
        s.rect(x - 0.04, y, x + 0.04, y + 0.12, s.accent)
        s.line([(x, y), (x, y + 0.12)], 0.01, s.ink)
    s.line([(0.0, 0.6), (0.12, 0.8), (-0.12, 1.0), (0.1, 1.3)], 0.05, mix(s.ink, s.main, 0.4))
    for _ in range(9):
        x, y = s.random.uniform(-1.0, 1.1), s.random.uniform(-1.0, 0.1)
        r = s.random.uniform(0.04, 0.085)
        s.poly(
            [
                (x, y),
                (x - r, y - r * 0.5),
                (x - r * 1.9, y + r * 0.1),
                (x - r, y),
                (x, y + r * 0.5),
                (x + r, y),
                (x + r * 1.9, y + r * 0.1),
                (x + r, y - r * 0.5),
            ],
            s.ink,
        )
    _tree(s, -0.9, 1.0, 0.4, -80, 7, None)


def graves(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.main], 0.72)
    s.glow(0, -0.1, 1.3, s.light, 0.5)
    s.disc(0, -0.2, 0.6, s.light)
    s.disc(-0.2, -0.3, 0.09, mix(s.light, s.main, 0.3))
    s.disc(0.24, 0.0, 0.13, mix(s.light, s.main, 0.3))
    ridge(s, 0.52, 0.06, mix(s.ink, s.deep, 0.55), 0.9)
    for i in range(17):
        x = s.left + (s.right - s.left) * (i + s.random.uniform(0, 0.8)) / 17
        _walker(s, x, 0.52 + 0.12 * math.sin(i * 2.4), s.random.uniform(0.2, 0.3))
    ridge(s, 0.95, 0.05, s.ink, 1.3)
    for x, lean in ((-0.8, -0.06), (0.72, 0.08), (s.left + 0.4, 0.03), (s.right - 0.5, -0.07)):
        s.line([(x, 1.1), (x + lean, 0.5)], 0.07, s.ink)
        s.line([(x + lean * 0.6 - 0.17, 0.69), (x + lean * 0.6 + 0.17, 0.69)], 0.065, s.ink)
    s.limb([(0.0, 1.25), (0.02, 0.9), (0.0, 0.62)], [0.11, 0.085, 0.1], s.accent)
    for i, length in enumerate((0.22, 0.31, 0.32, 0.28, 0.2)):
        tip = turned((0.0, 0.6), length, 212 + i * 29)
        s.limb(
            [(0.0, 0.6), turned((0.0, 0.6), length * 0.6, 205 + i * 31), tip],
            [0.05, 0.036, 0.024],
            s.accent,
        )


def _walker(s: Sheet, x: float, y: float, size: float) -> None:
    lean = s.random.uniform(-0.25, 0.25) * size
    s.limb(
        [(x, y), (x + lean * 0.4, y - size * 0.5), (x + lean, y - size * 0.78)],
        [size * 0.1, size * 0.14, size * 0.08],
        s.ink,
    )
    s.disc(x + lean * 1.15, y - size * 0.95, size * 0.12, s.ink)
    for side in (-1, 1):
        s.limb(
            [(x, y - size * 0.1), (x + side * size * 0.14, y + size * 0.35)],
            [size * 0.07, size * 0.05],
            s.ink,
        )
        s.limb(
            [(x + lean * 0.8, y - size * 0.65), (x + side * size * 0.3, y - size * 0.42)],
            [size * 0.05, size * 0.035],
            s.ink,
        )


def mesa(s: Sheet) -> None:
    s.fade([s.deep, s.main, s.accent, s.light], 0.68)
    s.disc(-0.25, -0.18, 0.68, s.light)
    s.disc(-0.25, -0.18, 0.58, s.accent)
    for base, share in ((0.2, 0.3), (0.42, 0.62)):
        for _ in range(6):
            x, half = s.random.uniform(s.left, s.right), s.random.uniform(0.25, 0.5)
            top = base - s.random.uniform(0.08, 0.3)
            s.poly(
                [
                    (x - half, top),
                    (x + half, top),
                    (x + half + 0.13, base + 0.5),
                    (x - half - 0.13, base + 0.5),
                ],
                mix(s.main, s.deep, share),
            )
        s.rect(s.left, base + 0.22, s.right, s.bottom, mix(s.main, s.deep, share))
    ridge(s, 0.98, 0.03, s.ink, 1.2)
    s.limb([(-0.3, 0.55), (0.1, 0.52), (0.36, 0.58)], [0.17, 0.2, 0.16], s.ink)
    s.limb([(-0.34, 0.5), (-0.44, 0.1), (-0.46, -0.24)], [0.13, 0.085, 0.075], s.ink)
    s.limb([(-0.46, -0.3), (-0.58, -0.28), (-0.66, -0.25)], [0.095, 0.07, 0.05], s.ink)
    for x in (-0.48, -0.38):
        s.limb([(x, -0.34), (x + 0.02, -0.52)], [0.04, 0.012], s.ink)
    for x in (-0.36, -0.22, 0.26, 0.4):
        s.limb([(x, 0.62), (x, 1.02)], [0.06, 0.038], s.ink)
    s.limb([(0.46, 0.48), (0.58, 0.4)], [0.06, 0.03], s.ink)
    s.disc(-0.5, -0.32, 0.02, s.light)


PLACES = {
    "skyline": skyline,
    "waves": waves,
    "sails": sails,
    "ridges": ridges,
    "grove": grove,
    "road": road,
    "house": house,
    "graves": graves,
    "mesa": mesa,
}
