"""How far a job is as a whole, and how long it will still take. Pure.

A job goes through phases, one after another. How long each takes is told by earlier jobs of this
service, relative to the length and the picture size of their films: what a film of such a size took
counts most, and the median is taken, since a job may have waited for others or for a machine that
was off. A guess counts as a little of one job, and stands in where none is known.

What is expected is settled once, when the film's size is known, and kept with the job, so that its
bar never goes back.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from vitascope.encoding import Effort, EncodingCost
from vitascope.kernel.media import FormatName
from vitascope.publishing.contract import JobKind, StepProgress
from vitascope.publishing.estimates import Estimate

_GUESS = 0.1  # of one job of the same size
_SOONEST_MS, _LEAST = 15_000, 0.04  # without earlier jobs, what is told sooner means nothing
_HISTORY = 0.25  # of the whole, before a job's own pace counts as much as that of earlier ones
_PACES = (1 / 3, 3.0)
_REVIEW = "review"  # a step in which somebody decides, for as long as it takes: it counts nowhere
_AGAIN = 0.15  # of the phase in which chunks are encoded: encoding some again, and joining them


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """Steps by their names, the share of the whole that they are guessed to take, and what that
    grows with."""

    name: str
    steps: str  # a pattern
    share: float
    grows: Literal["frames", "pixels"] = "pixels"


def _phase(name: str, share: float, steps: str = "", *, frames: bool = False) -> Phase:
    pattern = steps or re.escape(name)
    return Phase(name=name, steps=pattern, share=share, grows="frames" if frames else "pixels")


_OF_A_RUNG = r"( v\d.*?)?"  # jobs of an earlier version told of each rung by itself

_PHASES: dict[JobKind, tuple[Phase, ...]] = {
    "master": (
        _phase("inspect", 2),
        _phase("quality", 8),
        _phase("pictures of findings", 0.2),
        _phase("audio", 4, frames=True),
        _phase("first version", 0.5, frames=True),
        _phase("first", 8, f"first{_OF_A_RUNG}"),
        _phase("package first version", 1, frames=True),
        _phase("verify first version", 1, frames=True),
        _phase("publish first version", 0.5, frames=True),
        _phase("shots", 6),
        _phase("artwork", 2),
        _phase("samples", 3),
        _phase("trials", 14),
        _phase("samples near the rungs", 1),
        _phase("trials near the rungs", 6),
        _phase("ladder", 1, frames=True),
        _phase("encode", 32, f"encode{_OF_A_RUNG}( again)?"),
        _phase("subtitles", 0.5, frames=True),
        _phase("thumbnails", 1.5),
        _phase("package", 3, frames=True),
        _phase("verify", 4, frames=True),
        _phase("publish", 1, frames=True),
    ),
    "change": (
        _phase("inspect", 10, "inspect.*"),
        _phase("open the live version", 20),
        _phase("sound", 20, "compare sound|audio|quality.*"),
        _phase("subtitles", 5),
        _phase("package", 25),
        _phase("verify", 15),
        _phase("publish", 5),
    ),
    "formats": (
        _phase("open the live version", 2),
        _phase("inspect", 2),
        _phase("quality", 8),
        _phase("shots", 6),
        _phase("samples", 3),
        _phase("trials", 14),
        _phase("samples near the rungs", 1),
        _phase("trials near the rungs", 6),
        _phase("ladder", 1, frames=True),
        _phase("encode", 45, f"encode{_OF_A_RUNG}( again)?"),
        _phase("open the live version again", 2, "open the live version again.*"),
        _phase("package", 3, "package.*", frames=True),
        _phase("verify", 5, "verify.*", frames=True),
        _phase("publish", 1, "publish.*", frames=True),
    ),
}


class FilmSize(msgspec.Struct, frozen=True, kw_only=True):
    frames: int
    pixels: int  # of one picture

    def work(self, grows: str) -> float:
        return float(max(1, self.frames) * (max(1, self.pixels) if grows == "pixels" else 1))


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier job: the size of its film, and how long its phases took, in milliseconds."""

    size: FilmSize
    took: Mapping[str, float]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What the phases of a job are expected to take: milliseconds if earlier jobs tell, else the
    guessed shares. And what it was expected to cost and to take, when it was told: `cost` by the
    settings alone, `cpu` in processor seconds by kind of work."""

    size: FilmSize
    phases: dict[str, float]
    measured: bool
    effort: Effort = "balanced"
    formats: tuple[FormatName, ...] = ()
    cost: EncodingCost | None = None
    cpu: dict[str, float] = {}
    told: Estimate | None = None


def expected(size: FilmSize, past: Sequence[Past]) -> Expected:
    phases = _PHASES["master"]
    guessed = {phase.name: phase.share for phase in phases}
    if not past:
        return Expected(size=size, phases=guessed, measured=False)
    weights = [alike(size, one.size) for one in past]
    totals = [sum(one.took.values()) * _ratio(size, one.size, "pixels") for one in past]
    scale = weighted_median(totals, weights) / sum(guessed.values())
    told = {}
    for (
        phase
    ) in phases:  # one that is mostly skipped, as a first version of a film sent again, is 0
        values = [
            one.took.get(phase.name, 0.0) * _ratio(size, one.size, phase.grows) for one in past
        ]
        told[phase.name] = weighted_median([*values, phase.share * scale], [*weights, _GUESS])
    return Expected(size=size, phases=told, measured=True)


def _ratio(size: FilmSize, other: FilmSize, grows: str) -> float:
    return size.work(grows) / other.work(grows)


def alike(size: FilmSize, other: FilmSize) -> float:
    """Returns 1 for a film of the same size, a third for one that is four times as large."""
    return float(1 / (1 + np.log(_ratio(size, other, "pixels")) ** 2))


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    order = np.argsort(values)
    sums = np.cumsum(np.asarray(weights)[order])
    return float(np.asarray(values)[order][int(np.searchsorted(sums, sums[-1] / 2))])


def took(steps: Sequence[StepProgress], ended_ms: int) -> dict[str, float]:
    """Returns how long each phase of a finished job took, until the next one began: what is done
    in between, such as measuring, belongs to it."""
    began = _began("master", steps)
    order = sorted(began, key=lambda name: began[name])
    ends = [*(began[name] for name in order[1:]), ended_ms]
    spans = {name: (began[name], end) for name, end in zip(order, ends, strict=True)}
    return {
        name: float(max(0, end - begin - _waited(steps, begin, end)))
        for name, (begin, end) in spans.items()
    }


def _waited(steps: Sequence[StepProgress], begin: int, end: int) -> int:
    """Returns how long a job waited for somebody's decision between two moments."""
    spans = [
        (step.started_at_ms, step.ended_at_ms or end)
        for step in steps
        if step.name == _REVIEW and step.started_at_ms is not None
    ]
    return sum(max(0, min(end, until) - max(begin, start)) for start, until in spans)


def share_done(kind: JobKind, steps: Sequence[StepProgress], known: Expected | None) -> float:
    """Returns how much of a job is done, from 0 to 1; it never falls while a job goes on."""
    weights, done = _weights(kind, known), _done(kind, steps)
    if known is None and kind == "master" and done.keys() <= {"inspect"}:
        return 0.0  # what inspecting is of the whole is told when it has told the size
    return sum(weights[name] * part for name, part in done.items()) / sum(weights.values())


def left_ms(
    kind: JobKind, steps: Sequence[StepProgress], known: Expected | None, now_ms: int
) -> int | None:
    """Returns how long a job will still take; None while nobody can tell."""
    began = _began(kind, steps)
    if not began:
        return None
    start = min(began.values())
    spent = now_ms - start - _waited(steps, start, now_ms)
    share = share_done(kind, steps, known)
    if known is None or not known.measured:
        early = spent < _SOONEST_MS or share < _LEAST
        return None if early else round(spent * (1 - share) / share)
    whole = sum(known.phases.values())
    grace = _HISTORY * whole
    pace = (spent + grace) / (share * whole + grace)
    return round(whole * (1 - share) * min(max(pace, _PACES[0]), _PACES[1]))


def _weights(kind: JobKind, known: Expected | None) -> Mapping[str, float]:
    if known is not None and kind == "master":
        return {phase.name: known.phases.get(phase.name, 0.0) for phase in _PHASES[kind]}
    return {phase.name: phase.share for phase in _PHASES[kind]}


def _done(kind: JobKind, steps: Sequence[StepProgress]) -> dict[str, float]:
    """Returns how much of each phase is done. Those before the last that has begun are over,
    whether they were passed or skipped."""
    phases, begun = _PHASES[kind], _begun(kind, steps)
    last = max((n for n, phase in enumerate(phases) if phase.name in begun), default=-1)
    done = {phase.name: 1.0 for phase in phases[: max(0, last)]}
    if last >= 0:
        name = phases[last].name
        done[name] = _encoded(begun[name]) if name == "encode" else _mean(begun[name])
    return done


def _encoded(steps: Sequence[StepProgress]) -> float:
    """Chunks that are encoded again come as it turns out; the bar has left room for them."""
    once = [step for step in steps if not step.name.endswith(" again")]
    again = [step for step in steps if step.name.endswith(" again")]
    more = sum(map(_part, again)) / max(1, len(once))
    return _mean(once) * (1 - _AGAIN) + _AGAIN * min(1.0, more)


def _mean(steps: Sequence[StepProgress]) -> float:
    return sum(map(_part, steps)) / max(1, len(steps))


def _part(step: StepProgress) -> float:
    if step.state == "done":
        return 1.0
    return min(1.0, step.done / step.total) if step.total else 0.0


def _began(kind: JobKind, steps: Sequence[StepProgress]) -> dict[str, int]:
    begun = _begun(kind, steps).items()
    starts = {name: [one.started_at_ms for one in some] for name, some in begun}
    return {name: min(at for at in some if at is not None) for name, some in starts.items()}


def _begun(kind: JobKind, steps: Sequence[StepProgress]) -> dict[str, list[StepProgress]]:
    found: dict[str, list[StepProgress]] = {}
    for step in steps:
        for phase in _PHASES[kind]:
            if step.started_at_ms is not None and re.fullmatch(phase.steps, step.name):
                found.setdefault(phase.name, []).append(step)
                break
    return found
