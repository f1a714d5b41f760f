"""What a job will take, by what encoding is expected to cost and what earlier jobs took. Pure.

Encoding tells how costs grow with length, size, presets and samples (`EncodingCost`); it knows
nothing of the machine, nor of the films that are sent here. Each earlier job tells for each kind of
work how many times as much it took. The median of these is taken, jobs of the same effort and size
counting most; a guess counts as a little of one job. One in which nothing was encoded, since it was
encoded before, tells nothing.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from vitascope.encoding import Effort, EncodingCost
from vitascope.kernel.media import FormatName
from vitascope.publishing.contract import StepProgress
from vitascope.publishing.estimate import FilmSize, alike, weighted_median
from vitascope.publishing.estimates import Estimate

_GUESS = 0.1  # of one job
_UNLIKE = 0.25  # what a job of another effort or in other formats counts
_REUSED = 0.15  # of what encoding was expected to take: less was found done
_PACE = 2.0  # processor seconds a second, of each worker, before anything is known
_COPIES = 3.0  # chunks, clear renditions and the package

_WORK = {
    "inspect": "inspect.*",
    "quality": "quality.*|pictures of findings",
    "audio": "audio",
    "first": "first.*|(package|verify|publish) first version",
    "shots": "shots",
    "artwork": "artwork",
    "trials": "samples.*|trials.*|ladder",
    "encode": "encode.*|compare with the plan",
    "thumbnails": "thumbnails",
    "package": "subtitles|package|package [^f].*|open the live version.*",
    "verify": "verify|verify [^f].*|publish.*",
}
"""Kinds of work by the names of their steps."""

KINDS = tuple(_WORK)
FIRST = ("inspect", "quality", "audio", "first")
"""What comes before a first version can be played."""

OF_A_FORMAT = ("inspect", "quality", "shots", "trials", "encode", "package", "verify")
"""What a format costs that is added to what is live."""


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A job that went well: what it was expected to cost, and what it took."""

    film: FilmSize
    effort: Effort
    formats: tuple[FormatName, ...]
    cost: EncodingCost
    spent: Mapping[str, float]  # processor seconds by kind of work
    took_s: float  # by the clock
    size: int  # bytes that were published; 0 for unknown


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is done before: what is left of it, in processor seconds; None is unknown."""

    first_s: float | None
    whole_s: float | None


class FilmJob(msgspec.Struct, frozen=True, kw_only=True):
    """The job in question."""

    film: FilmSize
    effort: Effort
    formats: tuple[FormatName, ...]
    cost: EncodingCost
    first_version: bool


def spent_on(steps: Sequence[StepProgress]) -> dict[str, float]:
    """Returns the processor seconds of a job by kind of work."""
    found = dict.fromkeys(KINDS, 0.0)
    for step in steps:
        for kind, names in _WORK.items():
            if re.fullmatch(names, step.name):
                found[kind] += step.cpu_s
                break
    return found


def foretold(wanted: FilmJob, past: Sequence[Earlier]) -> dict[str, float]:
    """Returns the processor seconds that a job will take, by kind of work."""
    told = [one for one in past if not _reused(one)]
    weights = [_weight(wanted, one) for one in told]
    scale = weighted_median([_ratio(one) for one in told], weights) if told else 1.0
    found: dict[str, float] = {}
    for kind in KINDS:
        guess = getattr(wanted.cost, kind)
        times = [
            one.spent.get(kind, 0.0) / getattr(one.cost, kind)
            for one in told
            if getattr(one.cost, kind) > 0
        ]
        known = [
            weight for one, weight in zip(told, weights, strict=True) if getattr(one.cost, kind) > 0
        ]
        found[kind] = guess * weighted_median([*times, scale], [*known, _GUESS])
    if not wanted.first_version:
        found["first"] = 0.0
    return found


def estimate(
    wanted: FilmJob,
    past: Sequence[Earlier],
    ahead: Sequence[Ahead],
    workers: int,
    now_ms: int,
) -> Estimate:
    """Returns what is told of a job before it is begun."""
    cpu = foretold(wanted, past)
    whole, first = sum(cpu.values()), sum(cpu[kind] for kind in FIRST)
    sizes = [one.size / one.cost.size for one in past if one.size and one.cost.size]
    known = [_weight(wanted, one) for one in past if one.size and one.cost.size]
    size = wanted.cost.size * weighted_median([*sizes, 1.0], [*known, _GUESS])
    pace = _pace(past, workers)
    before_first = sum(first if one.first_s is None else one.first_s for one in ahead)
    before_whole = sum(whole if one.whole_s is None else one.whole_s for one in ahead)
    return Estimate(
        cpu_s=round(whole, 1),
        size=round(size),
        room=round(_COPIES * size),
        playable_in_ms=_ms((before_first + first) / pace) if wanted.first_version else None,
        live_in_ms=_ms((before_whole + whole) / pace),
        jobs_ahead=len(ahead),
        learned=any(not _reused(one) for one in past),
        told_at_ms=now_ms,
    )


def _pace(past: Sequence[Earlier], workers: int) -> float:
    """Returns processor seconds a second of a job that is alone at its work."""
    paces = [
        sum(one.spent.values()) / one.took_s for one in past if not _reused(one) and one.took_s > 1
    ]
    if not paces:
        return _PACE * max(1, workers)
    return max(0.05, weighted_median(paces, [1.0] * len(paces)))


def _ratio(one: Earlier) -> float:
    """Returns how many times as much a job took as it was expected to, of what it did at all."""
    did = [kind for kind in KINDS if one.spent.get(kind, 0.0) > 0]
    expected = sum(getattr(one.cost, kind) for kind in did)
    return sum(one.spent[kind] for kind in did) / expected if expected else 1.0


def _reused(one: Earlier) -> bool:
    return one.spent.get("encode", 0.0) < _REUSED * one.cost.encode


def _weight(wanted: FilmJob, one: Earlier) -> float:
    same = (one.effort, one.formats) == (wanted.effort, wanted.formats)
    return alike(wanted.film, one.film) * (1.0 if same else _UNLIKE)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
