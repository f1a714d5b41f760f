"""What a job will take, told before it is begun."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from vitascope.encoding import Effort, EncodingCost, FilmToEncode
from vitascope.encoding.costs import costs_by
from vitascope.encoding.efforts import EFFORTS
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import FormatName
from vitascope.publishing.contract import StepProgress
from vitascope.publishing.estimate import FilmSize
from vitascope.publishing.estimates import Estimate
from vitascope.publishing.forecast import (
    FIRST,
    KINDS,
    Ahead,
    Earlier,
    FilmJob,
    estimate,
    foretold,
    spent_on,
)

COST_OF = costs_by(EncodingSettings())
H264: tuple[FormatName, ...] = ("h264",)


def film_of(seconds: float = 60, lines: int = 1080) -> FilmToEncode:
    return FilmToEncode(
        frames=round(24 * seconds), width=lines * 16 // 9, height=lines, frame_rate=24.0
    )


def wanted_of(
    seconds: float = 60,
    lines: int = 1080,
    effort: Effort = "balanced",
    formats: tuple[FormatName, ...] = H264,
    *,
    first_version: bool = True,
) -> FilmJob:
    film = film_of(seconds, lines)
    return FilmJob(
        film=FilmSize(frames=film.frames, pixels=film.width * film.height),
        effort=effort,
        formats=formats,
        cost=COST_OF(effort, film, formats),
        first_version=first_version,
    )


def done(
    wanted: FilmJob, times: float = 1.0, *, pace: float = 2.0, size: float = 1.0, **kinds: float
) -> Earlier:
    """A job that took so many times as much as it was expected to, or some kinds of its work."""
    spent = {kind: getattr(wanted.cost, kind) * kinds.get(kind, times) for kind in KINDS}
    return Earlier(
        film=wanted.film,
        effort=wanted.effort,
        formats=wanted.formats,
        cost=wanted.cost,
        spent=spent,
        took_s=sum(spent.values()) / pace,
        size=round(wanted.cost.size * size),
    )


def told(
    wanted: FilmJob, *past: Earlier, ahead: tuple[Ahead, ...] = (), workers: int = 1
) -> Estimate:
    return estimate(wanted, past, ahead, workers, now_ms=7)


# -- what encoding knows of costs


@pytest.mark.parametrize("effort", list(EFFORTS))
@given(seconds=some.floats(1, 20_000), lines=some.sampled_from([144, 432, 720, 1080, 2160]))
def test_every_kind_of_work_has_a_cost(effort: Effort, seconds: float, lines: int) -> None:
    cost = wanted_of(seconds, lines, effort).cost
    assert all(getattr(cost, kind) >= 0 for kind in KINDS)
    assert cost.encode > 0 and cost.size > 0


def test_a_film_that_is_longer_or_larger_costs_more_and_its_search_is_bounded() -> None:
    short, long, large = (wanted_of(*each).cost for each in ((60,), (3600,), (60, 2160)))
    assert 40 < long.encode / short.encode < 61
    assert long.trials < 1.5 * short.trials
    assert 2.0 < large.encode / short.encode < 4.5


def test_fast_costs_less_than_balanced_and_best_more() -> None:
    whole = {
        effort: sum(getattr(wanted_of(600, effort=effort).cost, kind) for kind in KINDS)
        for effort in EFFORTS
    }
    assert whole["fast"] < 0.85 * whole["balanced"] and whole["best"] > 1.5 * whole["balanced"]
    assert wanted_of(600, effort="fast").cost.trials == 0


def test_a_format_costs_by_its_preset() -> None:
    cheap, dear = EncodingSettings(av1_preset=10), EncodingSettings(av1_preset=4)
    film = film_of()
    costs = [costs_by(each)("balanced", film, ("av1",)).encode for each in (cheap, dear)]
    assert costs[1] > 2.5 * costs[0]
    assert COST_OF("balanced", film, ("av1",)).size < COST_OF("balanced", film, H264).size


# -- what earlier jobs tell


def test_without_earlier_jobs_it_is_what_encoding_says_and_no_knowledge() -> None:
    wanted = wanted_of()
    found = told(wanted)
    assert found.cpu_s == pytest.approx(sum(getattr(wanted.cost, kind) for kind in KINDS), rel=0.01)
    assert not found.learned and found.jobs_ahead == 0


@given(times=some.floats(0.2, 8), seconds=some.floats(20, 7200))
def test_one_job_tells_of_the_next_on_the_same_machine(times: float, seconds: float) -> None:
    wanted = wanted_of(seconds)
    found = told(wanted, done(wanted_of(60), times))
    real = times * sum(getattr(wanted.cost, kind) for kind in KINDS)
    assert found.cpu_s == pytest.approx(real, rel=0.02)
    assert found.learned


def test_each_kind_of_work_is_learned_by_itself() -> None:
    cpu = foretold(wanted_of(), [done(wanted_of(), 1.0, encode=3.0)] * 2)
    assert cpu["encode"] == pytest.approx(3 * wanted_of().cost.encode)
    assert cpu["verify"] == pytest.approx(wanted_of().cost.verify)


def test_one_job_that_went_astray_changes_little_among_many() -> None:
    usual = [done(wanted_of(seconds), 2.0) for seconds in (50, 60, 70, 80)]
    odd = done(wanted_of(), 20.0)
    assert told(wanted_of(), *usual, odd).cpu_s == told(wanted_of(), *usual).cpu_s


def test_a_job_of_the_same_effort_tells_more_than_one_of_another() -> None:
    slow = [done(wanted_of(effort="best"), 5.0)] * 2
    cpu = told(wanted_of(effort="fast"), *slow, done(wanted_of(effort="fast"), 1.0)).cpu_s
    assert cpu == pytest.approx(told(wanted_of(effort="fast")).cpu_s, rel=0.05)


def test_a_job_of_another_effort_tells_of_the_machine() -> None:
    found = told(wanted_of(effort="fast"), done(wanted_of(effort="balanced"), 3.0))
    assert found.cpu_s == pytest.approx(3 * told(wanted_of(effort="fast")).cpu_s, rel=0.02)


def test_a_job_that_found_everything_encoded_tells_nothing() -> None:
    again = done(wanted_of(), 0.02)
    assert told(wanted_of(), again, again, done(wanted_of(), 2.0)).cpu_s == pytest.approx(
        2 * told(wanted_of()).cpu_s, rel=0.02
    )
    assert not told(wanted_of(), again).learned


def test_the_bytes_of_what_is_published_are_learned_too() -> None:
    found = told(wanted_of(120), done(wanted_of(60), size=0.4))
    assert found.size == pytest.approx(0.4 * wanted_of(120).cost.size, rel=0.01)
    assert found.room == pytest.approx(3 * found.size, abs=3)


# -- when it will be live


def test_the_time_is_the_work_at_the_pace_of_earlier_jobs() -> None:
    found = told(wanted_of(), done(wanted_of(), pace=4.0))
    assert found.live_in_ms == pytest.approx(found.cpu_s / 4 * 1000, rel=0.01)
    first = sum(getattr(wanted_of().cost, kind) for kind in FIRST)
    assert found.playable_in_ms == pytest.approx(first / 4 * 1000, rel=0.01)


def test_jobs_that_are_before_it_are_waited_for() -> None:
    alone = told(wanted_of(), done(wanted_of()))
    playable = Ahead(first_s=0.0, whole_s=500.0)
    unknown = Ahead(first_s=None, whole_s=None)
    found = told(wanted_of(), done(wanted_of()), ahead=(playable, unknown))
    assert found.jobs_ahead == 2 and found.cpu_s == alone.cpu_s
    assert found.live_in_ms == pytest.approx(2 * alone.live_in_ms + 250_000, rel=0.01)
    assert found.playable_in_ms == pytest.approx(2 * (alone.playable_in_ms or 0), rel=0.01)


def test_more_workers_are_faster_while_nothing_is_known() -> None:
    one, four = told(wanted_of(), workers=1), told(wanted_of(), workers=4)
    assert one.live_in_ms == pytest.approx(4 * four.live_in_ms, rel=0.01)


def test_without_a_first_version_nothing_is_spent_on_it() -> None:
    found = told(wanted_of(first_version=False), done(wanted_of()))
    assert found.playable_in_ms is None
    assert found.cpu_s < told(wanted_of(), done(wanted_of())).cpu_s


# -- what was spent


def test_every_step_of_a_job_belongs_to_one_kind_of_work() -> None:
    names = {
        "inspect": "inspect",
        "first version": "first",
        "first": "first",
        "package first version": "first",
        "verify first version": "first",
        "samples near the rungs": "trials",
        "trials": "trials",
        "encode": "encode",
        "encode again": "encode",
        "package": "package",
        "verify": "verify",
        "subtitles": "package",
    }
    for name, kind in names.items():
        step = StepProgress(name=name, state="done", cpu_s=5.0)
        found = spent_on([step, msgspec.structs.replace(step, cpu_s=1.0)])
        assert found[kind] == 6.0 and sum(found.values()) == 6.0, name


def test_kinds_are_the_fields_of_a_cost() -> None:
    assert {*KINDS, "size"} == set(EncodingCost.__struct_fields__)
    assert all(len(pair) == 2 for pair in itertools.pairwise(KINDS))
