"""I10: sound against picture."""

import numpy as np
import pytest

from vitascope.encoding.package.sync import RATE, Samples, lag_beside, offset_ms

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


VOICES = [np.random.default_rng(seed).normal(0, 2000, RATE * 3) for seed in (9, 10)]


def moved(sound: Samples, late_ms: float) -> Samples:
    return np.roll(sound, round(late_ms * RATE / 1000))


@pytest.mark.parametrize("late_ms", [0.0, 35.0, 250.0, -600.0])
def test_a_dubbed_version_is_laid_beside_the_original_by_the_music(late_ms: float) -> None:
    lag = lag_beside(NOISE + VOICES[0], moved(NOISE + VOICES[1], late_ms))
    assert lag == pytest.approx(late_ms, abs=0.5)


def test_sounds_that_have_nothing_in_common_tell_nothing() -> None:
    assert lag_beside(VOICES[0], VOICES[1]) is None
    assert lag_beside(NOISE, np.zeros(RATE)) is None


def test_music_that_repeats_itself_is_not_taken_for_moved() -> None:
    """A bar earlier it agrees with itself a little better than where it belongs."""
    bar = np.random.default_rng(11).normal(0, 3000, RATE // 2)
    swelling = np.concatenate([bar * loud for loud in (0.4, 0.5, 0.6, 0.8, 1.0, 1.0)])
    fading = swelling[::-1].reshape(6, -1)[:, ::-1].reshape(-1)
    assert offset_ms(swelling, fading) == -500
    assert lag_beside(swelling, fading) == pytest.approx(0, abs=1)
