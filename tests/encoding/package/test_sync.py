"""I10: sound against picture."""

import numpy as np
import pytest

from vitascope.encoding.package.sync import RATE, offset_ms

NOISE = np.random.default_rng(7).normal(0, 3000, RATE * 3)


@pytest.mark.parametrize("late_ms", [0.0, 24.0, 144.0, -40.0])
def test_an_offset_is_found_to_the_millisecond_whatever_the_loudness(late_ms: float) -> None:
    moved = np.roll(NOISE, round(late_ms * RATE / 1000)) * 0.4
    assert offset_ms(NOISE, moved) == pytest.approx(late_ms, abs=0.5)


def test_silence_tells_nothing() -> None:
    assert offset_ms(np.zeros(RATE), np.zeros(RATE)) is None


def test_another_sound_is_infinitely_far() -> None:
    other = np.random.default_rng(8).normal(0, 3000, RATE * 3)
    assert offset_ms(NOISE, other) == float("inf")
