"""When pictures come: the constant rate to encode at, and whether the master keeps to one.

Pure rules over the times of the picture's packets, in seconds, in the order shown.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median

import msgspec

from vitascope.encoding.timing import rate_text

MOST = 60
_USUAL = tuple(
    Fraction(rate)
    for rate in (
        *("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60"),
        *("12", "12.5", "15", "10", "20", "8", "5", "100", "120000/1001", "120"),
    )
)
_UNEVEN = 0.2  # a step is uneven when it is this much off the usual one
_TOLERATED = 0.005  # the part of steps that may be uneven: a dropped frame is no new cadence


class Cadence(msgspec.Struct, frozen=True, kw_only=True):
    rate: str  # "24000/1001"
    frames: int  # at that rate
    variable: bool
    start_s: float
    duration_s: float
    halved: bool = False  # more than 60 pictures a second: every second one is left out


def cadence(times: Sequence[float], last_s: float, told: Sequence[str] = ()) -> Cadence:
    """Returns the rate to encode at and how the master keeps to it. `times` may come unsorted;
    `last_s` is how long the last picture stays (0 when untold); `told` are the container's own
    rates, believed when they fit what is seen."""
    shown = sorted(times)
    steps = [after - before for before, after in pairwise(shown)]
    usual = median(steps) if steps else 0.0
    variable = _varies(steps, usual)
    # A picture left out makes one long step; it is counted as the places that it spans.
    places = sum(max(1, round(step / usual)) for step in steps) if usual else 0
    mean = (shown[-1] - shown[0]) / places if places else last_s
    exact = _named(1 / (usual if variable and usual else mean or 1 / 25), told)
    duration_s = shown[-1] - shown[0] + (last_s or float(1 / exact))
    rate, halved = _bounded(exact)
    exactly = not (variable or halved)
    frames = places + 1 if exactly else max(1, round(duration_s * rate))
    return Cadence(
        rate=rate_text(rate),
        frames=frames,
        variable=variable,
        start_s=shown[0],
        duration_s=duration_s,
        halved=halved,
    )


def _varies(steps: Sequence[float], usual: float) -> bool:
    uneven = sum(abs(step - usual) > usual * _UNEVEN + 0.0011 for step in steps)
    return uneven > max(1, len(steps) * _TOLERATED)


def _named(seen: float, told: Sequence[str]) -> Fraction:
    """Returns the rate a person would name: one that the container tells, or a usual one, if
    near."""
    believed = [Fraction(rate) for rate in told if not rate.endswith("/0")]
    near = min(
        (rate for rate in (*believed, *_USUAL) if rate > 0), key=lambda rate: abs(rate / seen - 1)
    )
    if abs(float(near) / seen - 1) < 0.004:
        return near
    return max(Fraction(1), Fraction(seen).limit_denominator(1001))


def _bounded(rate: Fraction) -> tuple[Fraction, bool]:
    halved = rate > MOST
    while rate > MOST:
        rate /= 2
    return rate, halved
