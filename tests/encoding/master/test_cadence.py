"""Rates and tags, decided by pure rules."""

import random
from fractions import Fraction

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from vitascope.encoding.master.cadence import cadence
from vitascope.encoding.master.colour import colour_of
from vitascope.encoding.master.fields import Fields, read_fields
from vitascope.encoding.master.listing import Listing, csv_row

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


@given(gap=some.integers(0, 48), step=some.floats(1.25, 1.9))
@example(gap=0, step=1.582)  # how a fragment begins whose sound begins first
def test_a_picture_that_stays_longer_is_no_new_cadence(gap: int, step: float) -> None:
    times = [(number + (step - 1) * (number > gap)) / 25 for number in range(50)]
    found = cadence(times, 1 / 25, ["25/1"])
    assert (found.rate, found.variable) == ("25/1", False)


def test_two_cadences_vary_and_the_usual_one_is_taken() -> None:
    times = [number / 8 for number in range(24)] + [3 + number / 24 for number in range(72)]
    found = cadence(times, 1 / 24, ["576/37"])
    assert (found.rate, found.frames, found.variable) == ("24/1", 144, True)


def test_more_than_sixty_pictures_a_second_are_halved() -> None:
    found = cadence([number / 120 for number in range(240)], 1 / 120)
    assert (found.rate, found.frames, found.halved) == ("60/1", 120, True)


def test_one_picture_is_a_film_too() -> None:
    found = cadence([0.0], 0.2, ["5/1"])
    assert (found.rate, found.frames, found.repeated) == ("10/1", 2, True)
    assert cadence([0.0], 0.04, ["25/1"]).frames == 1


def in_fields(seconds: float) -> list[float]:
    """Film on the fields of video, as players of DVDs time it: 50 and 33 ms by turns."""
    return [round((5 * n + 1) // 2 * 1001 / 60000, 3) for n in range(int(seconds * 24 / 1.001))]


@pytest.mark.parametrize("rate", ["24000/1001", "24/1", "25/1", "30000/1001", "30/1", "50/1"])
@pytest.mark.parametrize("seconds", [4, 20, 300])
def test_pictures_that_come_early_and_late_keep_their_rate(rate: str, seconds: int) -> None:
    dice, step = random.Random(7), 1 / Fraction(rate)
    count = int(seconds / step)
    times = [
        round(max(0.0, float((n + dice.uniform(-0.45, 0.45)) * step)), 3) for n in range(count)
    ]
    found = cadence(times, float(step), [rate])
    assert (found.rate, found.variable) == (rate, True)
    assert abs(found.frames - count) <= 1
    assert found.lost == 0


@pytest.mark.parametrize("seconds", [4, 60, 900])
def test_pictures_timed_by_fields_are_film(seconds: int) -> None:
    found = cadence(in_fields(seconds), 0.033, ["24000/1001"])
    assert (found.rate, found.lost) == ("24000/1001", 0)
    assert found.frames == pytest.approx(seconds * 24 / 1.001, abs=1)


@pytest.mark.parametrize("rate", ["24/1", "25/1", "30/1", "60/1"])
def test_a_screen_that_stands_still_has_the_rate_at_which_it_moves(rate: str) -> None:
    still = [n * 0.48 for n in range(10)]
    moving = [4.8 + float(n / Fraction(rate)) for n in range(25)]
    later = [moving[-1] + 0.48 * n for n in range(1, 12)]
    found = cadence([*still, *moving, *later], 0.48, ["4/1"])
    assert (found.rate, found.lost) == (rate, 0)
    assert found.frames == pytest.approx((later[-1] + 0.48) * Fraction(rate), abs=1)


def test_film_and_video_together_lose_no_picture() -> None:
    film = [float(n * Fraction(1001, 24000)) for n in range(480)]
    video = [film[-1] + float((n + 1) * Fraction(1001, 30000)) for n in range(600)]
    found = cadence([*film, *video], 0.033)
    assert (found.rate, found.lost) == ("30000/1001", 0)


def test_a_few_pictures_too_many_make_no_other_rate() -> None:
    times = sorted([*(n / 25 for n in range(1500)), 20.005, 31.333, 45.51])
    found = cadence(times, 0.04, ["25/1"])
    assert (found.rate, found.frames) == ("25/1", 1500)


@pytest.mark.parametrize(
    ("apart", "rate"), [(5.0, "10/1"), (1.0, "10/1"), (0.4, "10/1"), (1 / 8, "16/1")]
)
def test_few_pictures_are_shown_as_long_as_they_stay(apart: float, rate: str) -> None:
    found = cadence([n * apart for n in range(4)], apart)
    assert (found.rate, found.repeated) == (rate, True)
    assert found.frames == round(4 * apart * Fraction(rate))


def test_a_film_lasts_as_long_as_its_sound() -> None:
    times = [n / 25 for n in range(100)]
    assert cadence(times, 0.04, sound_end_s=4.9).frames == 100, "it is cut"
    found = cadence(times, 0.04, sound_end_s=9.0)
    assert (found.frames, found.placed_anew) == (225, True)
    assert found.tail_s == pytest.approx(5.0)
    one = cadence([0.0], 0.04, ["25/1"], sound_end_s=10.0)
    assert (one.rate, one.frames) == ("25/1", 250)


@given(times=some.lists(some.floats(0, 600), min_size=1, max_size=60))
@example(times=[0.0, 5e-324, 5e-324 * 2, 600.0])
def test_any_times_end_in_a_rate_that_can_be_played(times: list[float]) -> None:
    found = cadence(times, 0.04)
    assert 10 <= Fraction(found.rate) <= 60
    assert found.frames >= 1
    assert 0 <= found.lost < len(times)


def test_packets_hidden_by_an_edit_list_do_not_count() -> None:
    table = b"0,-0.04,-0.04,0.04,KD_\n0,0.00,N/A,0.04,___\n0,N/A,0.04,0.04,K__\n1,0.0,0.0,N/A,K__\n"
    listing = Listing(csv_row, [0])
    for at in range(0, len(table), 7):  # a piece may end anywhere
        listing.take(table[at : at + 7])
    packets = listing.packets()
    assert packets[0].times == (0.0, 0.04)
    assert packets[0].keys == (0.04,)
    assert (packets[1].begin_s, packets[1].times) == (0.0, ())
    assert packets[0].end_s == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("top", "bottom", "progressive", "told", "interlaced"),
    [
        (70, 0, 2, "progressive", True),  # tags lie
        (0, 70, 2, "progressive", True),
        (13, 0, 0, "progressive", False),  # too few to overrule a tag
        (1, 0, 40, "tt", False),
        (41, 39, 10, "progressive", False),  # noise looks like both orders
        (2, 0, 1, "tt", True),  # nothing moves: believe the tag
        (2, 0, 1, "progressive", False),
    ],
)
def test_fields_by_majority(
    top: int, bottom: int, progressive: int, told: str, interlaced: bool
) -> None:
    counts = (top, bottom, progressive)
    seen = Fields(
        top_first=top,
        bottom_first=bottom,
        progressive=progressive,
        decoded=90,
        alone=counts,
        clear=counts,
    )
    assert seen.interlaced(told) is interlaced
    clear = max(top, bottom) > 4 * min(top, bottom) and max(top, bottom) >= 8
    assert seen.order == (("tff" if top > bottom else "bff") if clear else "auto")


def test_moving_patterns_that_are_never_clear_are_no_fields() -> None:
    """62 drawn pictures, by their edges, of which four show it clearly."""
    seen = Fields(top_first=0, bottom_first=62, progressive=0, decoded=62, alone=(9, 42, 7))
    assert not msgspec.structs.replace(seen, clear=(0, 4, 48)).interlaced("progressive")
    assert msgspec.structs.replace(seen, clear=(0, 40, 7)).interlaced("progressive")


def test_windows_are_added_up() -> None:
    line = "Multi frame detection: TFF:    42 BFF:     0 Progressive:     1 Undetermined:  8\n"
    alone = "Single frame detection: TFF:    21 BFF:     3 Progressive:     1 Undetermined:  8\n"
    again = "Repeated Fields: Neither:    30 Top:    10 Bottom:    11\n"
    clear = f"[idet@clear @ 0x1] {alone}[idet@clear @ 0x1] {line}".replace("21", "20")
    seen = read_fields((again + alone + line + clear) * 2 + "frame=   50 fps=0.0 q=-0.0\n")
    assert (seen.top_first, seen.progressive, seen.decoded) == (84, 2, 50)
    assert (seen.alone, seen.repeated) == ((42, 6, 2), (20, 22, 60))
    assert seen.clear == (40, 6, 2)
    assert seen.pulled_down
    assert read_fields("").decoded == 0
    assert not read_fields("").pulled_down


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


@pytest.mark.parametrize("pix_fmt", ["gbrp", "rgb24", "bgra", "gbrp10le", "pal8", "rgb48le"])
def test_rgb_has_no_matrix_until_it_is_given_one(pix_fmt: str) -> None:
    stream = {"width": 1040, "height": 208, "pix_fmt": pix_fmt, "color_range": "pc"}
    found = colour_of({**stream, "color_space": "gbr"}, 25.0)
    assert (found.rgb, found.matrix, found.full_range) == (True, "bt709", False)
