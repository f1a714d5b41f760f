"""Motifs that are built: pipes, gears, frames, an engine on its rails."""

import math

from demo.drawing.palette import mix
from demo.drawing.places import ridge
from demo.drawing.sheet import Sheet, turned


def frames(s: Sheet) -> None:
    s.fade([s.ink, s.deep])
    for hole in range(24):
        y = s.top + 0.1 + hole * 0.24
        for x in (s.left + 0.08, s.right - 0.2):
            s.rect(x, y, x + 0.12, y + 0.13, mix(s.ink, s.main, 0.45))
    colours = (s.main, s.deep, s.accent, s.light, s.deep, s.main, s.accent, s.light)
    for i, colour in enumerate(colours):
        size, tilt = 1.02 * 0.79**i, -9 + i * 4.6
        corners = [
            turned((0.02 * i, 0.012 * i), size * 1.16, tilt + a) for a in (-36, 36, 144, 216)
        ]
        s.poly(corners, s.ink)
        inside = [turned((0.02 * i, 0.012 * i), size * 1.1, tilt + a) for a in (-36, 36, 144, 216)]
        s.poly(inside, colour)
    s.poly([(0.14, 0.07), (s.left, s.bottom), (s.left + 0.95, s.bottom)], mix(s.light, s.main, 0.4))
    s.limb([(0.15, 0.2), (0.15, 0.09), (0.15, 0.03)], [0.045, 0.045, 0.03], s.ink)
    s.disc(0.15, -0.025, 0.035, s.ink)
    s.rect(0.085, -0.055, 0.215, -0.04, s.ink)
    s.rect(0.115, -0.085, 0.185, -0.045, s.ink)
    for foot in (-0.05, 0.06):
        s.line([(0.15, 0.2), (0.15 + foot, 0.34)], 0.035, s.ink)


def blinds(s: Sheet) -> None:
    s.fade([s.accent, s.main, s.deep], 0.9)
    s.glow(0.35, -0.45, 1.0, s.light, 0.85)
    s.disc(0.35, -0.5, 0.24, s.light)
    for i in range(26):
        x = s.left + (s.right - s.left) * i / 25
        s.rect(x - 0.1, s.random.uniform(-0.05, 0.75), x + 0.08, s.bottom, mix(s.deep, s.ink, 0.35))
    s.limb([(-0.15, s.bottom + 0.4), (-0.15, 1.2), (-0.12, 0.62)], [1.1, 0.82, 0.24], s.ink)
    s.limb([(-0.1, 0.6), (-0.06, 0.15)], [0.19, 0.27], s.ink)
    s.poly([(0.14, 0.02), (0.3, 0.2), (0.2, 0.25), (0.21, 0.38), (0.04, 0.44)], s.ink)
    s.limb([(-0.62, 0.0), (-0.05, -0.09), (0.52, 0.03)], [0.03, 0.062, 0.03], s.ink)
    s.poly([(-0.4, -0.06), (-0.33, -0.48), (-0.1, -0.42), (0.12, -0.5), (0.27, -0.08)], s.ink)
    s.poly([(-0.4, -0.12), (0.26, -0.13), (0.26, -0.07), (-0.4, -0.05)], s.accent)
    y = s.top
    while y < s.bottom:
        s.rect(s.left, y, s.right, y + 0.062, s.ink)
        y += 0.172
    s.limb([(0.46, 0.3), (0.36, 0.3), (0.22, 0.31)], [0.014, 0.014, 0.014], s.light)
    s.glow(0.47, 0.3, 0.09, s.accent, 1.0)
    for x in (-1.02, 1.02):
        s.line([(x, s.top), (x, s.bottom)], 0.02, s.ink)


def pipes(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.ink])
    s.glow(0, -0.2, 1.3, s.main, 0.6)
    count = 29
    for i in range(count):
        x = s.left + (s.right - s.left) * (i + 0.5) / count
        half = (s.right - s.left) / count * 0.42
        top = -0.9 + 0.75 * abs(math.cos(x * 1.9)) + 0.1 * abs(x)
        for k in range(6):
            share = abs(k - 1.6) / 4.4
            s.rect(
                x - half + half * k / 3,
                top,
                x - half + half * (k + 1) / 3,
                0.75,
                mix(s.main, s.ink, 0.2 + share),
            )
        s.disc(x, top, half, s.ink, half * 0.35)
        s.poly([(x - half, 0.42), (x + half, 0.42), (x, 0.3)], s.ink)
        s.poly([(x - half, 0.75), (x + half, 0.75), (x, 0.98)], mix(s.main, s.ink, 0.45))
    s.rect(s.left, 0.98, s.right, s.bottom, s.ink)
    for i in range(40):
        y = 1.02 + i * 0.04
        half = s.random.uniform(0.2, 1.5)
        s.rect(-half, y, half, y + 0.009, mix(s.deep, s.main, s.random.uniform(0, 0.5)))
    s.limb([(0.0, 1.35), (0, 0.66), (0, 0.4)], [0.36, 0.2, 0.09], s.ink)
    s.disc(0, 0.1, 0.27, s.ink, 0.32)
    s.disc(0, 0.15, 0.185, s.light, 0.26)
    for side in (-1, 1):
        s.disc(side * 0.075, 0.12, 0.05, s.ink, 0.038)
        s.disc(side * 0.075, 0.12, 0.014, s.accent)
    s.limb([(-0.05, 0.3), (0.05, 0.3)], [0.011, 0.011], s.ink)


def gears(s: Sheet) -> None:
    s.fade([s.ink, s.deep, s.ink])
    s.glow(0, 0, 1.4, s.accent, 0.5)
    spots = (
        (0, 0, 0.66, s.main),
        (0.92, -0.62, 0.42, s.accent),
        (-0.9, 0.62, 0.46, s.accent),
        (0.86, 0.72, 0.34, s.main),
        (-0.94, -0.66, 0.38, s.deep),
        (1.75, 0.1, 0.5, s.deep),
        (-1.85, -0.1, 0.55, s.main),
        (-2.4, 0.95, 0.42, s.accent),
        (0.1, 1.42, 0.5, s.deep),
        (0.0, -1.3, 0.46, s.deep),
    )
    for x, y, r, colour in spots:
        _gear(s, x, y, r, colour)
    s.disc(0, 0, 0.36, s.ink)
    s.disc(0, 0, 0.33, s.light)
    for x, tall in ((-0.1, 0.26), (0.1, 0.22)):
        s.limb([(x, 0.24), (x, 0.24 - tall * 0.7)], [0.05, 0.034], s.ink)
        s.disc(x, 0.22 - tall, 0.042, s.ink)


def _gear(s: Sheet, x: float, y: float, r: float, colour: tuple[int, int, int]) -> None:
    teeth = round(r * 26)
    corners = []
    for i in range(teeth):
        for share, reach in ((0, 1.0), (0.28, 1.16), (0.55, 1.16), (0.8, 1.0)):
            corners.append(turned((x, y), r * reach, (i + share) * 360 / teeth))
    s.poly([(a + 0.03, b + 0.04) for a, b in corners], s.ink)
    s.poly(corners, colour)
    s.ring(x, y, r * 0.82, 0.02, mix(colour, s.ink, 0.4))
    for k in range(5):
        s.disc(*turned((x, y), r * 0.55, k * 72 + r * 200), r * 0.17, mix(colour, s.ink, 0.75))
    s.disc(x, y, r * 0.2, mix(colour, s.ink, 0.75))


def rails(s: Sheet) -> None:
    s.fade([s.ink, s.deep, mix(s.deep, s.accent, 0.55), s.accent], 0.6)
    s.glow(0, -0.05, 1.5, s.light, 0.5)
    s.disc(0, -0.1, 0.78, s.main)
    for i in range(6):
        y = 0.02 + i * 0.1
        s.rect(-1, y, 1, y + 0.02 + i * 0.011, mix(s.accent, s.deep, 0.25))
    ridge(s, 0.3, 0.1, mix(s.deep, s.ink, 0.35), 1.3)
    s.rect(s.left, 0.42, s.right, s.bottom, s.ink)
    for i in range(16):
        y = 0.46 + (s.bottom - 0.46) * (i / 15) ** 2.2
        half = 0.1 + (y - 0.42) * 0.95
        s.rect(-half, y, half, y + 0.012 + (y - 0.42) * 0.06, mix(s.ink, s.deep, 0.8))
    for side in (-1, 1):
        low = 0.06 + (s.bottom - 0.42) * 0.72
        s.poly(
            [
                (side * 0.05, 0.42),
                (side * 0.062, 0.42),
                (side * (low + 0.07), s.bottom),
                (side * low, s.bottom),
            ],
            s.main,
        )
    _engine(s)


def _engine(s: Sheet) -> None:
    """A locomotive seen from the front, with its smoke."""
    for i in range(11):
        t = i / 10
        s.disc(
            0.03 + 0.75 * t**1.4,
            -0.55 - 1.0 * t,
            0.09 + 0.24 * t,
            mix(s.light, s.deep, 0.35 + 0.5 * t),
        )
    s.rect(-0.07, -0.6, 0.07, -0.2, s.ink)
    s.rect(-0.11, -0.64, 0.11, -0.56, s.ink)
    s.disc(0, 0.02, 0.32, s.ink)
    s.ring(0, 0.02, 0.27, 0.018, s.main)
    s.disc(0, -0.28, 0.09, s.ink)
    s.glow(0, -0.28, 0.4, s.light, 0.9)
    s.disc(0, -0.28, 0.06, s.light)
    s.rect(-0.4, 0.26, 0.4, 0.38, s.ink)
    s.poly([(-0.38, 0.38), (0.38, 0.38), (0.5, 0.6), (-0.5, 0.6)], s.accent)
    for i in range(-4, 5):
        s.line([(i * 0.04, 0.38), (i * 0.115, 0.6)], 0.018, s.ink)


MACHINES = {
    "frames": frames,
    "blinds": blinds,
    "pipes": pipes,
    "gears": gears,
    "rails": rails,
}
