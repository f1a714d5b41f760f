"""One gain for the whole track, never above the peak."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vitascope.encoding.companions.loudness import (
    MOST_GAIN_DB,
    PEAK_DBTP,
    TARGET_LUFS,
    check_linear,
    gain_for,
    normalising,
)
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.master.measured import Heard

levels = some.floats(-68, -5)
peaks = some.floats(-60, 3)


@given(level=levels, peak=peaks, lra=some.floats(0, 60))
def test_the_gain_keeps_target_and_peak(level: float, peak: float, lra: float) -> None:
    heard = Heard(
        integrated_lufs=level, true_peak_dbtp=peak, range_lu=lra, threshold_lufs=level - 10
    )
    gain = gain_for(heard)
    assert gain is not None
    assert gain.decibels <= MOST_GAIN_DB + 1e-9
    assert gain.target_lufs <= TARGET_LUFS + 1e-9
    assert peak + gain.decibels <= PEAK_DBTP + 1e-9 or gain.target_lufs == -69.0
    assert "linear=true" in normalising(gain)


def test_a_loud_peak_keeps_a_film_quieter() -> None:
    quiet = Heard(integrated_lufs=-30, true_peak_dbtp=-4, range_lu=20, threshold_lufs=-40)
    gain = gain_for(quiet)
    assert gain is not None
    assert gain.decibels == pytest.approx(2.5)


def test_silence_is_left_alone() -> None:
    assert gain_for(Heard()) is None


def test_anything_but_linear_fails() -> None:
    check_linear('{\n\t"normalization_type" : "linear",\n}')
    with pytest.raises(EncodingFailed, match="dynamic"):
        check_linear('"normalization_type" : "dynamic"')
    with pytest.raises(EncodingFailed, match="nothing"):
        check_linear("")
