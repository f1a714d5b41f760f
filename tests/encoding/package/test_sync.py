"""I10: sound against picture."""

import numpy as np
import pytest

from vitascope.encoding.package.sync import RATE, Agreement, Samples, judged, lag_beside
from vitascope.encoding.package.verify import sync_check


def both(mono: Samples) -> Samples:
    return np.stack([mono, mono], axis=1)


def noise(seed: int, seconds: float = 3.0, level: float = 0.1) -> Samples:
    return both(np.random.default_rng(seed).normal(0, level, round(RATE * seconds)))


def tone(hertz: float, seconds: float) -> Samples:
    return both(0.3 * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE))


def beats(every_s: float, seconds: float) -> Samples:
    times = np.arange(round(RATE * seconds)) / RATE
    return both(0.5 * np.sin(2 * np.pi * 200 * times) * np.exp(-30 * (times % every_s)))


def moved(sound: Samples, late_ms: float) -> Samples:
    return np.roll(sound, round(late_ms * RATE / 1000), axis=0)


NOISE = noise(7)
VOICES = [noise(seed, level=0.06) for seed in (9, 10)]


@pytest.mark.parametrize("late_ms", [0.0, 24.0, 144.0, -40.0, -600.0])
def test_an_offset_is_found_to_the_millisecond_whatever_the_loudness(late_ms: float) -> None:
    found = judged(NOISE, moved(NOISE, late_ms) * 0.4)
    assert found.outcome == "known"
    assert found.offset_ms == pytest.approx(late_ms, abs=0.5)


@pytest.mark.parametrize("sound", [NOISE, noise(3, 9.0), beats(0.5, 9.0), tone(440, 9.0)])
@pytest.mark.parametrize("kept_s", [1.0, 2.5])
def test_a_sound_that_was_cut_is_not_moved(sound: Samples, kept_s: float) -> None:
    """Sound may last longer than the picture: what both have is compared."""
    found = judged(sound, sound[: round(kept_s * RATE)])
    assert sync_check("a", found).passed
    assert found.offset_ms is None or abs(found.offset_ms) < 1


@pytest.mark.parametrize("sound", [tone(440, 3.0), tone(55, 3.0), beats(0.5, 4.0), beats(1.0, 6.0)])
def test_what_repeats_itself_cannot_decide_and_says_so(sound: Samples) -> None:
    found = judged(sound, sound)
    assert found == Agreement(offset_ms=None, outcome="repeats")
    check = sync_check("a-en-2", found)
    assert check.passed and not check.decided
    assert "repeats itself" in check.sentence


def test_a_beat_that_is_in_none_of_its_places_is_moved() -> None:
    found = judged(beats(0.5, 6.0), moved(beats(0.5, 6.0), 144))
    assert not sync_check("a", found).passed
    assert found.offset_ms == pytest.approx(144, abs=1)


def test_silence_tells_nothing() -> None:
    for before, after in [(NOISE * 0, NOISE * 0), (NOISE, NOISE * 0), (NOISE[:0], NOISE)]:
        found = judged(before, after)
        assert found.outcome == "silent"
        assert sync_check("a", found).passed


def test_a_moment_of_sound_says_too_little() -> None:
    assert judged(noise(4, 0.1), noise(4, 0.1)).outcome == "short"


def test_what_is_not_alike_is_not_said_to_be_late() -> None:
    found = judged(NOISE, noise(8))
    assert found.outcome == "unlike"
    check = sync_check("a", found)
    assert check.passed and not check.decided and check.value is None


def test_the_sound_of_another_track_is_a_fault() -> None:
    assert not sync_check("a", Agreement(offset_ms=None, outcome="another")).passed


def test_stereo_out_of_phase_is_heard() -> None:
    left = NOISE[:, 0]
    apart = np.stack([left, -left], axis=1)
    found = judged(apart, moved(apart, 80))
    assert found.offset_ms == pytest.approx(80, abs=0.5)


@pytest.mark.parametrize("late_ms", [0.0, 35.0, 250.0, -600.0])
def test_a_dubbed_version_is_laid_beside_the_original_by_the_music(late_ms: float) -> None:
    lag = lag_beside(NOISE + VOICES[0], moved(NOISE + VOICES[1], late_ms))
    assert lag == pytest.approx(late_ms, abs=0.5)


def test_sounds_that_have_nothing_in_common_tell_nothing() -> None:
    assert lag_beside(VOICES[0], VOICES[1]) is None
    assert lag_beside(NOISE, NOISE * 0) is None


def test_music_that_repeats_itself_is_not_taken_for_moved() -> None:
    """A bar earlier it agrees with itself a little better than where it belongs."""
    bar = np.random.default_rng(11).normal(0, 0.1, RATE // 2)
    swelling = np.concatenate([bar * loud for loud in (0.4, 0.5, 0.6, 0.8, 1.0, 1.0)])
    fading = swelling[::-1].reshape(6, -1)[:, ::-1].reshape(-1)
    assert lag_beside(both(swelling), both(fading)) == pytest.approx(0, abs=1)
