"""I4: channels that are clipped, missing or against each other, with time codes."""

import numpy as np
import pytest

from vitascope.encoding.contract.master import AudioSource
from vitascope.encoding.master.channels import Channels, Figures, found_in
from vitascope.kernel.media import Language


def track(channels: int = 2, layout: str = "stereo") -> AudioSource:
    return AudioSource(
        index=1,
        language=Language("en"),
        channels=channels,
        sample_rate=48_000,
        codec="pcm_s16le",
        layout=layout,
    )


def figures(seconds: int = 60, channels: int = 2, level: float = -20.0) -> Figures:
    """Peak, RMS, flatness, count of peaks."""
    made = np.zeros((seconds, channels, 4), dtype=np.float32)
    made[..., 0], made[..., 1], made[..., 3] = level + 10, level, 2
    return made


def phases(seconds: int = 60, phase: float = 0.4) -> Figures:
    return np.full(seconds, phase, dtype=np.float32)


def silent(made: Figures, channel: int, begin: int = 0, end: int | None = None) -> Figures:
    made[begin:end, channel, :2] = -120
    return made


def test_nothing_is_told_of_sound_that_is_well() -> None:
    assert found_in(track(), figures(), phases()) == Channels()


def test_nothing_is_told_of_silence() -> None:
    assert found_in(track(), figures(level=-120), phases(phase=0)) == Channels()


def test_mono_in_both_channels_is_well() -> None:
    assert found_in(track(), figures(), phases(phase=1.0)) == Channels()


@pytest.mark.parametrize(("channel", "name"), [(0, "left"), (1, "right")])
def test_a_side_that_is_silent_all_along_is_missing(channel: int, name: str) -> None:
    told = found_in(track(), silent(figures(), channel), phases())
    assert (told.missing, told.lost) == ((name,), ())


@pytest.mark.parametrize(("seconds", "found"), [(29, 0), (30, 1), (45, 1)])
def test_a_side_that_is_silent_for_half_a_minute_is_lost_there(seconds: int, found: int) -> None:
    told = found_in(track(), silent(figures(120), 0, 10, 10 + seconds), phases(120))
    assert told.lost == (((10_000, 10_000 + 1000 * seconds), "left"),) * found
    assert told.missing == ()


def test_an_empty_lfe_is_well_and_an_empty_centre_is_not() -> None:
    layout = track(6, "5.1(side)")
    assert found_in(layout, silent(figures(channels=6), 3), phases()) == Channels()
    assert found_in(layout, silent(figures(channels=6), 2), phases()).missing == ("centre",)


def test_surrounds_that_are_silent_for_a_while_are_how_films_are() -> None:
    made = silent(figures(120, 6), 4, 0, 100)
    assert found_in(track(6, "5.1(side)"), made, phases(120)) == Channels()


@pytest.mark.parametrize(
    ("flat", "peaks", "peak", "found"),
    [(12, 400, 0.0, 1), (12, 400, -2.0, 1), (0.5, 400, 0.0, 0), (12, 4, 0.0, 0), (12, 400, -20, 0)],
)
def test_peaks_that_are_cut_off_are_told(flat: float, peaks: int, peak: float, found: int) -> None:
    made = figures()
    made[20:23, 1] = (peak, -20, flat, peaks)
    assert found_in(track(), made, phases()).clipped == ((20_000, 23_000),) * found


@pytest.mark.parametrize(
    ("phase", "seconds", "found"), [(-1.0, 8, 1), (-0.95, 5, 1), (-1.0, 4, 0), (-0.6, 20, 0)]
)
def test_sides_that_cancel_out_are_told(phase: float, seconds: int, found: int) -> None:
    made = phases()
    made[10 : 10 + seconds] = phase
    told = found_in(track(), figures(), made)
    assert told.against == ((10_000, 10_000 + 1000 * seconds),) * found


def test_what_is_too_quiet_to_be_heard_has_no_phase() -> None:
    assert found_in(track(), figures(level=-60), phases(phase=-1)).against == ()
