"""Rates and tags, decided by pure rules."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vitascope.encoding.master.cadence import cadence
from vitascope.encoding.master.colour import colour_of
from vitascope.encoding.master.fields import Fields, read_fields
from vitascope.encoding.master.probe import read_packets

RATES = ["24000/1001", "24/1", "25/1", "30000/1001", "30/1", "50/1", "60000/1001", "60/1", "25/2"]


@given(rate=some.sampled_from(RATES), frames=some.integers(100, 3000), ms=some.booleans())
def test_a_constant_rate_is_named_even_when_times_are_whole_milliseconds(
    rate: str, frames: int, ms: bool
) -> None:
    step = 1 / Fraction(rate)
    times = [float(number * step) for number in range(frames)]
    seen = [round(time, 3) for time in times] if ms else times
    found = cadence(seen, float(step), [rate])
    assert (found.rate, found.frames, found.variable) == (rate, frames, False)


@given(gap=some.integers(10, 90))
def test_a_lost_picture_is_no_new_cadence(gap: int) -> None:
    times = [number / 24 for number in range(200) if number != gap]
    found = cadence(times, 1 / 24)
    assert (found.rate, found.frames, found.variable) == ("24/1", 200, False)


def test_two_cadences_vary_and_the_usual_one_is_taken() -> None:
    times = [number / 8 for number in range(24)] + [3 + number / 24 for number in range(72)]
    found = cadence(times, 1 / 24, ["576/37"])
    assert (found.rate, found.frames, found.variable) == ("24/1", 144, True)


def test_more_than_sixty_pictures_a_second_are_halved() -> None:
    found = cadence([number / 120 for number in range(240)], 1 / 120)
    assert (found.rate, found.frames, found.halved) == ("60/1", 120, True)


def test_one_picture_is_a_film_too() -> None:
    assert cadence([0.0], 0.2, ["5/1"]).frames == 1


def test_packets_hidden_by_an_edit_list_do_not_count() -> None:
    table = b"0,-0.04,-0.04,0.04,KD_\n0,0.00,N/A,0.04,___\n0,N/A,0.04,0.04,K__\n1,0.0,0.0,N/A,K__\n"
    packets = read_packets(table, 0)
    assert packets[0].times == (0.0, 0.04)
    assert packets[0].keys == (0.04,)
    assert (packets[1].begin_s, packets[1].times) == (0.0, ())
    assert packets[0].end_s == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("top", "bottom", "progressive", "told", "interlaced"),
    [
        (40, 0, 2, "progressive", True),  # tags lie
        (0, 30, 2, "progressive", True),
        (1, 0, 40, "tt", False),
        (41, 39, 10, "progressive", False),  # noise looks like both orders
        (2, 0, 1, "tt", True),  # nothing moves: believe the tag
        (2, 0, 1, "progressive", False),
    ],
)
def test_fields_by_majority(
    top: int, bottom: int, progressive: int, told: str, interlaced: bool
) -> None:
    seen = Fields(top_first=top, bottom_first=bottom, progressive=progressive, decoded=50)
    assert seen.interlaced(told) is interlaced


def test_windows_are_added_up() -> None:
    line = "Multi frame detection: TFF:    42 BFF:     0 Progressive:     1 Undetermined:  8\n"
    seen = read_fields(line * 2 + "frame=   50 fps=0.0 q=-0.0\n")
    assert (seen.top_first, seen.progressive, seen.decoded) == (84, 2, 50)
    assert read_fields("").decoded == 0


@pytest.mark.parametrize(
    ("width", "height", "rate", "matrix"),
    [(1920, 1080, 24.0, "bt709"), (854, 480, 24.0, "smpte170m"), (720, 576, 25.0, "bt470bg")],
)
def test_untold_colours_follow_from_the_size(
    width: int, height: int, rate: float, matrix: str
) -> None:
    found = colour_of({"width": width, "height": height, "pix_fmt": "yuv420p"}, rate)
    assert found.matrix == matrix
    assert found.assumed


@given(told=some.text())
def test_no_odd_name_reaches_a_filter(told: str) -> None:
    stream = {"width": 64, "height": 64, "color_primaries": told, "color_space": told}
    found = colour_of({**stream, "color_transfer": told}, 24.0)
    assert ":" not in found.primaries + found.transfer + found.matrix
