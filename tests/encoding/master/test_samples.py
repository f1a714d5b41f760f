"""I4: what whole pictures tell of a film, and what is no fault: credits, logos, night, drawings."""

import time

import numpy as np
import pytest
from scipy import ndimage

from vitascope.encoding.master.samples import Luma, Samples, SampleWatch

HEIGHT, WIDTH = 270, 480


def scene(seed: int, *, low: int = 30, high: int = 200) -> Luma:
    """A picture as of a camera: large shapes, finer ones, some grain."""
    noise = np.random.default_rng(seed)
    picture = np.zeros((HEIGHT, WIDTH))
    for size, weight in ((40, 6.0), (12, 2.0), (3, 0.6), (1, 0.12)):
        layer = ndimage.gaussian_filter(noise.normal(size=(HEIGHT, WIDTH)), size) * size
        picture += weight * layer
    picture = (picture - picture.min()) / np.ptp(picture)
    grain = noise.normal(0, 2.5, (HEIGHT, WIDTH))
    made: Luma = np.clip(low + picture * (high - low) + grain, low, high).astype(np.uint8)
    return made


def seen(pictures: list[Luma]) -> Samples:
    watch = SampleWatch(WIDTH, HEIGHT)
    for n, picture in enumerate(pictures):
        watch.see(picture, 3.0 * n)
    return watch.found()


def barred(picture: Luma, *, upright: int = 0, across: int = 0) -> Luma:
    made = picture.copy()
    if upright:
        made[:upright] = made[-upright:] = 16
    if across:
        made[:, :across] = made[:, -across:] = 16
    return made


@pytest.fixture(scope="module")
def film() -> list[Luma]:
    return [scene(n) for n in range(12)]


def test_nothing_is_told_of_a_film_that_is_well(film: list[Luma]) -> None:
    told = seen(film)
    assert (told.dead, told.bars, told.others) == ((), (0, 0, 0, 0), ())
    assert told.outside == 0
    assert told.blocks < 1.5


@pytest.mark.parametrize(("value", "bright"), [(255, True), (0, False)])
@pytest.mark.parametrize("size", [1, 2])
def test_a_pixel_that_stays_is_found_where_it_is(
    film: list[Luma], size: int, value: int, bright: bool
) -> None:
    stuck = [picture.copy() for picture in film]
    for picture in stuck:
        picture[100 : 100 + size, 333 : 333 + size] = value
    (pixel,) = seen(stuck).dead
    assert pixel.bright == bright
    assert max(abs(pixel.x - 333), abs(pixel.y - 100)) <= 1


def test_a_speck_of_dust_in_one_picture_is_no_dead_pixel(film: list[Luma]) -> None:
    dusty = [picture.copy() for picture in film]
    for n, picture in enumerate(dusty):
        picture[40 + 5 * n, 60] = 255
    assert seen(dusty).dead == ()


def test_a_still_picture_has_no_dead_pixels() -> None:
    """Stars of a title card stay as long as it does."""
    card = np.full((HEIGHT, WIDTH), 40, dtype=np.uint8)
    card[50, 60] = card[90, 300] = 240
    assert seen([card] * 12).dead == ()


def test_a_logo_is_no_group_of_dead_pixels(film: list[Luma]) -> None:
    marked = [picture.copy() for picture in film]
    for picture in marked:
        for n in range(12):  # its letters have dots, and strokes
            picture[20, 400 + 4 * n] = 250
            picture[24:32, 400 + 4 * n] = 250
    assert seen(marked).dead == ()


def test_a_pixel_that_is_only_a_little_brighter_is_not_told(film: list[Luma]) -> None:
    warm = [picture.copy() for picture in film]
    for picture in warm:
        picture[100, 333] = min(255, int(picture[100, 333]) + 12)
    assert seen(warm).dead == ()


@pytest.mark.parametrize(
    ("upright", "across", "bars"),
    [
        (36, 0, (0, 36, 0, 36)),
        (0, 60, (60, 0, 60, 0)),
        (20, 40, (40, 20, 40, 20)),
        (2, 0, (0,) * 4),
    ],
)
def test_bars_are_told_with_their_size(
    film: list[Luma], upright: int, across: int, bars: tuple[int, ...]
) -> None:
    assert seen([barred(one, upright=upright, across=across) for one in film]).bars == bars


def test_a_film_that_opens_its_picture_on_the_way_has_two_shapes(film: list[Luma]) -> None:
    told = seen([barred(one, upright=36) for one in film[:8]] + film[8:])
    assert told.bars == (0, 36, 0, 36)
    assert told.others == ((24_000, (0, 0, 0, 0)),)


def test_credits_and_night_have_no_bars(film: list[Luma]) -> None:
    text = np.full((HEIGHT, WIDTH), 16, dtype=np.uint8)
    text[100:110, 150:330:7] = 235
    night = np.full((HEIGHT, WIDTH), 20, dtype=np.uint8)
    assert seen([*film, text, night]).bars == (0, 0, 0, 0)
    assert seen([*film, text, night]).others == ()


def test_full_levels_are_seen_as_outside_of_video_levels() -> None:
    full = [np.clip((scene(n).astype(float) - 90) * 3 + 128, 0, 255) for n in range(12)]
    told = seen([picture.astype(np.uint8) for picture in full])
    assert told.outside > 0.03
    assert (told.lowest, told.highest) == (0, 255)


def test_levels_of_a_film_in_video_levels_are_within_them(film: list[Luma]) -> None:
    told = seen(film)
    assert told.lowest >= 16
    assert told.highest <= 235


def test_blocks_of_a_codec_are_steeper_than_the_rest(film: list[Luma]) -> None:
    def coarse(picture: Luma) -> Luma:
        blocks = picture[: HEIGHT // 8 * 8].reshape(HEIGHT // 8, 8, WIDTH // 8, 8).mean(axis=(1, 3))
        whole = blocks.repeat(8, axis=0).repeat(8, axis=1)
        made = picture.astype(float)
        made[: len(whole)] = 0.7 * whole + 0.3 * made[: len(whole)]
        return made.astype(np.uint8)

    assert seen([coarse(one) for one in film]).blocks > 2.2


def test_drawings_with_flat_colours_are_not_blocky() -> None:
    def drawing(seed: int) -> Luma:
        noise = np.random.default_rng(seed)
        picture = np.full((HEIGHT, WIDTH), 90, dtype=np.uint8)
        for _ in range(30):
            y, x = noise.integers(0, HEIGHT), noise.integers(0, WIDTH)
            picture[y : y + noise.integers(9, 90), x : x + noise.integers(9, 90)] = noise.integers(
                40, 220
            )
        return picture

    told = seen([drawing(n) for n in range(12)])
    assert told.blocks < 2.2
    assert told.dead == ()


def test_a_pattern_over_all_of_the_picture_costs_no_more_than_to_look_at_it() -> None:
    height, width = 1080, 1920
    ys, xs = np.mgrid[0:height:15, 0:width:15]
    watch = SampleWatch(width, height)
    seeing = time.process_time()
    for n in range(10):
        picture = np.full((height, width), 60 + 12 * (n % 5), np.uint8)
        picture[ys, xs] = 200
        watch.see(picture, 3.0 * n)
    seeing, finding = time.process_time() - seeing, time.process_time()
    assert watch.found().dead == ()
    assert time.process_time() - finding < seeing
