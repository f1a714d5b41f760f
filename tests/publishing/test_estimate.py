"""I2: one bar, which never goes back, and a time left that earlier jobs of this service tell."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from vitascope.publishing.contract import StepProgress
from vitascope.publishing.estimate import (
    Expected,
    FilmSize,
    Past,
    expected,
    left_ms,
    share_done,
    took,
)

HD = FilmSize(frames=24 * 60, pixels=1920 * 1080)
LONG = FilmSize(frames=24 * 600, pixels=1920 * 1080)
TAKES = {
    "inspect": 2_000,
    "quality": 10_000,
    "audio": 3_000,
    "shots": 9_000,
    "artwork": 4_000,
    "samples": 2_000,
    "trials": 45_000,
    "samples near the rungs": 1_000,
    "trials near the rungs": 14_000,
    "ladder": 500,
    "encode": 90_000,
    "subtitles": 500,
    "thumbnails": 2_000,
    "package": 3_000,
    "verify": 6_000,
    "publish": 1_000,
}
"""Milliseconds that a worker of this test needs for HD; no first version is wanted."""

STEPS = {name: [name] for name in TAKES} | {
    "samples": ["samples"],
    "samples near the rungs": ["samples near the rungs"],
}
NEW = ("samples near the rungs", "trials near the rungs")
"""Phases that an earlier version had not."""
OF_BEFORE = {"encode": ["encode v360", "encode v720"], **{name: [] for name in NEW}}


def step(name: str, at_ms: int, **more: Any) -> StepProgress:
    told = {"state": "running", "total": 100, "unit": "%", "started_at_ms": at_ms, **more}
    return StepProgress(name=name, **told)


class Job:
    """A job that goes on by a clock that is held, at a pace of its own."""

    def __init__(self, size: FilmSize = HD, pace: float = 1.0, *, of_before: bool = False) -> None:
        self.steps: list[StepProgress] = []
        self.now_ms = 1_000_000
        self._told = {**STEPS, **(OF_BEFORE if of_before else {})}
        self._takes = {
            name: round(ms * pace * size.frames / HD.frames) for name, ms in TAKES.items()
        }

    @property
    def whole_ms(self) -> int:
        return sum(self._takes.values())

    def moments(self, each: int = 4) -> Iterator[int]:
        """Go on, and stop at each part of each phase. Gives how many milliseconds are left."""
        left = self.whole_ms
        for phase, ms in self._takes.items():
            begun = len(self.steps)
            self.steps += [step(name, self.now_ms) for name in self._told[phase]]
            for n in range(1, each):
                self.now_ms += ms // each
                left -= ms // each
                shown = n / each / (0.85 if phase == "encode" else 1)  # some again after
                self._tell(begun, done=min(100, round(100 * shown)))
                yield left
            rest = ms - ms // each * (each - 1)
            left -= rest
            self.now_ms += rest
            self._tell(begun, done=100, state="done", ended_at_ms=self.now_ms)

    def _tell(self, begun: int, **news: Any) -> None:
        self.steps[begun:] = [msgspec.structs.replace(one, **news) for one in self.steps[begun:]]

    def past(self, size: FilmSize) -> Past:
        for _ in self.moments():
            pass
        return Past(size=size, took=took(self.steps, self.now_ms))


def test_how_long_phases_took_is_read_from_the_steps_of_a_job_that_ended() -> None:
    assert Job().past(HD).took == TAKES


def test_what_a_job_of_an_earlier_version_took_tells_of_the_next_one() -> None:
    before = Job(of_before=True).past(HD).took
    near = sum(TAKES[name] for name in NEW)
    known = {name: ms for name, ms in TAKES.items() if name not in NEW}
    assert before == {**known, "trials": TAKES["trials"] + near}
    told, job = expected(HD, [Job(of_before=True).past(HD)]), Job()
    for left in job.moments():
        said = left_ms("master", job.steps, told, job.now_ms)
        assert said == pytest.approx(left, rel=0.3, abs=20_000)


def test_what_was_expected_by_an_earlier_version_still_makes_a_bar() -> None:
    """A job under way is begun anew, and has nothing of phases that are new."""
    known = expected(HD, [Job().past(HD)])
    phases = {name: ms for name, ms in known.phases.items() if name not in NEW}
    known, job = msgspec.structs.replace(known, phases=phases), Job()
    shares = [share_done("master", job.steps, known) for _ in job.moments()]
    assert shares == sorted(shares)
    assert share_done("master", job.steps, known) == pytest.approx(1)


def test_a_first_job_is_told_by_the_guess_and_not_too_soon() -> None:
    known, job = expected(HD, []), Job()
    told = [(left_ms("master", job.steps, known, job.now_ms), left) for left in job.moments()]
    assert told[0][0] is None
    assert not known.measured
    late = [(said, left) for said, left in told if said is not None and left > 20_000]
    assert late
    assert all(said < 6 * left for said, left in late)


def test_the_next_job_of_the_same_size_is_told_right_at_once() -> None:
    known, job = expected(HD, [Job().past(HD)]), Job()
    for left in job.moments():
        said = left_ms("master", job.steps, known, job.now_ms)
        assert said == pytest.approx(left, rel=0.25, abs=8_000)


def test_a_longer_film_takes_as_much_longer() -> None:
    known, job = expected(LONG, [Job().past(HD)]), Job(LONG)
    for left in job.moments():
        said = left_ms("master", job.steps, known, job.now_ms)
        assert said == pytest.approx(left, rel=0.3, abs=60_000)


def test_a_film_of_the_same_size_tells_more_than_others() -> None:
    """What an hour takes on this machine is known: two short films that took long say little."""
    short = FilmSize(frames=24 * 6, pixels=HD.pixels)
    past = [Job(short, pace=20).past(short), Job(short, pace=20).past(short), Job().past(HD)]
    whole = sum(expected(HD, past).phases.values())
    assert whole == pytest.approx(sum(TAKES.values()), rel=0.3)


def test_a_night_that_a_machine_was_off_is_not_expected_again() -> None:
    usual = [Job().past(HD) for _ in range(3)]
    took_all_night = {**usual[0].took, "encode": 8 * 3_600_000.0}
    known = expected(HD, [*usual, Past(size=HD, took=took_all_night)])
    assert sum(known.phases.values()) == pytest.approx(sum(TAKES.values()), rel=0.2)


def test_a_machine_that_is_busier_today_is_noticed_as_the_job_goes_on() -> None:
    known, job = expected(HD, [Job().past(HD)]), Job(pace=2.0)
    said = [
        (left_ms("master", job.steps, known, job.now_ms) or 0, left) for left in job.moments(20)
    ]
    early, half = said[5], min(said, key=lambda one: abs(one[1] - job.whole_ms / 2))
    assert early[0] < 0.75 * early[1]
    assert half[0] == pytest.approx(half[1], rel=0.3)


@pytest.mark.parametrize("pace", [0.5, 1.0, 3.0])
def test_the_time_left_does_not_jump(pace: float) -> None:
    known, job = expected(HD, [Job().past(HD)]), Job(pace=pace)
    told = [left_ms("master", job.steps, known, job.now_ms) or 0 for _ in job.moments(50)]
    whole = job.whole_ms
    assert all(abs(b - a) < 0.1 * whole for a, b in itertools.pairwise(told))


BEGINNINGS = [
    *("inspect", "quality", "audio", "first version", "first", "package first version"),
    *("verify first version", "publish first version", "shots", "artwork", "samples"),
    *("trials", "samples near the rungs", "trials near the rungs", "ladder", "encode"),
    *("compare with the plan", "encode again", "subtitles", "thumbnails", "package", "verify"),
    *("publish", "artwork"),
]


def known_or_not() -> list[Expected | None]:
    return [None, expected(HD, []), expected(HD, [Job().past(HD)])]


@given(
    tells=some.lists(some.tuples(some.integers(0, 23), some.integers(1, 4)), max_size=80),
    known=some.sampled_from(known_or_not()),
    quick=some.booleans(),
)
def test_the_bar_never_goes_back(
    tells: Sequence[tuple[int, int]], known: Expected | None, quick: bool
) -> None:
    """Steps are told in their order, some chunks encoded again, and pictures taken in the middle or
    at the end."""
    order = [
        name
        for n, name in enumerate(BEGINNINGS)
        if (quick or "first" not in name) and (n != 9 or quick) and (n != 23 or not quick)
    ]
    steps: dict[str, StepProgress] = {}
    before = 0.0
    for name in order:
        steps.setdefault(name, step(name, 0))
        for _, parts in tells[: 1 + len(tells) // len(order)]:
            one = steps[name]
            steps[name] = msgspec.structs.replace(one, done=min(100, one.done + 10 * parts))
            share = share_done("master", list(steps.values()), known)
            assert before <= share <= 1
            before = share
        steps[name] = msgspec.structs.replace(steps[name], state="done", done=100)
        share = share_done("master", list(steps.values()), known)
        assert before <= share <= 1
        before = share
    assert before == pytest.approx(1)


def test_a_change_to_what_is_live_has_phases_of_its_own() -> None:
    names = ["inspect sound", "open the live version", "compare sound", "audio", "package"]
    shares = []
    for n in range(len(names)):
        done = [step(name, 0, state="done", done=100) for name in names[: n + 1]]
        shares.append(share_done("change", done, None))
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 1
    assert share_done("change", [], None) == 0
