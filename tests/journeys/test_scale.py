"""A request costs little more in a catalogue three times the size, by processor time.

What is measured, and how, is `benchmarks/scale.py`; here it is the growth alone that counts, so
that a busy machine makes no difference."""

import json
import subprocess
import sys

import pytest

from benchmarks.scale import MOST_GROWTH
from tests.journeys.conftest import ROOT

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

EXEMPT = {"empty route", "home built"}
"""The first has nothing to do with titles. Of the other there are too few to be measured so
closely; `tests/homepage` holds what a build asks for."""
SIZES = "5000,15000"


def test_from_5000_titles_to_15000_a_request_costs_at_most_half_as_much_again() -> None:
    measure = ["-m", "benchmarks.scale", "--sizes", SIZES, "--no-play", "--json"]
    done = subprocess.run(
        [sys.executable, *measure],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1700,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    asked = {name: growth for name, growth in times.items() if name not in EXEMPT}
    assert set(asked) >= {"home cached", "row", "catalogue page", "search, suggestions"}
    assert max(asked.values()) <= MOST_GROWTH, done.stdout
