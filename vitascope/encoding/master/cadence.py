"""When pictures come: the constant rate to encode at, and whether the master keeps to one.

Pure rules over the times of the picture's packets, in seconds, in the order shown.

A master whose steps are uneven has the lowest rate at which next to no picture is lost when each
is given a frame of its own (`placed`): the median step is wrong for pictures timed by fields (33
and 50 ms are 24 pictures a second), and for a screen that stands still and then moves.
"""

import cmath
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from statistics import median

import msgspec

from vitascope.encoding.timing import LATE, rate_text

MOST = 60
LEAST = 10  # slower ones are repeated: a frame of five seconds is longer than a segment may be
_USUAL = tuple(
    Fraction(rate)
    for rate in (
        *("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60"),
        *("12", "12.5", "15", "10", "20", "8", "5", "100", "120000/1001", "120"),
    )
)
_UNEVEN = 0.2  # a step is uneven when it is this much off the usual one
_TOLERATED = 0.005  # the part of steps that may be uneven: a dropped frame is no new cadence
_ABOVE = Fraction("1.3")  # times the lowest rate: how far the one that fits best is looked for
_BELIEVED = 0.01  # what a rate that the container tells is worth, where two fit about as well
_RUN = 2000  # pictures
_TAIL_S = 1.0  # sound that goes on for less is cut


class Cadence(msgspec.Struct, frozen=True, kw_only=True):
    rate: str  # "24000/1001"
    frames: int  # at that rate
    variable: bool
    start_s: float
    duration_s: float
    halved: bool = False  # more than 60 pictures a second: every second one is left out
    repeated: bool = False  # fewer than 10 a second: each is several frames
    tail_s: float = 0.0  # how long the last picture stays for sound that goes on
    lost: int = 0  # pictures that share a frame with another one

    @property
    def placed_anew(self) -> bool:
        """Returns True if frames are not the master's pictures, one by one."""
        return self.variable or self.halved or self.repeated or self.tail_s > 0


def cadence(
    times: Sequence[float], last_s: float, told: Sequence[str] = (), *, sound_end_s: float = 0.0
) -> Cadence:
    """Returns the rate to encode at and how the master keeps to it. `times` may come unsorted;
    `last_s` is how long the last picture stays (0 when untold); `told` are the container's own
    rates, believed when they fit what is seen; the film lasts as long as the longest of picture
    and sound, which ends at `sound_end_s`."""
    shown = sorted(round(time, 9) for time in times)  # nothing is timed finer
    steps = [after - before for before, after in pairwise(shown)]
    usual = median(steps) if steps else 0.0
    variable = _varies(steps, usual)
    # Where a picture is left out, or stays longer, one long step tells nothing of the rate.
    even = [step for step in steps if usual and not _uneven(step, usual)]
    mean = sum(even) / len(even) if even else last_s
    seen = _paced(shown, steps, told) if variable else _named(1 / (mean or 1 / 25), told)
    rate, halved, repeated = _bounded(seen)
    picture_s = shown[-1] - shown[0] + (last_s or float(1 / seen))
    tail_s = _tail(shown[0] + picture_s, sound_end_s, variable or repeated or not even)
    duration_s = picture_s + tail_s
    own = list(placed(shown, rate)) if variable else []
    exactly = not (variable or halved or repeated or tail_s)
    least = own[-1] + 1 if own else 1
    span = round((shown[-1] - shown[0]) * rate)
    frames = span + 1 if exactly else max(least, round(duration_s * rate))
    return Cadence(
        rate=rate_text(rate),
        frames=frames,
        variable=variable,
        start_s=shown[0],
        duration_s=duration_s,
        halved=halved,
        repeated=repeated,
        tail_s=tail_s,
        lost=len(own) - len(set(own)),
    )


def placed(times: Iterable[float], rate: Fraction) -> Iterable[int]:
    """Returns the frame of every picture, in the order shown: the nearest one, or the next that is
    free if it is not too late by then. Two of a number share a frame, and one of them is lost.
    `frames.py` asks ffmpeg for the same."""
    free, pace = 0, float(rate)
    first: float | None = None
    for time in times:
        first = time if first is None else first
        at = (time - first) * pace
        place = max(floor(at + 0.5), free - (free - at > LATE))
        free = place + 1
        yield place


def lost(times: Sequence[float], rate: Fraction, most: int | None = None) -> int:
    """Returns how many pictures share a frame with another one; counting ends above `most`."""
    found, before = 0, -1
    for place in placed(times, rate):
        found += place == before
        before = place
        if most is not None and found > most:
            break
    return found


def _paced(shown: Sequence[float], steps: Sequence[float], told: Sequence[str]) -> Fraction:
    """Returns the lowest rate that loses next to no picture, or one a little above it (24, 25 and
    30 all hold a short burst of 24) if the pictures keep step with that one better."""
    rates = sorted({rate for rate in (*_USUAL, *_steady(steps)) if rate <= MOST})
    few = int(len(shown) * _TOLERATED)
    whole = [rate for rate in rates if lost(shown, rate, few) <= few] or [Fraction(MOST)]
    believed = {Fraction(each) for each in told if not each.endswith("/0")}
    runs = list(_runs(shown, 1.5 / float(whole[0])))

    def worth(rate: Fraction) -> float:
        return _in_step(runs, float(rate)) + _BELIEVED * (rate in believed)

    return max((rate for rate in whole if rate < whole[0] * _ABOVE), key=worth)


def _steady(steps: Sequence[float]) -> list[Fraction]:
    """Returns the rate of the median step, if at least half of all are about as long."""
    usual = median(steps)
    alike = sum(abs(step - usual) <= usual * 0.02 + 0.0011 for step in steps)
    return [_named(1 / usual, ())] if usual > 0 and 2 * alike >= len(steps) else []


def _runs(shown: Sequence[float], longest: float) -> Iterable[Sequence[float]]:
    """Stretches without a standstill, each with a phase of its own."""
    begin = 0
    for number in range(1, len(shown) + 1):
        whole = number - begin == _RUN or number == len(shown)
        if whole or shown[number] - shown[number - 1] > longest:
            yield shown[begin:number]
            begin = number


def _in_step(runs: Sequence[Sequence[float]], rate: float) -> float:
    """Returns how well the pictures of each run keep to the ticks of `rate`, from 0 to 1."""
    turns = [abs(sum(cmath.exp(2j * cmath.pi * rate * (t - run[0])) for t in run)) for run in runs]
    return sum(turns) / sum(map(len, runs))


def _varies(steps: Sequence[float], usual: float) -> bool:
    return sum(_uneven(step, usual) for step in steps) > max(1, len(steps) * _TOLERATED)


def _uneven(step: float, usual: float) -> bool:
    return abs(step - usual) > usual * _UNEVEN + 0.0011


def _named(seen: float, told: Sequence[str]) -> Fraction:
    """Returns the rate a person would name: one that the container tells, or a usual one, if
    near."""
    believed = [Fraction(rate) for rate in told if not rate.endswith("/0")]
    near = min(
        (rate for rate in (*believed, *_USUAL) if rate > 0), key=lambda rate: abs(rate / seen - 1)
    )
    if abs(float(near) / seen - 1) < 0.004:
        return near
    return max(Fraction(1, 1001), Fraction(seen).limit_denominator(1001))


def _bounded(rate: Fraction) -> tuple[Fraction, bool, bool]:
    """Returns a rate from 10 to 60 that is a whole multiple or a half of the one seen."""
    halved, repeated = rate > MOST, rate < LEAST
    while rate > MOST:
        rate /= 2
    return rate * ceil(LEAST / rate), halved, repeated


def _tail(picture_end_s: float, sound_end_s: float, placed_anew: bool) -> float:
    """Returns how long the last picture stays after its own time."""
    longer = sound_end_s - picture_end_s
    return longer if longer > (0.0 if placed_anew else _TAIL_S) else 0.0
