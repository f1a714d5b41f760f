"""A request costs little more in a catalogue three times the size.

What is measured, and how, is `benchmarks/scale.py`, by processor time; here two services are up at
once and are asked in turn, so that how busy the machine is makes no difference. What costs too much
is asked again: noise goes, what grows with the catalogue stays."""

import pytest

from benchmarks.scale import growth, over, side_by_side

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

SMALLER, LARGER = 5_000, 15_000
REQUESTS = 100  # of each kind, in a turn
TURNS = 6


def test_from_5000_titles_to_15000_a_request_costs_at_most_half_as_much_again() -> None:
    smaller, larger = side_by_side(SMALLER, LARGER, requests=REQUESTS, turns=TURNS)
    asked = growth(smaller, larger)
    assert set(asked) >= {"home built", "home built by a taste", "home cached", "row"}
    assert set(asked) >= {"catalogue page", "search, suggestions", "title page, similar"}
    assert over(smaller, larger) == {}, (smaller, larger)
