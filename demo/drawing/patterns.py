"""Motifs made of repetition: rays, rings, spirals, fans."""

import math

import numpy as np

from demo.drawing.palette import mix
from demo.drawing.sheet import Sheet, turned


def spiral(s: Sheet) -> None:
    s.fade([s.main, s.main])
    for arm in range(4):
        inner, outer = [], []
        for i in range(120):
            r = 0.03 * 1.048**i
            a = i * 7.5 + arm * 90
            inner.append(turned((0, 0), r, a))
            outer.append(turned((0, 0), r, a + 44))
        s.poly([*inner, *reversed(outer)], s.ink)
    for side in (-1, 1):
        edge = s.left if side < 0 else s.right
        for k in range(3):
            x = edge - side * (0.12 + 0.34 * k)
            top = 0.3 + 0.26 * k
            lean = -side * 0.16
            s.poly(
                [
                    (x - 0.22, s.bottom),
                    (x - 0.15 + lean, top),
                    (x + lean * 1.6, top - 0.36),
                    (x + 0.17 + lean, top + 0.06),
                    (x + 0.2, s.bottom),
                ],
                mix(s.ink, s.deep, 0.35 * k),
            )
            s.poly(
                [
                    (x + lean - 0.05, top + 0.16),
                    (x + lean + 0.07, top + 0.12),
                    (x + lean + 0.06, top + 0.32),
                    (x + lean - 0.03, top + 0.3),
                ],
                s.accent,
            )
    s.limb([(0.0, s.bottom), (0.0, 0.8), (0.02, 0.38)], [0.3, 0.17, 0.1], s.ink)
    s.limb([(-0.04, 0.5), (-0.3, 0.8), (-0.24, 1.2)], [0.07, 0.05, 0.04], s.ink)
    s.disc(0.02, 0.19, 0.11, s.light, 0.14)
    s.poly([(-0.11, 0.13), (0.15, 0.13), (0.12, -0.24), (-0.08, -0.24)], s.ink)
    s.rect(-0.18, 0.1, 0.22, 0.14, s.ink)
    for x in (-0.03, 0.07):
        s.disc(x, 0.2, 0.026, s.ink, 0.034)


def rays(s: Sheet) -> None:
    s.fade([s.main, s.main])
    for i in range(20):
        if i % 2:
            s.slice(-0.9, 1.1, 7, 180 + i * 9, 180 + i * 9 + 9, s.light)
    s.disc(0.3, -0.45, 0.68, s.accent)
    s.poly(
        [
            (s.left, 0.78),
            (0.62, -0.14),
            (0.98, -0.18),
            (0.5, 0.36),
            (0.36, s.bottom),
            (s.left, s.bottom),
        ],
        s.ink,
    )
    s.poly([(s.left, 0.94), (0.66, -0.0), (0.98, -0.18), (0.6, 0.12), (s.left, 1.08)], s.deep)
    s.line([(-0.75, 0.35), (-0.75, -0.62)], 0.05, s.ink)
    s.poly([(-0.73, -0.62), (-0.1, -0.56), (-0.3, -0.42), (-0.08, -0.26), (-0.73, -0.28)], s.accent)
    for k, (x, y) in enumerate(((-0.45, 0.22), (-0.12, 0.07))):
        s.rect(x - 0.2, y - 0.13, x + 0.18, y + 0.14, s.ink)
        for gun in (0.0, 0.08):
            s.line([(x, y - 0.08 + gun), (x + 0.62 - k * 0.08, y - 0.4 + gun)], 0.046, s.ink)
    for i in range(5):
        s.disc(-1.0 + i * 0.24, 0.98 - i * 0.14, 0.05, s.light)
    s.poly([(s.left, s.bottom), (s.left, 1.35), (s.right, 0.75), (s.right, s.bottom)], s.accent)
    s.line([(s.left, 1.3), (s.right, 0.7)], 0.03, s.light)


def flames(s: Sheet) -> None:
    s.fade([s.ink, s.deep, mix(s.deep, s.accent, 0.6)])
    s.glow(0, -0.35, 1.2, s.light, 0.55)
    for i in range(48):
        length = 1.5 if i % 2 else 1.1
        s.line(
            [turned((0, -0.35), 0.56, i * 7.5), turned((0, -0.35), length, i * 7.5)], 0.008, s.main
        )
    s.disc(0, -0.35, 0.54, s.light)
    s.disc(0, -0.35, 0.49, s.deep)
    s.limb([(0, 1.3), (0, 0.55), (0, 0.15)], [0.5, 0.3, 0.1], s.main)
    s.disc(0, -0.28, 0.25, s.light, 0.34)
    s.slice(0, -0.34, 0.3, 178, 362, s.ink)
    s.poly([(-0.3, -0.34), (-0.2, -0.36), (-0.22, 0.0), (-0.3, -0.1)], s.ink)
    s.poly([(0.3, -0.34), (0.2, -0.36), (0.22, 0.0), (0.3, -0.1)], s.ink)
    for side in (-1, 1):
        s.limb(
            [(side * 0.17, -0.24), (side * 0.1, -0.27), (side * 0.04, -0.24)],
            [0.006, 0.014, 0.006],
            s.ink,
        )
        s.disc(side * 0.1, -0.28, 0.022, s.ink)
    s.limb([(0, -0.25), (0.0, -0.12), (0.03, -0.1)], [0.006, 0.01, 0.008], mix(s.main, s.ink, 0.4))
    s.limb([(-0.07, -0.03), (0, -0.022), (0.07, -0.03)], [0.006, 0.012, 0.006], s.accent)
    for row, colour in enumerate(
        (mix(s.accent, s.ink, 0.35), s.accent, mix(s.accent, s.light, 0.55))
    ):
        count = 15
        for i in range(count):
            x = s.left + (s.right - s.left) * (i + 0.5 * (row % 2)) / (count - 1)
            tall = s.random.uniform(0.55, 1.0) * (1 - row * 0.24) + 0.1 * abs(x)
            foot = s.bottom + 0.2
            s.limb(
                [
                    (x, foot),
                    (x + 0.05, foot - tall * 0.6),
                    (x - 0.04, foot - tall * 1.1),
                    (x + 0.06, foot - tall * 1.5),
                ],
                [0.3, 0.24, 0.11, 0.004],
                colour,
            )


def fans(s: Sheet) -> None:
    s.fade([s.ink, s.deep])
    r, row, y = 0.34, 0, s.top
    while y < s.bottom + r:
        x = s.left + (row % 2) * r - r
        while x < s.right + r:
            for k, share in enumerate((1.0, 0.86, 0.68, 0.5, 0.3)):
                s.disc(x, y, r * share, (s.main, s.deep, s.ink, s.deep, s.main)[k])
            x += 2 * r
        y += r * 0.5
        row += 1
    s.disc(0, 0, 1.03, s.main)
    s.disc(0, 0, 0.98, s.ink)
    s.disc(0, 0, 0.94, s.deep)
    s.slice(0, 0, 0.94, 0, 180, s.ink)
    s.poly([(-0.3, -0.1), (0.3, -0.1), (0.44, 0.83), (0, 0.94), (-0.44, 0.83)], s.light)
    s.poly([(-0.3, -0.12), (-0.86, 0.2), (-0.8, 0.5), (-0.12, 0.92), (-0.06, 0.8)], s.ink)
    s.poly([(0.3, -0.12), (0.86, 0.2), (0.8, 0.5), (0.12, 0.92), (0.06, 0.8)], s.ink)
    s.limb([(0, 0.1), (0, -0.2)], [0.2, 0.17], s.main)
    s.poly([(-0.24, 0.03), (0, 0.15), (0.24, 0.03), (0.3, 0.16), (0, 0.26), (-0.3, 0.16)], s.light)
    for side in (-1, 1):
        s.poly([(0, 0.19), (side * 0.29, 0.05), (side * 0.29, 0.34)], s.accent)
    s.disc(0, 0.195, 0.065, s.accent)
    for y in (0.46, 0.62):
        s.disc(0, y, 0.022, s.ink)
    s.disc(0, -0.42, 0.25, s.main, 0.31)
    s.slice(0, -0.5, 0.275, 175, 365, s.ink)
    s.disc(0.38, -0.36, 0.085, s.light, 0.1)


def stamps(s: Sheet) -> None:
    s.fade([s.deep, s.ink])
    wide, tall = 0.62, 0.76
    for row in range(-3, 5):
        for col in range(-5, 6):
            x, y = col * wide, row * tall
            paper = mix(s.light, s.deep, min(0.75, 0.2 * math.hypot(x, y)))
            s.rect(x - 0.27, y - 0.34, x + 0.27, y + 0.34, paper)
            for k in range(7):
                for side in (-0.27, 0.27):
                    s.disc(x + side, y - 0.33 + k * 0.11, 0.026, mix(s.deep, s.ink, 0.4))
                for side in (-0.34, 0.34):
                    s.disc(x - 0.27 + k * 0.09, y + side, 0.026, mix(s.deep, s.ink, 0.4))
            ground = (s.main, s.accent, s.deep)[(col + row) % 3]
            s.rect(
                x - 0.2, y - 0.27, x + 0.2, y + 0.27, mix(ground, s.ink, 0.12 * math.hypot(x, y))
            )
            _stamp(s, x, y, (col * 3 + row) % 4, paper)
    for k in range(5):
        s.line(
            [(0.2 + 0.06 * math.sin(i * 0.5) + i * 0.1, -0.2 + k * 0.1) for i in range(14)],
            0.014,
            s.ink,
        )
    s.ring(0.12, 0.02, 0.46, 0.022, s.ink)
    s.ring(0.12, 0.02, 0.34, 0.014, s.ink)


def _stamp(s: Sheet, x: float, y: float, kind: int, paper: tuple[int, int, int]) -> None:
    """A tower, a profile with sunglasses, a masquerade eye, or a key."""
    if kind == 0:
        s.poly(
            [
                (x - 0.13, y + 0.25),
                (x - 0.02, y - 0.22),
                (x + 0.02, y - 0.22),
                (x + 0.13, y + 0.25),
            ],
            s.ink,
        )
        s.slice(x, y + 0.27, 0.07, 180, 360, paper)
        s.rect(x - 0.07, y + 0.02, x + 0.07, y + 0.05, paper)
    elif kind == 1:
        s.disc(x, y - 0.03, 0.12, paper, 0.15)
        s.slice(x, y - 0.06, 0.17, 175, 365, s.ink)
        for side in (-0.065, 0.065):
            s.disc(x + side, y - 0.02, 0.06, s.ink, 0.045)
        s.limb([(x - 0.03, y + 0.08), (x + 0.03, y + 0.08)], [0.012, 0.012], s.accent)
        s.slice(x, y + 0.3, 0.17, 190, 350, s.ink)
    elif kind == 2:
        s.disc(x, y, 0.17, paper, 0.1)
        s.disc(x, y, 0.075, s.ink)
        s.disc(x - 0.02, y - 0.03, 0.02, paper)
    else:
        s.ring(x, y - 0.1, 0.085, 0.035, s.ink)
        s.line([(x, y - 0.02), (x, y + 0.2)], 0.035, s.ink)
        for lift in (0.12, 0.18):
            s.line([(x, y + lift), (x + 0.07, y + lift)], 0.028, s.ink)


def portal(s: Sheet) -> None:
    s.fade([s.ink, s.ink])
    colours = (s.deep, s.accent, s.ink, s.main, s.deep, s.light, s.accent, s.main)
    for i in range(22):
        r = 3.4 * 0.84**i
        x, y = 0.24 * math.sin(i * 0.5) * r, 0.2 * math.cos(i * 0.6) * r * 0.5
        s.disc(x * 0.5, y * 0.5, r, mix(colours[i % 8], s.ink, max(0.0, 0.7 - i * 0.045)))
    s.glow(0, 0, 0.9, s.light, 0.85)
    s.disc(0, 0, 0.34, s.light)
    s.limb([(0, 0.34), (0, 0.08), (0, 0.0)], [0.085, 0.07, 0.035], s.ink)
    s.disc(0, -0.09, 0.055, s.ink)
    for foot in (-0.05, 0.05):
        s.line([(foot * 0.6, 0.3), (foot * 1.3, 0.58)], 0.055, s.ink)
    s.poly(
        [(-0.08, 0.58), (0.08, 0.58), (0.5, s.bottom), (-0.5, s.bottom)], mix(s.ink, s.deep, 0.4)
    )


def cups(s: Sheet) -> None:
    s.fade([s.main, s.main])
    r, row, y = 0.44, 0, s.top - 0.1
    while y < s.bottom + r:
        x = s.left + (row % 2) * r - r
        while x < s.right + r:
            _cup(s, x, y, r * 0.82, mix(s.main, s.deep, 0.35), mix(s.main, s.light, 0.4))
            x += 2 * r
        y += r * 1.6
        row += 1
    s.disc(0, 0, 1.02, s.accent)
    _cup(s, 0, 0, 0.84, s.ink, s.light)
    across, down = s.grid()
    swirl = np.sin(9 * np.hypot(across, down) - 3 * np.arctan2(down, across)) * 0.5 + 0.5
    s.stain(np.where(np.hypot(across, down) < 0.5, swirl**2 * 235, 0), mix(s.light, s.main, 0.5))


def _cup(
    s: Sheet, x: float, y: float, r: float, drink: tuple[int, int, int], china: tuple[int, int, int]
) -> None:
    s.limb([(x + r * 0.7, y - r * 0.1), (x + r * 1.1, y - r * 0.25)], [r * 0.13, r * 0.12], china)
    s.disc(x, y, r, china)
    s.ring(x, y, r * 0.92, r * 0.035, mix(china, s.ink, 0.25))
    s.disc(x, y, r * 0.72, mix(china, s.ink, 0.2))
    s.disc(x, y, r * 0.64, drink)


def lotus(s: Sheet) -> None:
    s.fade([s.deep, s.main, s.accent])
    for ring in range(9, 0, -1):
        count, r = 16, 0.28 * ring
        for i in range(count):
            a = (i + 0.5 * (ring % 2)) * 360 / count
            tip, left, right = (
                turned((0, 0), r * 1.22, a),
                turned((0, 0), r * 0.85, a - 10),
                turned((0, 0), r * 0.85, a + 10),
            )
            colour = (s.deep, s.accent, s.main, s.light, mix(s.main, s.light, 0.5))[ring % 5]
            s.poly([(0, 0), left, tip, right], mix(colour, s.deep, max(0.0, (ring - 4) * 0.12)))
            s.disc(*turned((0, 0), r * 1.05, a), 0.018, s.light)
    s.disc(0, 0, 0.42, s.ink)
    for k in range(5):
        s.ring(0, 0, 0.4 - k * 0.055, 0.008, mix(s.ink, s.main, 0.55))
    s.disc(0, 0, 0.15, s.accent)
    s.disc(0, 0, 0.022, s.light)
    s.limb([(0.62, -0.6), (0.5, -0.2), (0.24, -0.1)], [0.05, 0.026, 0.035], s.light)


PATTERNS = {
    "spiral": spiral,
    "rays": rays,
    "flames": flames,
    "fans": fans,
    "stamps": stamps,
    "portal": portal,
    "cups": cups,
    "lotus": lotus,
}
