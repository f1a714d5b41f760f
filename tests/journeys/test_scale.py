"""A request costs little more in a catalogue three times the size.

What is measured, and how, is `benchmarks/scale.py`, by processor time; here two services are up at
once and are asked in turn, so that how busy the machine is makes no difference. What costs too much
is asked again: noise goes, what grows with the catalogue stays."""

import json
import subprocess
import sys

import pytest

from benchmarks.scale import MOST_GROWTH
from tests.journeys.conftest import ROOT

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

SIZES = "5000,15000"
REQUESTS = "50"  # of each kind, in a turn
TURNS = "6"  # at most
REFERENCE = "empty route"  # it has nothing to do with titles


def test_from_5000_titles_to_15000_a_request_costs_at_most_half_as_much_again() -> None:
    measure = ["--together", TURNS, "--sizes", SIZES, "--requests", REQUESTS]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", *measure],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    asked = {name: growth for name, growth in times.items() if name != REFERENCE}
    assert set(asked) >= {"home built", "home built by a taste", "home cached", "row"}
    assert set(asked) >= {"catalogue page", "search, suggestions", "title page, similar"}
    assert max(asked.values()) <= MOST_GROWTH, done.stdout
