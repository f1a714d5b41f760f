"""I4: flashes are counted as BT.1702 and WCAG 2 do: how many, how large, how bright, how red."""

import numpy as np
import pytest

from vitascope.encoding.master.flashes import (
    HEIGHT,
    WIDTH,
    Flashes,
    FlashWatch,
    Frames,
    light_of,
)

GREY, WHITE, BLACK = (150, 150, 150), (255, 255, 255), (0, 0, 0)
RED, BLUE = (255, 0, 0), (0, 0, 90)


def film(
    hertz: float,
    *,
    seconds: float = 3.0,
    rate: float = 25.0,
    between: tuple[tuple[int, int, int], tuple[int, int, int]] = (BLACK, WHITE),
    area: float = 1.0,
    quiet_s: float = 2.0,
) -> Frames:
    """Quiet, then so many flashes a second in a part of the picture, then quiet."""
    count = round((seconds + 2 * quiet_s) * rate)
    frames = np.zeros((count, HEIGHT * WIDTH, 3), dtype=np.uint8)
    frames[:] = between[0]
    cells = round(area * HEIGHT * WIDTH)
    for n in range(count):
        time = n / rate - quiet_s
        if 0 <= time < seconds and (time * hertz + 1e-6) % 1 >= 0.5:
            frames[n, :cells] = between[1]
    return frames


def seen(frames: Frames, rate: float = 25.0, transfer: str = "bt709") -> Flashes:
    watch = FlashWatch(rate, light_of(transfer))
    step = round(rate)
    for start in range(0, len(frames), step):
        some = frames[start : start + step]
        watch.see(some, [(start + n) / rate for n in range(len(some))])
    return watch.found()


@pytest.mark.parametrize("rate", [24.0, 25.0, 30.0, 50.0, 60.0])
@pytest.mark.parametrize(("hertz", "found"), [(2.0, 0), (3.0, 0), (4.0, 1), (6.0, 1), (10.0, 1)])
def test_more_than_three_flashes_within_a_second_are_told(
    hertz: float, found: int, rate: float
) -> None:
    told = seen(film(hertz, rate=rate), rate).general
    assert len(told) == found
    for (begin, end), most in told:
        assert begin == pytest.approx(2000, abs=350)
        assert end == pytest.approx(5000, abs=350)
        assert most == pytest.approx(hertz, abs=1)


@pytest.mark.parametrize(("area", "found"), [(0.1, 0), (0.22, 0), (0.28, 1), (0.5, 1)])
def test_a_quarter_of_the_picture_counts(area: float, found: int) -> None:
    assert len(seen(film(8, area=area)).general) == found


@pytest.mark.parametrize(
    ("dark", "bright", "found"),
    [
        (100, 108, 0),  # a difference of 0.03
        (100, 120, 0),  # 0.06
        (100, 140, 1),  # 0.13
        (232, 255, 0),  # 0.19, between two that are bright
        (220, 255, 1),  # 0.28, and the darker one is below 0.8
        (0, 60, 0),
        (0, 95, 1),
    ],
)
def test_a_tenth_of_the_greatest_luminance_counts_where_one_side_is_not_bright(
    dark: int, bright: int, found: int
) -> None:
    between = ((dark, dark, dark), (bright, bright, bright))
    assert len(seen(film(8, between=between)).general) == found


def test_changes_that_go_one_way_are_no_flashes() -> None:
    frames = np.zeros((250, HEIGHT * WIDTH, 3), dtype=np.uint8)
    frames[:] = np.linspace(0, 255, 250).astype(np.uint8)[:, None, None]
    assert seen(frames) == Flashes()


def test_a_cut_a_second_between_night_and_day_is_no_flash() -> None:
    assert seen(film(0.5, seconds=12)) == Flashes()


def test_a_thing_that_moves_over_the_picture_is_no_flash() -> None:
    frames = np.zeros((250, HEIGHT, WIDTH, 3), dtype=np.uint8)
    for n in range(250):
        frames[n, :, (n * 2) % WIDTH : (n * 2) % WIDTH + 4] = 255
    assert seen(frames.reshape(250, -1, 3)) == Flashes()


def test_noise_is_no_flash() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (150, HEIGHT * WIDTH, 1), dtype=np.uint8)
    soft = (frames // 6 + 90).repeat(3, axis=2)
    assert seen(soft) == Flashes()


@pytest.mark.parametrize(
    ("between", "found"),
    [
        ((BLACK, RED), 1),
        ((BLUE, RED), 1),
        ((BLACK, (0, 0, 255)), 0),
        ((BLACK, (120, 90, 80)), 0),
        (((200, 0, 0), (205, 0, 0)), 0),
        ((BLACK, (140, 0, 0)), 1),
    ],
)
def test_saturated_red_counts_by_itself(
    between: tuple[tuple[int, int, int], tuple[int, int, int]], found: int
) -> None:
    assert len(seen(film(5, between=between)).red) == found


def test_three_red_flashes_a_second_are_not_told() -> None:
    assert seen(film(3, between=(BLACK, RED))).red == ()


def test_in_hdr_twenty_nits_count() -> None:
    pale = ((130, 130, 130), (140, 140, 140))  # 0.05 of luminance in SDR; 84 and 125 nits in PQ
    assert seen(film(8, between=pale)).general == ()
    assert len(seen(film(8, between=pale), transfer="smpte2084").general) == 1
    bright = ((160, 160, 160), (170, 170, 170))  # 271 and 397 nits
    assert seen(film(8, between=bright), transfer="smpte2084").general == ()


def test_flashes_far_from_each_other_are_two_places() -> None:
    twice = np.concatenate([film(8), film(8)])
    assert len(seen(twice).general) == 2
