"""Motifs that live by their light: moons, suns, planets, northern lights, waves."""

import math

import numpy as np

from demo.drawing.palette import Colour, mix
from demo.drawing.places import ridge
from demo.drawing.sheet import Sheet, turned


def moon(s: Sheet) -> None:
    s.fade([s.ink, s.deep, mix(s.deep, s.accent, 0.35)])
    s.stars(130, s.light)
    s.glow(0, 0, 1.5, s.main, 0.55)
    s.disc(0, 0, 0.92, s.main)
    s.disc(0.1, 0.08, 0.8, mix(s.main, s.light, 0.45))
    for x, y, r in ((-0.55, -0.35, 0.13), (-0.62, 0.25, 0.1), (0.3, 0.62, 0.11), (-0.2, 0.7, 0.07)):
        s.disc(x, y, r, mix(s.main, s.deep, 0.28))
        s.disc(x + 0.02, y + 0.02, r * 0.78, mix(s.main, s.deep, 0.14))
    brow = mix(s.main, s.deep, 0.5)
    s.disc(-0.3, -0.08, 0.13, s.light, 0.09)
    s.disc(-0.27, -0.07, 0.055, s.ink)
    s.line([(-0.46, -0.2), (-0.3, -0.25), (-0.14, -0.19)], 0.035, brow)
    s.limb([(0.0, 0.0), (-0.03, 0.17), (0.08, 0.22)], [0.018, 0.025, 0.02], brow)
    s.limb([(-0.24, 0.42), (0.0, 0.5), (0.22, 0.42)], [0.012, 0.035, 0.012], brow)
    _shell(s)
    ridge(s, s.bottom - 0.3, 0.12, s.ink, 1.4)


def _shell(s: Sheet) -> None:
    """The capsule in the eye, coming from the upper right."""
    s.disc(0.28, -0.14, 0.17, mix(s.main, s.deep, 0.55), 0.14)
    s.limb([(0.3, -0.14), (0.52, -0.36), (0.74, -0.58)], [0.07, 0.14, 0.145], s.ink)
    s.limb([(0.31, -0.16), (0.52, -0.37), (0.72, -0.57)], [0.05, 0.11, 0.115], s.accent)
    s.limb([(0.7, -0.55), (0.76, -0.61)], [0.15, 0.15], s.ink)
    s.disc(0.55, -0.4, 0.045, s.light)
    s.limb([(0.33, 0.02), (0.36, 0.2), (0.33, 0.34)], [0.03, 0.03, 0.045], s.accent)


def stairs(s: Sheet) -> None:
    s.fade([mix(s.deep, s.main, 0.4), s.main, mix(s.main, s.light, 0.3)], 0.85)
    s.glow(-0.1, -0.3, 1.5, s.light, 0.75)
    shade = mix(s.ink, s.deep, 0.25)
    s.limb([(0.2, 1.6), (0.24, 0.5), (0.1, -0.2), (0.12, -0.42)], [0.3, 0.24, 0.24, 0.1], shade)
    s.disc(0.1, -0.66, 0.19, shade, 0.25)
    for side in (-1, 1):
        s.poly(
            [(0.1 + side * 0.13, -0.8), (0.1 + side * 0.32, -0.92), (0.1 + side * 0.17, -0.6)],
            shade,
        )
    s.limb([(0.2, -0.2), (-0.3, -0.1), (-0.52, -0.42)], [0.12, 0.075, 0.06], shade)
    for i, length in enumerate((0.34, 0.44, 0.46, 0.4)):
        tip = turned((-0.52, -0.42), length, 196 + i * 24)
        knuckle = turned((-0.52, -0.42), length * 0.55, 188 + i * 27)
        s.limb([(-0.52, -0.42), knuckle, tip], [0.05, 0.036, 0.006], shade)
    steps, drop = 9, (s.bottom - 0.35) / 9
    outline = [(s.left, s.bottom)]
    for i in range(steps + 1):
        x = s.left + (s.right - s.left) * i / (steps + 1)
        outline += [
            (x, s.bottom - 0.1 - drop * i),
            (x + (s.right - s.left) / (steps + 1), s.bottom - 0.1 - drop * i),
        ]
    s.poly([*outline, (s.right, s.bottom)], s.ink)
    s.line(outline[1:], 0.014, s.accent)
    for i in range(1, steps + 2):
        x, y = outline[2 * i - 1][0] + 0.06, outline[2 * i - 1][1]
        s.line([(x, y), (x, y - 0.55)], 0.022, s.ink)
    s.line(
        [(outline[1][0], outline[1][1] - 0.5), (outline[-2][0], outline[-2][1] - 0.5)], 0.045, s.ink
    )


def aurora(s: Sheet) -> None:
    s.fade([s.ink, s.deep, mix(s.deep, s.main, 0.4)])
    s.stars(110, s.light, 0.4)
    across, down = s.grid()
    for k, colour in enumerate((mix(s.main, (60, 255, 170), 0.6), s.light, s.main)):
        spine = -0.5 + 0.35 * np.sin(across * 1.3 + k * 2.1) + 0.14 * np.sin(across * 3.7 + k)
        fold = 0.6 + 0.4 * np.sin(across * 9 + 3 * np.sin(across * 2 + k))
        height = np.where(down < spine, np.exp((down - spine) * 1.7), np.exp((spine - down) * 9))
        s.stain(height * fold * 205, colour)
    ridge(s, 0.5, 0.07, mix(s.deep, s.ink, 0.3), 1.2)
    ridge(s, 0.78, 0.03, s.light, 0.8)
    s.disc(0, 0.78, 0.5, mix(s.light, s.main, 0.25))
    s.rect(-0.6, 0.78, 0.6, s.bottom, s.light)
    for row in range(1, 5):
        r = 0.5 * math.cos(math.asin(row * 0.2))
        s.line([(-r, 0.78 - row * 0.1), (r, 0.78 - row * 0.1)], 0.012, mix(s.main, s.deep, 0.3))
    s.glow(0.0, 0.72, 0.34, s.accent, 0.9)
    s.disc(0, 0.78, 0.15, s.ink)
    s.rect(-0.15, 0.78, 0.15, 0.82, s.ink)
    s.glow(0, 0.76, 0.16, s.accent, 1.0)


def domes(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.main, s.accent], 0.85)
    s.stars(90, s.light, 0.0)
    s.disc(0.3, -0.5, 0.52, s.light)
    s.disc(0.48, -0.58, 0.45, mix(s.deep, s.main, 0.28))
    for share, spots in (
        (
            0.55,
            (
                (-0.95, 0.5, 0.3),
                (0.2, 0.42, 0.3),
                (1.15, 0.5, 0.26),
                (-1.7, 0.55, 0.3),
                (1.9, 0.5, 0.3),
            ),
        ),
        (
            0.0,
            (
                (-0.5, 0.62, 0.26),
                (0.7, 0.6, 0.34),
                (-1.3, 0.8, 0.22),
                (1.6, 0.8, 0.22),
                (-2.2, 0.75, 0.3),
            ),
        ),
    ):
        for x, y, r in spots:
            _dome(s, x, y, r, mix(s.ink, s.deep, share))
    s.rect(s.left, 1.15, s.right, s.bottom, s.ink)
    _carpet(s)


def _dome(s: Sheet, x: float, y: float, r: float, colour: Colour) -> None:
    s.disc(x, y, r, colour)
    s.poly([(x - r * 0.8, y - r * 0.58), (x, y - r * 1.75), (x + r * 0.8, y - r * 0.58)], colour)
    s.rect(x - r * 0.78, y + r * 0.3, x + r * 0.78, s.bottom, colour)
    s.line([(x, y - r * 2.1), (x, y - r)], 0.014, colour)
    s.disc(x, y - r * 2.1, r * 0.07, s.light)
    for k in (-1.3, 1.3):
        s.rect(x + r * k - 0.03, y - r * 0.9, x + r * k + 0.03, s.bottom, colour)
        s.disc(x + r * k, y - r * 0.9, 0.055, colour)
    s.disc(x, y + r * 1.1, r * 0.16, s.main)
    s.rect(x - r * 0.16, y + r * 1.1, x + r * 0.16, y + r * 1.6, s.main)


def _carpet(s: Sheet) -> None:
    edge = [(-0.75 + i * 0.05, -0.1 - i * 0.012 + 0.05 * math.sin(i * 0.7)) for i in range(15)]
    s.poly([*edge, *[(x + 0.12, y + 0.13) for x, y in reversed(edge)]], s.accent)
    s.line([(x + 0.1, y + 0.11) for x, y in edge], 0.022, s.light)
    s.limb([(-0.4, -0.12), (-0.38, -0.3), (-0.36, -0.4)], [0.1, 0.07, 0.03], s.ink)
    s.disc(-0.35, -0.47, 0.058, s.ink)
    s.limb([(-0.4, -0.3), (-0.22, -0.36), (-0.1, -0.46)], [0.03, 0.025, 0.02], s.ink)


def sun(s: Sheet) -> None:
    s.fade([s.deep, s.main, s.accent, s.light], 0.62)
    s.glow(0, 0.1, 1.6, s.light, 0.75)
    s.disc(0, 0.05, 0.85, s.light)
    s.disc(0, 0.05, 0.72, mix(s.light, s.accent, 0.6))
    ridge(s, 0.42, 0.04, mix(s.deep, s.main, 0.35), 1.5)
    s.rect(s.left, 0.46, s.right, s.bottom, s.deep)
    for i in range(26):
        y = 0.5 + (s.bottom - 0.5) * (i / 25) ** 1.4
        half = (0.75 - i * 0.018) * s.random.uniform(0.35, 1)
        x = s.random.uniform(-0.16, 0.16)
        s.rect(x - half, y, x + half, y + 0.016 + i * 0.0006, mix(s.accent, s.deep, i / 34))
    s.poly([(-0.42, 0.66), (0.42, 0.66), (0.3, 0.78), (-0.3, 0.78)], s.ink)
    for x, lean in ((-0.11, 0.035), (0.11, -0.035)):
        s.limb([(x, 0.66), (x + lean, 0.5), (x + lean * 1.6, 0.42)], [0.085, 0.07, 0.035], s.ink)
        s.disc(x + lean * 2.0, 0.36, 0.056, s.ink)
    for side in (s.left, s.right):
        for _ in range(16):
            x = side + s.random.uniform(-0.35, 0.35)
            tip = s.random.uniform(0.1, 0.75)
            s.limb([(x, s.bottom), (x + s.random.uniform(-0.08, 0.08), tip)], [0.016, 0.004], s.ink)


def orbits(s: Sheet) -> None:
    s.fade([s.ink, s.deep, mix(s.deep, s.accent, 0.35)])
    s.stars(120, s.light)
    s.glow(0, 0, 1.3, s.accent, 0.5)
    for i in range(5):
        s.ring(
            0,
            0,
            0.78 + i * 0.26,
            0.009,
            mix(s.main, s.deep, 0.2 + i * 0.1),
            (0.78 + i * 0.26) * 0.42,
        )
    s.disc(0, 0, 0.56, s.accent)
    across, down = s.grid()
    stripe = np.sin(down * 26 + 2 * np.sin(across * 2)) * 0.5 + 0.5
    s.stain(np.where(np.hypot(across, down) < 0.545, stripe * 120, 0), s.deep)
    shade = np.clip(np.hypot(across + 0.22, down + 0.2) - 0.3, 0, 1) * 420
    s.stain(np.where(np.hypot(across, down) < 0.552, shade, 0), s.ink)
    for box, colour in ((0.9, s.main), (0.82, s.light)):
        points = [(box * math.cos(a / 20), 0.27 * box * math.sin(a / 20)) for a in range(0, 64)]
        s.line(points, 0.035, colour)
    for r, a, size, colour in (
        (1.04, 215, 0.09, s.main),
        (1.3, 318, 0.13, s.light),
        (1.56, 20, 0.07, s.main),
        (1.82, 158, 0.1, s.accent),
    ):
        x, y = r * math.cos(math.radians(a)), r * 0.42 * math.sin(math.radians(a))
        s.disc(x, y, size, colour)
        s.disc(x + size * 0.25, y + size * 0.2, size * 0.7, mix(colour, s.ink, 0.35))
    s.limb([(0.62, -0.95), (0.5, -0.72), (0.38, -0.5)], [0.01, 0.075, 0.06], s.light)
    s.poly([(0.44, -0.66), (0.6, -0.52), (0.42, -0.46)], s.accent)
    s.poly([(0.4, -0.7), (0.24, -0.62), (0.36, -0.46)], s.accent)
    s.limb([(0.34, -0.42), (0.2, -0.16)], [0.05, 0.006], s.main)


def ripples(s: Sheet) -> None:
    across, down = s.grid(4)
    one, two = np.hypot(across + 0.62, down - 0.05), np.hypot(across - 0.62, down + 0.05)
    wave = np.sin(one * 17) + np.sin(two * 17)
    s.fade([s.ink, s.deep, s.ink])
    s.stain((wave / 2).clip(0, 1) * 255, s.main)
    s.stain(((-wave - 0.9) / 1.1).clip(0, 1) * 255, s.accent)
    s.stain(((wave - 1.3) / 0.6).clip(0, 1) * 255, s.light)
    for x, y in ((-0.62, 0.05), (0.62, -0.05)):
        s.disc(x, y, 0.1, s.ink)
        s.disc(x, y, 0.055, s.light)


def studies(s: Sheet) -> None:
    s.fade([s.ink, s.ink])
    across, down = s.grid(4)
    plane = (across * 1.35 - 0.55) + 1j * (down * 1.35)
    z, steps = np.zeros_like(plane), np.zeros(plane.shape)
    for _ in range(34):
        live = np.abs(z) < 4
        z[live] = z[live] ** 2 + plane[live]
        steps += live
    smooth = steps / 34
    s.stain(np.sin(smooth * 9).clip(0, 1) * 220, s.deep)
    s.stain((np.sin(smooth * 14 + 1) * (smooth < 1)).clip(0, 1) * 210, s.accent)
    s.stain(((smooth > 0.42) & (smooth < 1)) * smooth * 235, s.main)
    s.stain(((smooth > 0.7) & (smooth < 1)) * 255.0, s.light)


SKIES = {
    "moon": moon,
    "stairs": stairs,
    "aurora": aurora,
    "domes": domes,
    "sun": sun,
    "orbits": orbits,
    "ripples": ripples,
    "studies": studies,
}
