"""The rule by which guessing gets slow."""

from hypothesis import given
from hypothesis import strategies as st

from vitascope.identity.throttle import Allowance, Guesses, counted, wait_ms

RULE = Allowance(free=5, ceiling_s=900)


def test_some_failures_are_free_and_each_further_one_doubles_the_wait() -> None:
    state, now, waits = Guesses(), 1_000_000, []
    for _ in range(18):
        waits.append(wait_ms(state, RULE, now) // 1000)
        now += wait_ms(state, RULE, now)
        state = counted(state, RULE, now)
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 0, 0]


def test_a_quiet_time_forgets_everything() -> None:
    state = Guesses(failures=9, last_at_ms=0)
    assert wait_ms(state, RULE, 899_999) == 0
    assert counted(state, RULE, 899_999).failures == 10
    assert counted(state, RULE, 900_000).failures == 1


@given(st.lists(st.floats(0, 60), min_size=1, max_size=300))
def test_nobody_gets_more_than_a_few_guesses_a_quarter_of_an_hour(pauses: list[float]) -> None:
    state, now, begin, made = Guesses(), 0, 0, 0
    for pause in pauses:
        now += int(pause * 1000)
        if now - begin > 900_000:
            break
        if wait_ms(state, RULE, now) == 0:
            state = counted(state, RULE, now)
            made += 1
    assert made <= 5 + 10
