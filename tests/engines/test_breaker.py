"""The circuit breaker: when it opens, whom it lets through to probe, and when it closes again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.engines.breaker import Breaker, BreakerSettings, Circuit, CircuitHealth, Permit
from vitascope.kernel.clock import HeldClock

SMALL = BreakerSettings(window_s=10, buckets=10, volume=4, error_percent=50, sleep_s=5)


def record(breaker: Breaker, *outcomes: bool) -> None:
    for good in outcomes:
        permit = breaker.ask()
        assert permit is not None
        (breaker.succeeded if good else breaker.failed)(permit)


def test_it_stays_closed_below_the_volume(clock: HeldClock) -> None:
    breaker = Breaker(clock, SMALL)
    record(breaker, False, False, False)
    assert breaker.health().circuit is Circuit.CLOSED
    record(breaker, False)
    assert breaker.health().circuit is Circuit.OPEN


def test_it_stays_closed_below_the_share_of_errors(clock: HeldClock) -> None:
    breaker = Breaker(clock, SMALL)
    record(breaker, True, True, True, False, False)
    assert breaker.health().circuit is Circuit.CLOSED
    record(breaker, False)
    assert breaker.health().circuit is Circuit.OPEN


def test_old_failures_roll_out_of_the_window(clock: HeldClock) -> None:
    breaker = Breaker(clock, SMALL)
    record(breaker, False, False, False)
    clock.advance(10)
    record(breaker, False)
    assert breaker.health() == breaker.health().__class__(
        circuit=Circuit.CLOSED, calls=1, failures=1
    )


def test_a_failure_counts_until_its_bucket_leaves_the_window(clock: HeldClock) -> None:
    breaker = Breaker(clock, SMALL)
    record(breaker, False, False, False)
    clock.advance(9)
    record(breaker, False)
    assert breaker.health().circuit is Circuit.OPEN


def test_what_was_refused_or_given_up_is_not_counted(clock: HeldClock) -> None:
    breaker = Breaker(clock, SMALL)
    for verdict in (breaker.refused, breaker.abandoned) * 5:
        permit = breaker.ask()
        assert permit is not None
        verdict(permit)
    assert breaker.health() == CircuitHealth(circuit=Circuit.CLOSED, calls=0, failures=0)


def test_a_failure_from_before_it_opened_does_not_keep_it_open_longer(clock: HeldClock) -> None:
    breaker = Breaker(clock, SMALL)
    straggler = breaker.ask()
    assert straggler is not None
    record(breaker, False, False, False, False)
    clock.advance(4)
    breaker.failed(straggler)
    clock.advance(1)
    assert breaker.ask() is not None


def test_the_defaults_are_those_of_hystrix() -> None:
    assert BreakerSettings() == BreakerSettings(
        window_s=10, buckets=10, volume=20, error_percent=50, sleep_s=5
    )


def opened(clock: HeldClock) -> Breaker:
    breaker = Breaker(clock, SMALL)
    record(breaker, False, False, False, False)
    assert breaker.ask() is None
    return breaker


def test_after_the_sleep_one_probe_passes_and_no_other(clock: HeldClock) -> None:
    breaker = opened(clock)
    clock.advance(4.9)
    assert breaker.ask() is None
    clock.advance(0.1)
    probe = breaker.ask()
    assert probe is not None
    assert probe.probe
    assert breaker.health().circuit is Circuit.HALF_OPEN
    assert breaker.ask() is None
    breaker.succeeded(probe)
    assert breaker.health().circuit is Circuit.CLOSED
    record(breaker, False, False, False)  # the counts were forgotten
    assert breaker.health().circuit is Circuit.CLOSED


@pytest.mark.parametrize("verdict", ["failed", "abandoned"])
def test_a_probe_without_an_answer_opens_it_for_another_sleep(
    clock: HeldClock, verdict: str
) -> None:
    breaker = opened(clock)
    clock.advance(5)
    probe = breaker.ask()
    assert probe is not None
    getattr(breaker, verdict)(probe)
    clock.advance(4.9)
    assert breaker.ask() is None
    clock.advance(0.1)
    assert breaker.ask() is not None


def test_a_refused_probe_proves_that_somebody_is_there(clock: HeldClock) -> None:
    breaker = opened(clock)
    clock.advance(5)
    probe = breaker.ask()
    assert probe is not None
    breaker.refused(probe)
    assert breaker.health().circuit is Circuit.CLOSED


def test_a_call_from_before_it_opened_decides_nothing(clock: HeldClock) -> None:
    breaker = Breaker(clock, SMALL)
    straggler = breaker.ask()
    assert straggler is not None
    record(breaker, False, False, False, False)
    breaker.succeeded(straggler)
    assert breaker.health().circuit is Circuit.OPEN


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["ask", "good", "bad", "refuse", "leave"]),
            st.floats(0.1, 6).map(lambda s: s),
        ),
        max_size=120,
    )
)
def test_a_breaker_never_lets_two_probes_out_and_is_never_stuck(script: list[str | float]) -> None:
    clock = HeldClock()
    breaker = Breaker(clock, SMALL)
    out: list[Permit] = []
    verdicts = {
        "good": breaker.succeeded,
        "bad": breaker.failed,
        "refuse": breaker.refused,
        "leave": breaker.abandoned,
    }
    for step in script:
        if isinstance(step, float):
            clock.advance(step)
        elif step == "ask":
            permit = breaker.ask()
            if permit is not None:
                out.append(permit)
        elif out:
            verdicts[step](out.pop(0))
        assert sum(permit.probe for permit in out) <= 1
        if breaker.health().circuit is Circuit.HALF_OPEN:
            assert any(permit.probe for permit in out)
    for permit in out:
        breaker.succeeded(permit)
    clock.advance(5)
    assert breaker.ask() is not None
