"""Frame numbers and seconds. A frame rate is an exact fraction, so nothing drifts."""

from fractions import Fraction
from math import ceil

LATE = 1.5  # frames by which a picture may come late, so that two do not share a frame


def rate_of(text: str) -> Fraction:
    """Returns `24000/1001`, `25` or `12.5` as a fraction."""
    return Fraction(text)


def rate_text(rate: Fraction) -> str:
    """Returns a rate as ffmpeg writes it: `24000/1001`."""
    return f"{rate.numerator}/{rate.denominator}"


def timescale(rate: Fraction) -> int:
    """Returns ticks a second in which every frame lasts a whole number of ticks, at least
    10,000."""
    return rate.numerator * ceil(10_000 / rate.numerator)


def seconds(frames: int, rate: Fraction) -> float:
    return float(frames / rate)


def frames_in(duration_s: float, rate: Fraction) -> int:
    return max(1, round(duration_s * rate))


def clock_text(at_s: float) -> str:
    """Returns `0:07` or `1:02:30`, as people write a place in a film."""
    minutes, whole = divmod(int(at_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"
