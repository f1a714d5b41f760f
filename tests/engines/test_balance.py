"""The rule that chooses among several processes; the clock stands still."""

import random
from collections import Counter

from vitascope.engines.wire.balance import Balance, BalanceSettings
from vitascope.kernel.clock import HeldClock

A, B, C = "http://a", "http://b", "http://c"


def balance(clock: HeldClock, *urls: str) -> Balance:
    made = Balance(clock, chance=random.Random(7))
    made.know(urls)
    return made


def chosen(made: Balance, times: int = 300) -> Counter[str]:
    """Who is chosen how often, when nobody is kept busy."""
    return Counter(one.url for _ in range(times) if (one := made.choose()))


def answer(made: Balance, url: str, seconds: float) -> None:
    """A call of `url` that took so long."""
    one = next(made.choose({*made.urls} - {url}) for _ in range(1))
    assert one is not None
    made.begun(one)
    made.answered(one, seconds)


def test_alike_processes_are_asked_alike(clock: HeldClock) -> None:
    counts = chosen(balance(clock, A, B, C))
    assert min(counts.values()) > 50
    assert len(counts) == 3


def test_of_two_the_less_busy_is_asked(clock: HeldClock) -> None:
    made = balance(clock, A, B)
    busy = made.choose({B})
    assert busy is not None
    made.begun(busy)
    assert chosen(made) == {B: 300}


def test_a_slow_answer_is_noticed_at_once_and_forgotten_slowly(clock: HeldClock) -> None:
    made = balance(clock, A, B)
    for url in (A, B):
        answer(made, url, 0.01)
    answer(made, A, 1.0)
    answer(made, A, 0.01)
    assert chosen(made) == {B: 300}
    for _ in range(60):
        clock.advance(2)
        for url in (A, B):
            answer(made, url, 0.01)
    assert chosen(made)[A] > 50


def test_one_that_broke_off_is_left_at_once(clock: HeldClock) -> None:
    made = balance(clock, A, B)
    dead = made.choose({B})
    assert dead is not None
    made.begun(dead)
    made.broke(dead)
    assert chosen(made) == {B: 300}


def test_one_that_hangs_is_left_after_two_calls(clock: HeldClock) -> None:
    made = balance(clock, A, B)
    answer(made, B, 5.0)  # the other one is not quick, and is asked all the same
    hung = made.choose({B})
    assert hung is not None
    for _ in range(2):
        made.begun(hung)
        made.timed_out(hung, 2.0)
    assert chosen(made) == {B: 300}


def test_one_that_answers_between_is_not_slow_twice_in_a_row(clock: HeldClock) -> None:
    made = balance(clock, A)
    (only,) = made._instances.values()
    for _ in range(3):
        made.begun(only)
        made.timed_out(only, 2.0)
        made.begun(only)
        made.answered(only, 0.01)
    made.begun(only)
    made.timed_out(only, 2.0)
    assert only.healthy


def test_one_that_drains_gets_nothing_even_if_it_is_the_last(clock: HeldClock) -> None:
    made = balance(clock, A)
    only = made.choose()
    assert only is not None
    made.begun(only)
    made.drains(only)
    assert made.choose() is None


def test_the_last_one_is_asked_though_it_broke_off(clock: HeldClock) -> None:
    made = balance(clock, A)
    only = made.choose()
    assert only is not None
    made.begun(only)
    made.broke(only)
    assert made.choose() is only
    assert made.choose({A}) is None


def test_one_that_was_left_is_asked_for_readiness_after_a_pause_that_doubles(
    clock: HeldClock,
) -> None:
    settings = BalanceSettings(pause_s=0.5, longest_pause_s=2.0)
    made = Balance(clock, settings=settings, chance=random.Random(7))
    made.know([A, B])
    dead = made.choose({B})
    assert dead is not None
    made.begun(dead)
    made.broke(dead)
    for pause_s in (0.5, 1.0, 2.0, 2.0):
        clock.advance(pause_s * 0.9)
        assert made.due() == []
        clock.advance(pause_s * 0.11)
        assert made.due() == [dead]
        made.not_ready(dead)
    clock.advance(2)
    made.ready(dead)
    assert made.due() == []
    assert chosen(made)[A] > 50


def test_a_new_one_is_asked_and_one_that_is_gone_is_not(clock: HeldClock) -> None:
    made = balance(clock, A, B)
    for url in (A, B):
        answer(made, url, 0.01)
    made.know([B, C])
    counts = chosen(made)
    assert set(counts) == {B, C} or set(counts) == {C}
    answer(made, C, 0.01)
    assert set(chosen(made)) == {B, C}


def test_one_that_the_list_calls_draining_gets_nothing_until_it_is_back(clock: HeldClock) -> None:
    made = balance(clock, A, B)
    made.know([A, B], draining={A})
    assert chosen(made) == {B: 300}
    made.know([A, B])
    assert set(chosen(made)) == {A, B}
