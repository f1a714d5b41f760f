"""Which points of the hull become rungs.

The best rung is the cheapest that reaches the wanted quality; below it, each next one is the best
that lies a visible step lower and saves enough bits (or saves very many), down to the lowest
bitrate worth having. A viewer whose plan withholds HD still finds a rung worth watching. Sizes
beyond the display of the score have a rung each above the others.
"""

from collections.abc import Collection, Sequence

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import (
    HullPoint,
    LadderPlan,
    PlannedRung,
    ShotPlan,
    TrialResult,
)
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.picture.frames import DISPLAY_LINES, sizes
from vitascope.encoding.picture.hull import FEWEST_CRFS, Plane, Point, planes_of, sweep, upper_hull
from vitascope.encoding.picture.saving import saving_of
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import rate_of
from vitascope.kernel.media import H264_SDR, Format

SD_LINES = 576


def rung_name(format: Format, height: int, nth: int = 1) -> str:
    """Returns the stem of the file that viewers fetch: `v720`, `v720-2`, `v720-vp9`."""
    kind = "" if format == H264_SDR else f"-{format.name}"
    return f"v{height}{kind}" + (f"-{nth}" if nth > 1 else "")


def plan_ladder(
    source: Source, shots: ShotPlan, results: Sequence[TrialResult], settings: EncodingSettings
) -> LadderPlan:
    """Returns the ladder of one format."""
    format = results[0].format
    models = {result.vmaf_model for result in results}
    if len(models) != 1:
        raise EncodingFailed(f"Trials of different VMAF models cannot be compared: {models}.")
    planes = planes_of(results, shots.chunks, float(rate_of(source.frame_rate)))
    plan = ladder_on(source, format, planes, settings, tried=_widely_tried(results, planes))
    return msgspec.structs.replace(plan, vmaf_model=models.pop())


def ladder_on(
    source: Source,
    format: Format,
    planes: Sequence[Plane],
    settings: EncodingSettings,
    *,
    tried: Collection[float] = (),
) -> LadderPlan:
    """Returns the ladder that is picked from these planes; `tried` are CRFs to be told beside."""
    points = sweep(planes, settings.crf_spread)
    hull = upper_hull([point for point in points if point.height <= DISPLAY_LINES] or points)
    chosen = with_sd(choose_points(hull, settings), points, settings)
    chosen += beyond_display(chosen[-1], points, settings)
    return LadderPlan(
        rungs=_rungs(source, format, chosen, settings),
        trials=_report(planes, tried, hull, chosen, format),
        vmaf_model=settings.vmaf_model,
        saving=saving_of(source, planes, hull),
    )


def choose_points(hull: Sequence[Point], settings: EncodingSettings) -> list[Point]:
    """Returns the points of the ladder, lowest bitrate first; never empty."""
    affordable = [p for p in hull if p.bitrate_kbps <= settings.max_kbps] or list(hull[:1])
    good = [point for point in affordable if point.vmaf >= settings.top_vmaf]
    chosen = [good[0] if good else affordable[-1]]
    least = _least_kbps(chosen[0], settings)
    worth = [point for point in affordable if point.bitrate_kbps >= least]
    reach = chosen[0].vmaf - worth[0].vmaf
    step = max(settings.rung_step_vmaf, reach / max(1, settings.max_rungs - 1))
    while len(chosen) < settings.max_rungs:
        last = chosen[-1]
        next_ = [
            point
            for point in worth
            if point.bitrate_kbps <= last.bitrate_kbps / settings.rung_step_rate
            and (
                point.vmaf <= last.vmaf - step * 0.98
                or point.bitrate_kbps <= last.bitrate_kbps / settings.rung_widest_rate
            )
        ]
        if not next_:
            break
        chosen.append(next_[-1])
    return chosen[::-1]


def _least_kbps(top: Point, settings: EncodingSettings) -> float:
    """Returns the lowest bitrate worth having. A title so easy that its best needs little more than
    that still gets steps below its best, for links that are worse."""
    return min(settings.min_kbps, top.bitrate_kbps / settings.easy_reach)


def with_sd(
    chosen: list[Point], points: Sequence[Point], settings: EncodingSettings
) -> list[Point]:
    """Returns the same ladder with a good enough rung of at most 576 lines, and a thriftier one
    below it, in the place of HD rungs that would be hardly better."""
    small = [point for point in points if point.height <= SD_LINES]
    mine = [point for point in chosen if point.height <= SD_LINES]
    if not small or len(mine) == len(chosen):
        return chosen
    wanted = min(settings.sd_vmaf, max(point.vmaf for point in small))
    if max((point.vmaf for point in mine), default=0.0) < wanted:
        enough = [point for point in small if point.vmaf >= wanted]
        mine.append(min(enough, key=lambda point: point.bitrate_kbps))
    if len(mine) == 1:
        mine += _thriftier(mine[0], small, settings)
    best = max(mine, key=lambda point: point.vmaf)
    least = best.vmaf + settings.rung_step_vmaf / 2
    dearer = best.bitrate_kbps * settings.rung_step_rate**0.5
    large = [
        point
        for point in chosen
        if point.height > SD_LINES and point.vmaf >= least and point.bitrate_kbps >= dearer
    ]
    return sorted([*mine, *large], key=lambda point: point.bitrate_kbps)


def beyond_display(best: Point, points: Sequence[Point], settings: EncodingSettings) -> list[Point]:
    """Returns a rung above `best` for each size beyond the display that scores are for, where more
    lines are worth nothing: the cheapest that reaches the wanted quality there, or what comes
    nearest to it. Each is dearer by a step than what lies below it."""
    found: list[Point] = []
    if best.height > DISPLAY_LINES:
        return found
    for height in sorted({point.height for point in points if point.height > DISPLAY_LINES}):
        below = found[-1] if found else best
        may = [
            point
            for point in points
            if point.height == height
            and settings.rung_step_rate * below.bitrate_kbps
            <= point.bitrate_kbps
            <= settings.max_kbps
        ]
        good = [point for point in may if point.vmaf >= settings.top_vmaf]
        if may:
            cheapest = min(good, key=lambda point: point.bitrate_kbps, default=None)
            found.append(cheapest or max(may, key=lambda point: point.vmaf))
    return found


def _thriftier(above: Point, small: Sequence[Point], settings: EncodingSettings) -> list[Point]:
    most = above.bitrate_kbps / settings.rung_step_rate
    least = _least_kbps(above, settings)
    found = [p for p in small if least <= p.bitrate_kbps <= most]
    return [max(found, key=lambda point: point.vmaf)] if found else []


def _rungs(
    source: Source, format: Format, chosen: Sequence[Point], settings: EncodingSettings
) -> tuple[PlannedRung, ...]:
    widths = {size.height: size.width for size in sizes(source, settings.heights)}
    rungs: list[PlannedRung] = []
    used: dict[int, int] = {}
    for point in reversed(chosen):
        used[point.height] = used.get(point.height, 0) + 1
        rungs.append(
            PlannedRung(
                name=rung_name(format, point.height, used[point.height]),
                width=widths[point.height],
                height=point.height,
                crfs=point.crfs,
                bitrate_kbps=round(point.bitrate_kbps, 1),
                vmaf=round(point.vmaf, 2),
                vmafs=point.vmafs,
                max_kbps=round(point.bitrate_kbps * settings.peak_factor),
                vmaf_per_crf=round(point.vmaf_per_crf, 3),
                format=format,
            )
        )
    return tuple(reversed(rungs))


def _widely_tried(results: Sequence[TrialResult], planes: Sequence[Plane]) -> set[float]:
    wide = [result for result in results if len(result.points) >= FEWEST_CRFS * len(planes)]
    return {point.crf for result in wide for point in result.points}


def _report(
    planes: Sequence[Plane],
    wide: Collection[float],
    hull: Sequence[Point],
    chosen: Sequence[Point],
    format: Format,
) -> tuple[HullPoint, ...]:
    """Returns the trials as they were run, the hull, and on it what was chosen."""
    tried = [plane.at_crf(crf) for plane in planes for crf in sorted(wide)]
    off_hull = [point for point in chosen if point not in hull]
    return tuple(
        [_reported(point, format, on_hull=False, chosen=False) for point in tried]
        + [_reported(point, format, on_hull=True, chosen=point in chosen) for point in hull]
        + [_reported(point, format, on_hull=False, chosen=True) for point in off_hull]
    )


def _reported(point: Point, format: Format, *, on_hull: bool, chosen: bool) -> HullPoint:
    return HullPoint(
        height=point.height,
        crf=round(point.crf, 2),
        bitrate_kbps=round(point.bitrate_kbps, 1),
        vmaf=round(point.vmaf, 2),
        on_hull=on_hull,
        chosen=chosen,
        format=format,
    )
