"""One gain for the whole track, never above the peak."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vitascope.encoding.companions.loudness import MOST_GAIN_DB, PEAK_DBTP, TARGET_LUFS, gain_db
from vitascope.encoding.master.measured import Heard


@given(level=some.floats(-70, 60), peak=some.floats(-70, 80))
def test_the_gain_keeps_target_and_peak(level: float, peak: float) -> None:
    gain = gain_db(Heard(integrated_lufs=level, true_peak_dbtp=peak))
    assert gain <= MOST_GAIN_DB
    assert peak + gain <= PEAK_DBTP + 0.005
    assert level <= -69 or level + gain <= TARGET_LUFS + 0.005


def test_a_loud_peak_keeps_a_film_quieter() -> None:
    assert gain_db(Heard(integrated_lufs=-30, true_peak_dbtp=-4)) == 2.5


def test_floating_point_above_full_scale_is_lowered_by_what_it_is_too_loud() -> None:
    assert gain_db(Heard(integrated_lufs=4.2, true_peak_dbtp=6)) == pytest.approx(-27.2)


def test_silence_is_left_alone() -> None:
    assert gain_db(Heard()) == 0.0


def test_what_is_too_short_to_be_measured_is_only_kept_from_clipping() -> None:
    assert gain_db(Heard(true_peak_dbtp=-20)) == 0.0
    assert gain_db(Heard(true_peak_dbtp=3)) == -4.5


def test_what_was_measured_lower_is_raised_again_and_silence_is_not() -> None:
    heard = Heard(integrated_lufs=-10, true_peak_dbtp=-8, threshold_lufs=-20).raised(40)
    assert (heard.integrated_lufs, heard.true_peak_dbtp) == (30, 32)
    assert Heard().raised(40) == Heard()
