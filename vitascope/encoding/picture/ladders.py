"""The ladders of a title: by its trials, or foretold without.

A rung that is made already, as it was foretold, tells how the film differs from what was foretold
of it, and the others are moved by that. It stays in the ladder as it is, in the place of what lies
next to it, so that nothing of it is encoded again.
"""

import itertools
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import (
    LadderPlan,
    PlanLadder,
    PlannedRung,
    RenditionRef,
    ShotPlan,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.ladder import ladder_on, plan_ladder, rung_name
from vitascope.encoding.picture.predict import Moved, logit, predicted_planes
from vitascope.encoding.picture.recipes import wanted
from vitascope.encoding.picture.recipes.recipe import Recipe
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workspace import Workspace

_NOT_MOVED = Moved()


async def plan_ladders(
    workspace: Workspace, request: PlanLadder, progress: OnProgress | None = None
) -> LadderPlan:
    """Returns a ladder for each format: what a device plays is one of them."""
    plans = _tried(request, workspace.settings) or _predicted(request, workspace.settings)
    return LadderPlan(
        rungs=tuple(rung for plan in plans for rung in plan.rungs),
        trials=tuple(point for plan in plans for point in plan.trials),
        vmaf_model=plans[0].vmaf_model,
        saving=plans[0].saving,
    )


def _tried(request: PlanLadder, settings: EncodingSettings) -> list[LadderPlan]:
    source, shots, results = request.source, request.shots, request.results
    formats = dict.fromkeys(result.format for result in results)
    return [
        plan_ladder(source, shots, [one for one in results if one.format == format], settings)
        for format in formats
    ]


def _predicted(request: PlanLadder, settings: EncodingSettings) -> list[LadderPlan]:
    source, shots, moved = request.source, request.shots, _NOT_MOVED
    plans: list[LadderPlan] = []
    for recipe in wanted(settings, source.dynamic_range, request.formats):
        foretold = predicted_ladder(source, shots, recipe, settings)
        pairs = [
            (rung, made)
            for rung in foretold.rungs
            for made in request.made
            if (rung.name, rung.format) == (made.rung.name, made.rung.format)
        ]
        if pairs:
            moved = _moved(*pairs[0])
        if moved != _NOT_MOVED:
            foretold = predicted_ladder(source, shots, recipe, settings, moved)
        plans.append(_with([_as_made(*pair) for pair in pairs], foretold, settings))
    return plans


def predicted_ladder(
    source: Source,
    shots: ShotPlan,
    recipe: Recipe,
    settings: EncodingSettings,
    moved: Moved = _NOT_MOVED,
) -> LadderPlan:
    """Returns the ladder of one format as it is foretold. What nobody tried saves nothing that
    could be told."""
    planes = predicted_planes(source, shots.chunks, recipe, settings, moved)
    plan = ladder_on(source, recipe.format, planes, settings)
    rungs = tuple(
        msgspec.structs.replace(rung, predicted=True) for rung in _apart(plan.rungs, settings)
    )
    return msgspec.structs.replace(plan, rungs=rungs, saving=None)


def _apart(rungs: Sequence[PlannedRung], settings: EncodingSettings) -> list[PlannedRung]:
    """Returns the rungs in order, without those that are next to a cheaper one or beyond the cap:
    what is foretold of very odd films can be anything."""
    kept: list[PlannedRung] = []
    for rung in sorted(rungs, key=lambda rung: rung.bitrate_kbps):
        low = not kept or kept[-1].bitrate_kbps * settings.rung_step_rate**0.5 < rung.bitrate_kbps
        if not kept or (low and rung.bitrate_kbps <= settings.max_kbps):
            kept.append(rung)
    return kept


def _moved(foretold: PlannedRung, made: RenditionRef) -> Moved:
    reached = made.quality.vmaf if made.quality else None
    return Moved(
        bytes_=float(np.log(max(1, made.rung.bitrate_kbps) / max(1.0, foretold.bitrate_kbps))),
        vmaf=logit(reached) - logit(foretold.vmaf or reached) if reached is not None else 0.0,
    )


def _as_made(rung: PlannedRung, made: RenditionRef) -> PlannedRung:
    """Returns the rung with what is known of it; it is encoded as it was."""
    reached = made.quality.vmaf if made.quality else rung.vmaf
    return msgspec.structs.replace(
        rung, bitrate_kbps=float(made.rung.bitrate_kbps), vmaf=reached, vmafs=()
    )


def _with(made: Sequence[PlannedRung], plan: LadderPlan, settings: EncodingSettings) -> LadderPlan:
    """Returns the plan with the rungs that are made, and without those that would be next to them,
    or better for fewer bits."""
    if not made:
        return plan
    apart = settings.rung_step_rate**0.75
    others = [rung for rung in plan.rungs if all(_fits(rung, one, apart) for one in made)]
    taken = {rung.name for rung in made}
    named: list[PlannedRung] = []
    for rung in reversed(others):  # of one size, the best has no number
        name = next(name for name in _names(rung) if name not in taken)
        taken.add(name)
        named.append(msgspec.structs.replace(rung, name=name))
    rungs = sorted([*named, *made], key=lambda rung: rung.bitrate_kbps)
    return msgspec.structs.replace(plan, rungs=tuple(rungs))


def _fits(rung: PlannedRung, made: PlannedRung, apart: float) -> bool:
    larger, smaller = sorted((rung, made), key=lambda one: -one.bitrate_kbps)
    rises = (larger.vmaf or 0.0) > (smaller.vmaf or 0.0) and larger.height >= smaller.height
    return larger.bitrate_kbps >= apart * smaller.bitrate_kbps and rises


def _names(rung: PlannedRung) -> Iterator[str]:
    return (rung_name(rung.format, rung.height, nth) for nth in itertools.count(1))
