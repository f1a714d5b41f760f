"""What makes a title playable soonest: a low rung."""

import itertools

from vitascope.encoding.contract.picture import (
    Chunk,
    FindShots,
    LadderPlan,
    PlannedRung,
    PlanQuick,
    QuickPlan,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.frames import fitted, prepare_picture
from vitascope.encoding.picture.ladder import rung_name
from vitascope.encoding.picture.ladders import predicted_ladder
from vitascope.encoding.picture.recipes import wanted
from vitascope.encoding.picture.shots import find_shots, placed
from vitascope.encoding.timing import frames_in, rate_of
from vitascope.encoding.workspace import Workspace


async def plan_quick(
    workspace: Workspace, request: PlanQuick, progress: OnProgress | None = None
) -> QuickPlan:
    """Returns a plan without trials or search for cuts: keyframes at equal distances, one quality
    for all. Where ladders are predicted, a rung of its own is known as soon: then that one."""
    source, recipe = request.source, wanted(workspace.settings, request.source.dynamic_range)[0]
    if not workspace.settings.max_samples:
        return await _of_ladder(workspace, request, progress)
    picture = await prepare_picture(workspace, source, progress)
    rate, settings = rate_of(source.frame_rate), workspace.settings
    ends = [*range(0, source.frames, frames_in(settings.quick_chunk_s, rate)), source.frames]
    step = frames_in(settings.quick_keyframe_s, rate)
    chunks = tuple(
        Chunk(index=n, start=a, end=b, keyframes=_spaced(a, b, step))
        for n, (a, b) in enumerate(itertools.pairwise(ends))
    )
    found = sorted({fitted(source, lines) for lines in settings.quick_heights})
    rungs = tuple(
        PlannedRung(
            name=rung_name(recipe.format, size.height),
            width=size.width,
            height=size.height,
            crfs=(recipe.quick_crf(settings),),
            bitrate_kbps=0.0,
            format=recipe.format,
        )
        for size in found
    )
    shots = await placed(workspace, source, picture, chunks)
    return QuickPlan(shots=shots, ladder=LadderPlan(rungs=rungs))


async def _of_ladder(
    workspace: Workspace, request: PlanQuick, progress: OnProgress | None
) -> QuickPlan:
    """Returns the best rung of the title's own ladder that is no larger than a quick one: what is
    encoded of it now need not be encoded again."""
    source, settings = request.source, workspace.settings
    shots = await find_shots(workspace, FindShots(source=source), progress)
    ladder = predicted_ladder(source, shots, wanted(settings, source.dynamic_range)[0], settings)
    most = max(fitted(source, lines).height for lines in settings.quick_heights)
    low = [rung for rung in ladder.rungs if rung.height <= most]
    return QuickPlan(shots=shots, ladder=LadderPlan(rungs=(low[-1] if low else ladder.rungs[0],)))


def _spaced(begin: int, end: int, step: int) -> tuple[int, ...]:
    """Every `step` frames; a rest shorter than half a step joins the one before it."""
    marks = list(range(begin, end, step))
    if len(marks) > 1 and end - marks[-1] < step / 2:
        marks.pop()
    return tuple(marks)
