"""I6: convex hull per title, equal slope per shot, a ladder of its own."""

import itertools
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.encoding.steps import point_of, shots_of, source_of, trials_of
from vitascope.encoding import EncodingFailed, TrialResult
from vitascope.encoding.picture.hull import Plane, Point, planes_of, sweep, upper_hull
from vitascope.encoding.picture.ladder import plan_ladder
from vitascope.encoding.settings import EncodingSettings

CRFS = (18.0, 24.0, 31.0, 38.0)
SETTINGS = EncodingSettings()


def results_of(
    heights: tuple[int, ...] = (240, 360, 480, 720, 1080), detail: tuple[float, ...] = (1.0, 3.0)
) -> list[TrialResult]:
    ceilings = {240: 55, 360: 70, 480: 80, 720: 92, 1080: 100, 1440: 100, 2160: 100}
    return trials_of({height: ceilings[height] for height in heights}, CRFS, detail=detail)


def plane_of(detail: tuple[float, ...] = (1.0, 3.0)) -> Plane:
    results = results_of((1080,), detail)
    return Plane(1080, results, shots_of(*[96] * len(detail)).chunks, 24.0)


def test_between_trials_the_curve_passes_through_them() -> None:
    plane = plane_of((1.0,))
    tried = point_of(1080, 24.0)
    point = plane.at_crf(24.0)
    kbps = (tried.key_bytes + 95 * tried.frame_bytes) * 8 / 1000 / 4
    assert point.vmaf == pytest.approx(tried.vmaf)
    assert point.bitrate_kbps == pytest.approx(kbps)


@given(slope=st.floats(1e-3, 0.1))
def test_one_slope_for_all_shots_is_never_worse_than_one_crf(slope: float) -> None:
    plane = plane_of()
    ours = plane.at_slope(slope, spread=6.0)
    flat = plane.at_crf(ours.crf)
    assert ours.vmaf - slope * ours.bitrate_kbps >= flat.vmaf - slope * flat.bitrate_kbps - 1e-9


def test_shots_that_differ_get_different_qualities_within_the_spread() -> None:
    ours = plane_of().at_slope(0.01, spread=4.0)
    assert len(set(ours.crfs)) == 2
    assert all(abs(crf - ours.crf) <= 4.0 for crf in ours.crfs)


def test_an_untried_shot_follows_the_one_nearest_in_complexity() -> None:
    chunks = [
        msgspec.structs.replace(chunk, complexity=complexity)
        for chunk, complexity in zip(
            shots_of(96, 96, 96).chunks, (1000.0, 9000.0, 8000.0), strict=True
        )
    ]
    results = [
        msgspec.structs.replace(result, complexity=complexity)
        for result, complexity in zip(
            trials_of({1080: 100}, CRFS, detail=(1.0, 3.0)), (1000.0, 9000.0), strict=True
        )
    ]
    ours = Plane(1080, results, chunks, 24.0).at_slope(0.01, spread=6.0)
    assert ours.crfs[2] == pytest.approx(ours.crfs[1], abs=1.0)
    assert ours.crfs[0] != ours.crfs[1]


def test_a_chunk_weighs_what_its_frames_hold_beside_those_of_its_sample() -> None:
    """The sample was of a quiet passage of the chunk."""
    chunks = shots_of(96, complexity=3000.0).chunks
    plane = Plane(1080, trials_of({1080: 100}, CRFS), chunks, 24.0)
    quiet = Plane(1080, trials_of({1080: 100}, CRFS), shots_of(96).chunks, 24.0)
    ratio = plane.at_crf(24.0).bitrate_kbps / quiet.at_crf(24.0).bitrate_kbps
    assert ratio == pytest.approx(3.0)


def test_a_sample_tried_near_the_rungs_only_tells_of_its_own_chunk() -> None:
    """Its bytes are three times those of the samples that were tried over the wide range, where it
    was tried and beyond."""
    wide = trials_of({1080: 100}, CRFS)
    (near,) = trials_of({1080: 100}, (23.0, 26.0, 29.0), detail=(3.0,))
    near = msgspec.structs.replace(near, chunk=1)
    chunks = shots_of(96, 96).chunks
    plane = Plane(1080, [*wide, near], chunks, 24.0)
    for crf in (18.0, 26.0, 38.0):
        place = int(np.argmin(np.abs(plane.crfs - crf)))
        ratio = plane.kbps[1, place] / plane.kbps[0, place]
        assert ratio == pytest.approx(3.0, rel=0.1)


def test_fewer_than_four_qualities_are_refused() -> None:
    with pytest.raises(EncodingFailed, match="at 3 CRFs; 4 are needed"):
        Plane(1080, trials_of({1080: 100}, CRFS[:3]), shots_of(96, 96).chunks, 24.0)


points = st.builds(
    Point,
    height=st.just(1),
    bitrate_kbps=st.floats(1, 1e4),
    vmaf=st.floats(0, 100),
    crf=st.just(20.0),
    crfs=st.just((20.0,)),
)


@given(st.lists(points, min_size=1, max_size=40))
def test_no_point_lies_above_the_hull(found: list[Point]) -> None:
    hull = upper_hull(found)
    assert hull == sorted(hull, key=lambda point: point.bitrate_kbps)
    for point in found:
        assert point.vmaf <= at(hull, point.bitrate_kbps) + 1e-6


def at(hull: list[Point], kbps: float) -> float:
    """The hull's VMAF at a bitrate."""
    if kbps >= hull[-1].bitrate_kbps:
        return hull[-1].vmaf
    for left, right in itertools.pairwise(hull):
        if left.bitrate_kbps <= kbps <= right.bitrate_kbps:
            share = (kbps - left.bitrate_kbps) / max(1e-9, right.bitrate_kbps - left.bitrate_kbps)
            return left.vmaf + share * (right.vmaf - left.vmaf)
    return hull[0].vmaf


def test_i6_a_ladder_rises_in_bitrate_and_quality_within_the_limits() -> None:
    shots = shots_of(96, 96)
    plan = plan_ladder(source_of(frames=192), shots, results_of(), SETTINGS)
    rates = [rung.bitrate_kbps for rung in plan.rungs]
    assert rates == sorted(rates)
    assert rates[0] >= SETTINGS.min_kbps
    assert 2 <= len(plan.rungs) <= SETTINGS.max_rungs + 1
    assert len({rung.name for rung in plan.rungs}) == len(plan.rungs)
    reaching = [one for one in plan.trials if one.on_hull and one.vmaf >= SETTINGS.top_vmaf]
    assert rates[-1] == min(one.bitrate_kbps for one in reaching), "bits that nobody sees"
    assert all(len(rung.crfs) == len(shots.chunks) for rung in plan.rungs)


def test_a_size_beyond_the_display_of_the_score_has_one_rung_above_the_others() -> None:
    """I6: on a display of 1080 lines it is worth nothing, so no hull would hold it."""
    uhd = source_of(width=3840, height=2160)
    shots = shots_of(360, 360)
    heights = (240, 360, 480, 720, 1080, 1440, 2160)
    settings = msgspec.structs.replace(SETTINGS, heights=heights, max_kbps=30_000.0)
    results = results_of(heights, (0.3, 0.5))
    plan = plan_ladder(uhd, shots, results, settings)
    large = [rung for rung in plan.rungs if rung.height > 1080]
    assert [rung.height for rung in large] == [1440, 2160]
    assert plan.rungs[-2:] == tuple(large), "the dearest come last"
    hd = plan.rungs[-3]
    assert hd.height == 1080
    assert hd.bitrate_kbps * settings.rung_step_rate <= large[0].bitrate_kbps
    assert large[0].bitrate_kbps * settings.rung_step_rate <= large[1].bitrate_kbps
    assert all(rung.bitrate_kbps <= 30_000 for rung in large)
    alone = plan_ladder(uhd, shots, results_of(heights[:5], (0.3, 0.5)), settings)
    assert alone.rungs == plan.rungs[:-2], "what lies below them is as it was"


def test_a_uhd_rung_that_no_bitrate_allows_is_not_there() -> None:
    uhd = source_of(width=3840, height=2160)
    heights = (240, 720, 1080, 2160)
    settings = msgspec.structs.replace(SETTINGS, heights=heights, max_kbps=3_000.0)
    plan = plan_ladder(uhd, shots_of(360, 360), results_of(heights, (5.0, 9.0)), settings)
    assert max(rung.height for rung in plan.rungs) <= 1080


def test_an_easier_title_gets_a_cheaper_ladder() -> None:
    shots = shots_of(96, 96)
    hard = plan_ladder(source_of(), shots, results_of(detail=(3.0, 3.0)), SETTINGS)
    easy = plan_ladder(source_of(), shots, results_of(detail=(0.5, 0.5)), SETTINGS)
    assert easy.rungs[-1].bitrate_kbps < hard.rungs[-1].bitrate_kbps / 2


def test_whoever_may_not_have_hd_still_finds_a_rung_worth_watching() -> None:
    plan = plan_ladder(source_of(), shots_of(96, 96), results_of(), SETTINGS)
    small = [rung.vmaf for rung in plan.rungs if rung.height <= 576 and rung.vmaf is not None]
    assert max(small) >= SETTINGS.sd_vmaf
    assert plan.rungs[0].height <= 576


def test_the_report_shows_trials_hull_and_choice() -> None:
    plan = plan_ladder(source_of(), shots_of(96, 96), results_of(), SETTINGS)
    assert sum(point.chosen for point in plan.trials) == len(plan.rungs)
    assert {point.height for point in plan.trials if not point.on_hull} >= {240, 1080}


def test_scores_of_different_models_are_never_compared() -> None:
    mixed = results_of()
    mixed[0] = msgspec.structs.replace(mixed[0], vmaf_model="vmaf_v1.0.16_3d0h")
    with pytest.raises(EncodingFailed, match="cannot be compared"):
        plan_ladder(source_of(), shots_of(96, 96), mixed, SETTINGS)


def test_the_hull_takes_the_best_of_every_height() -> None:
    planes = planes_of(results_of(), shots_of(96, 96).chunks, 24.0)
    hull = upper_hull(sweep(planes, SETTINGS.crf_spread))
    assert len({point.height for point in hull}) > 1


def test_an_easy_title_still_gets_rungs_for_worse_links() -> None:
    plan = plan_ladder(source_of(), shots_of(96), results_of(detail=(0.05,)), SETTINGS)
    assert plan.rungs[-1].bitrate_kbps < 2 * SETTINGS.min_kbps
    assert len(plan.rungs) >= 3


def test_the_saving_is_that_of_the_hull_at_the_quality_of_each_fixed_rung() -> None:
    source, shots, results = source_of(), shots_of(96, 96), results_of()
    saving = plan_ladder(source, shots, results, SETTINGS).saving
    assert saving is not None
    assert saving.basis == "predicted"
    planes = planes_of(results, shots.chunks, 24.0)
    hull = upper_hull(sweep(planes, SETTINGS.crf_spread))
    assert len(saving.rungs) >= 3
    for rung in saving.rungs:
        plane = next(one for one in planes if one.height == rung.lines)
        near = min((plane.at_crf(crf) for crf in plane.crfs), key=lambda p: abs(p.vmaf - rung.vmaf))
        assert near.bitrate_kbps == pytest.approx(rung.fixed_kbps, rel=0.06)
        assert at(hull, rung.own_kbps) == pytest.approx(rung.vmaf, abs=0.8)
        assert rung.own_kbps <= rung.fixed_kbps * 1.01
    ratios = [rung.own_kbps / rung.fixed_kbps for rung in saving.rungs]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    assert saving.percent == pytest.approx((1 - mean) * 100, abs=0.1)


def test_a_master_smaller_than_every_fixed_rung_is_compared_with_nothing() -> None:
    small = source_of(width=160, height=120)
    results = trials_of({120: 40}, CRFS)
    plan = plan_ladder(small, shots_of(96), results, SETTINGS)
    assert plan.saving is None
