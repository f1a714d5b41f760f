"""Motifs with one thing in the middle: a clock, a mask, a telephone."""

import math

from demo.drawing.palette import mix
from demo.drawing.sheet import Sheet, turned


def hats(s: Sheet) -> None:
    s.fade([s.accent, s.accent])
    s.poly([(s.left, s.top), (s.right, s.top), (s.left, s.bottom)], s.main)
    s.disc(0, 0.05, 0.95, s.light)
    for x, y, k in ((-0.28, -0.1, 1.0), (0.5, 0.42, 0.52)):
        s.slice(x, y, 0.42 * k, 180, 360, s.ink)
        s.rect(x - 0.42 * k, y - 0.02 * k, x + 0.42 * k, y + 0.06 * k, s.ink)
        s.limb(
            [(x - 0.6 * k, y + 0.04 * k), (x, y + 0.1 * k), (x + 0.6 * k, y + 0.04 * k)],
            [0.05 * k, 0.07 * k, 0.05 * k],
            s.ink,
        )
        s.rect(x - 0.42 * k, y - 0.1 * k, x + 0.42 * k, y - 0.015 * k, s.deep)
    s.limb([(-0.5, 0.34), (-0.39, 0.24), (-0.28, 0.3)], [0.01, 0.065, 0.055], s.ink)
    s.limb([(-0.06, 0.34), (-0.17, 0.24), (-0.28, 0.3)], [0.01, 0.065, 0.055], s.ink)
    s.line([(-0.86, 1.2), (-0.86, 0.2)], 0.045, s.ink)
    s.limb([(-0.86, 0.2), (-0.8, 0.02), (-0.66, 0.02), (-0.62, 0.16)], [0.024] * 4, s.ink)


def clock(s: Sheet) -> None:
    s.fade([s.deep, s.main, s.light], 0.9)
    for i in range(12):
        if i % 2:
            s.slice(0, 0, 5, i * 30, i * 30 + 30, mix(s.main, s.light, 0.25))
    for i in range(18):
        x = s.left + (s.right - s.left) * i / 17
        s.rect(
            x - 0.14,
            s.bottom - s.random.uniform(0.25, 0.85),
            x + 0.12,
            s.bottom,
            mix(s.deep, s.ink, s.random.uniform(0.2, 0.6)),
        )
    s.disc(0, 0, 0.98, s.ink)
    s.disc(0, 0, 0.9, s.light)
    s.ring(0, 0, 0.8, 0.014, s.ink)
    for hour in range(12):
        a, b = turned((0, 0), 0.62, hour * 30), turned((0, 0), 0.77, hour * 30)
        s.line([a, b], 0.075 if hour % 3 == 0 else 0.032, s.ink)
    s.limb([(0, 0), turned((0, 0), 0.42, 200)], [0.05, 0.02], s.ink)
    s.limb([(0, 0), turned((0, 0), 0.7, 38)], [0.045, 0.02], s.ink)
    s.disc(0, 0, 0.075, s.accent)
    _hanging(s, *turned((0, 0), 0.66, 38))


def _hanging(s: Sheet, x: float, y: float) -> None:
    """A man in a suit, both hands on the clock's hand."""
    for side in (-0.05, 0.06):
        s.limb([(x + side, y), (x + side * 1.7, y + 0.2)], [0.03, 0.045], s.accent)
    s.disc(x, y + 0.16, 0.075, s.ink)
    s.rect(x - 0.12, y + 0.085, x + 0.12, y + 0.105, s.ink)
    s.rect(x - 0.075, y + 0.03, x + 0.075, y + 0.1, s.ink)
    s.limb([(x, y + 0.26), (x + 0.02, y + 0.5)], [0.1, 0.08], s.accent)
    for foot in (-0.12, 0.16):
        s.limb(
            [(x + 0.02, y + 0.52), (x + foot * 0.8, y + 0.72), (x + foot, y + 0.92)],
            [0.065, 0.05, 0.045],
            s.ink,
        )


def mask(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.ink])
    for i in range(31):
        x = s.left + (s.right - s.left) * i / 30
        part = min(1.0, abs(x) / 1.5)
        fold = [
            (x + math.sin(k * 0.5 + i) * 0.035, s.top + (s.bottom - s.top) * k / 24)
            for k in range(25)
        ]
        s.line(fold, 0.085, mix(s.ink, s.accent if i % 2 else s.main, 0.25 + 0.5 * part))
    s.glow(0, 0, 1.35, s.ink, 1.0)
    s.glow(0, -0.1, 1.0, s.accent, 0.5)
    face = [
        (0, -0.95),
        (0.4, -0.86),
        (0.64, -0.5),
        (0.66, -0.02),
        (0.5, 0.48),
        (0.22, 0.84),
        (0, 0.95),
    ]
    s.poly([*face, *[(-x, y) for x, y in reversed(face)]], s.ink)
    s.poly(
        [
            (0, -0.95),
            (-0.4, -0.86),
            (-0.64, -0.5),
            (-0.66, -0.02),
            (-0.6, 0.22),
            (-0.34, 0.26),
            (-0.18, 0.4),
            (-0.1, 0.2),
            (0.04, 0.12),
            (0.06, -0.2),
            (0.12, -0.5),
        ],
        s.light,
    )
    s.poly(
        [
            (-0.66, -0.02),
            (-0.6, 0.22),
            (-0.34, 0.26),
            (-0.18, 0.4),
            (-0.1, 0.2),
            (0.04, 0.12),
            (0.05, -0.02),
            (-0.2, 0.14),
            (-0.48, 0.12),
        ],
        mix(s.light, s.main, 0.35),
    )
    s.disc(-0.3, -0.2, 0.19, s.ink, 0.115)
    s.limb([(-0.56, -0.42), (-0.3, -0.52), (-0.08, -0.4)], [0.014, 0.04, 0.02], s.ink)
    s.glow(0.28, -0.2, 0.2, s.accent, 0.9)
    s.disc(0.28, -0.2, 0.05, s.accent)
    s.glow(-0.3, -0.2, 0.12, s.accent, 0.8)
    s.disc(-0.3, -0.2, 0.028, s.light)
    s.limb([(0.02, 0.58), (0.2, 0.54), (0.36, 0.44)], [0.014, 0.03, 0.008], s.main)


def eye(s: Sheet) -> None:
    s.fade([s.main, s.main])
    for i in range(40):
        if i % 2:
            s.slice(0, 0, 6, i * 9, i * 9 + 9, mix(s.main, s.light, 0.7))
    s.poly(
        [
            (s.left, s.bottom),
            (s.left, s.bottom - 0.75),
            (s.right, s.bottom - 1.55),
            (s.right, s.bottom),
        ],
        s.accent,
    )
    for lean in (-0.62, 0.02, 0.66):
        s.line([(lean * 0.25, 0.4), (lean, s.bottom)], 0.06, s.ink)
    s.rect(-0.98, -0.5, -0.4, 0.32, s.ink)
    for x in (-0.78, -0.3):
        s.disc(x, -0.82, 0.32, s.ink)
        s.disc(x, -0.82, 0.1, s.main)
        for k in range(5):
            s.disc(*turned((x, -0.82), 0.2, k * 72), 0.058, s.accent)
    for r, colour in ((0.82, s.ink), (0.72, s.accent), (0.68, s.ink), (0.56, s.light)):
        s.disc(0, 0, r, colour)
    for k in range(8):
        a = k * 45
        s.poly(
            [turned((0, 0), 0.56, a), turned((0, 0), 0.56, a + 58), turned((0, 0), 0.24, a + 84)],
            (s.deep, mix(s.deep, s.accent, 0.55))[k % 2],
        )
    s.disc(0, 0, 0.25, s.ink)
    s.disc(-0.09, -0.1, 0.075, s.light)


def planes(s: Sheet) -> None:
    s.fade([s.deep, s.main, s.light])
    s.disc(0.1, -0.15, 0.85, s.accent)
    for _ in range(16):
        x, y = s.random.uniform(s.left, s.right), s.random.uniform(0.3, s.bottom)
        for puff in range(6):
            s.disc(
                x + puff * 0.13,
                y + s.random.uniform(-0.05, 0.05),
                s.random.uniform(0.09, 0.2),
                mix(s.light, s.main, s.random.uniform(0, 0.35)),
            )
    for x, y, k in ((0.0, -0.1, 1.0), (-0.82, 0.5, 0.36), (0.8, -0.74, 0.27)):
        _biplane(s, x, y, k)


def _biplane(s: Sheet, x: float, y: float, k: float) -> None:
    for dy, span in ((-0.3, 1.0), (0.1, 0.86)):
        s.limb(
            [
                (x - span * k, y + dy * k - 0.05 * k),
                (x, y + dy * k),
                (x + span * k, y + dy * k - 0.05 * k),
            ],
            [0.05 * k] * 3,
            s.ink,
        )
        for side in (-1, 1):
            for r, colour in ((0.1, s.light), (0.066, s.accent), (0.03, s.deep)):
                s.disc(
                    x + side * span * 0.76 * k, y + dy * k - 0.03 * k, r * k, colour, r * k * 0.5
                )
    for strut in (-0.62, -0.3, 0.3, 0.62):
        s.line([(x + strut * k, y - 0.3 * k), (x + strut * 0.9 * k, y + 0.1 * k)], 0.022 * k, s.ink)
    s.disc(x, y, 0.23 * k, s.ink)
    s.disc(x, y, 0.18 * k, mix(s.accent, s.ink, 0.3))
    for a in range(0, 360, 40):
        s.disc(*turned((x, y), 0.12 * k, a), 0.028 * k, s.ink)
    s.limb(
        [(x - 0.5 * k, y + 0.12 * k), (x, y), (x + 0.5 * k, y - 0.12 * k)],
        [0.012 * k, 0.04 * k, 0.012 * k],
        s.light,
    )
    for side in (-1, 1):
        s.line(
            [(x + side * 0.1 * k, y + 0.15 * k), (x + side * 0.26 * k, y + 0.4 * k)],
            0.025 * k,
            s.ink,
        )
        s.disc(x + side * 0.27 * k, y + 0.42 * k, 0.085 * k, s.ink)


def columns(s: Sheet) -> None:
    s.fade([s.light, s.main])
    grey = mix(s.light, s.ink, 0.32)
    wide = (s.right - s.left) / 4
    for c in range(4):
        y = s.top + 0.1
        while y < s.bottom:
            x = s.left + c * wide + 0.07
            if s.random.random() < 0.09:
                s.rect(x, y, x + wide - 0.14, y + 0.11, mix(s.ink, s.light, 0.2))
                y += 0.17
            else:
                s.rect(x, y, x + (wide - 0.14) * s.random.uniform(0.72, 1), y + 0.022, grey)
                y += 0.058
    s.disc(0, 0, 1.04, s.accent)
    s.disc(0, 0, 0.97, s.light)
    s.disc(0, 0, 0.93, s.accent)
    s.disc(0, 0.78, 0.46, s.ink, 0.13)
    s.rect(-0.46, 0.78, 0.46, 0.84, s.ink)
    s.disc(0, 0.84, 0.46, s.ink, 0.13)
    s.limb([(0, 0.72), (0, 0.3), (0, -0.3), (0, -0.4)], [0.12, 0.06, 0.055, 0.09], s.ink)
    s.limb([(0, -0.46), (-0.16, -0.56), (-0.32, -0.62)], [0.1, 0.09, 0.2], s.ink)
    s.disc(-0.38, -0.64, 0.15, s.deep)
    s.limb([(0.06, -0.1), (0.32, -0.14), (0.36, -0.1)], [0.03, 0.03, 0.03], s.ink)
    s.limb([(0.36, -0.42), (0.36, 0.12)], [0.12, 0.065], s.ink)
    s.limb([(0.36, -0.46), (0.36, -0.52)], [0.16, 0.17], s.ink)
    s.limb([(0.36, 0.14), (0.5, 0.4), (0.3, 0.6), (0.14, 0.5), (0.06, 0.66)], [0.017] * 5, s.ink)


def target(s: Sheet) -> None:
    s.fade([s.light, s.main])
    for i in range(14, 0, -1):
        s.disc(0.0, 0.0, 0.19 * i, (s.ink, s.light)[i % 2] if i > 3 else s.accent)
    s.glow(0, 0, 0.8, s.accent, 0.8)
    s.disc(0, 0, 0.66, s.accent)
    s.poly([(-0.42, -0.4), (0.42, -0.4), (0.03, 0.12), (-0.03, 0.12)], s.ink)
    s.poly([(-0.31, -0.32), (0.31, -0.32), (0.0, 0.08)], s.light)
    s.glow(0, -0.2, 0.22, s.main, 0.9)
    s.rect(-0.028, 0.1, 0.028, 0.44, s.ink)
    s.disc(0, 0.46, 0.26, s.ink, 0.055)
    s.line([(0.3, -0.62), (-0.02, -0.14)], 0.02, s.ink)
    s.disc(0.16, -0.4, 0.055, s.ink)
    s.limb([(0, s.bottom + 0.3), (0.0, 1.6), (0.0, 1.42)], [0.75, 0.42, 0.15], s.ink)
    s.disc(0, 1.2, 0.19, s.ink)
    s.limb([(-0.32, 1.08), (0, 1.06), (0.32, 1.08)], [0.02, 0.04, 0.02], s.ink)
    s.rect(-0.17, 0.87, 0.17, 1.06, s.ink)


FIGURES = {
    "hats": hats,
    "clock": clock,
    "mask": mask,
    "eye": eye,
    "planes": planes,
    "columns": columns,
    "target": target,
}
