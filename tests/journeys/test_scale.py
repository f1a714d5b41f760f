"""A request costs little more in a catalogue three times the size, by processor time.

What is measured, and how, is `benchmarks/scale.py`; here it is the growth alone that counts, so
that a busy machine makes no difference."""

from pathlib import Path

import pytest

from benchmarks.scale import MOST_GROWTH, growth, measured, service_with

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

EXEMPT = {"empty route", "home built"}
"""The first has nothing to do with titles. Of the other there are too few to be measured so
closely; `tests/homepage` holds what a build asks for."""


def test_from_5000_titles_to_15000_a_request_costs_at_most_half_as_much_again(
    tmp_path: Path,
) -> None:
    with service_with(tmp_path, play=False) as service:
        smaller, larger = measured(service, tmp_path, (5000, 15000), requests=240, play=False)
    times = {name: x for name, x in growth(smaller, larger).items() if name not in EXEMPT}
    assert set(times) >= {"home cached", "row", "catalogue page", "search, suggestions"}
    assert max(times.values()) <= MOST_GROWTH, times
