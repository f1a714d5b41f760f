"""I6: which frames and sizes are encoded."""

from hypothesis import given
from hypothesis import strategies as st

from tests.encoding.steps import source_of
from vitascope.encoding.picture import Picture, fitted, is_plain, read_args, sizes
from vitascope.kernel.media import DynamicRange

BOXES = (240, 360, 480, 720, 1080)


@given(width=st.integers(16, 4096), height=st.integers(16, 4096))
def test_no_size_is_above_the_master_and_all_are_even(width, height):
    for size in sizes(source_of(width=width, height=height), BOXES):
        assert size.width <= width + 1
        assert size.height <= height + 1
        assert size.width % 2 == size.height % 2 == 0


def test_a_master_between_two_boxes_keeps_its_own_size():
    found = sizes(source_of(width=768, height=432), BOXES)
    assert [size.height for size in found] == [240, 360, 432]


def test_a_wide_film_fills_the_width_of_its_box():
    assert fitted(source_of(width=1920, height=800), 720).width == 1280


def test_a_film_on_its_side_fits_the_height():
    assert fitted(source_of(width=1080, height=1920), 1080).height == 1080


def test_odd_masters_get_a_mezzanine():
    assert is_plain(source_of())
    for odd in (
        {"vfr": True},
        {"interlaced": True},
        {"full_range": True},
        {"dynamic_range": DynamicRange.HDR10},
        {"format": "mpegts"},
    ):
        assert not is_plain(source_of(**odd)), odd


def test_a_chunk_is_read_from_half_a_frame_before_its_first_frame():
    picture = Picture(key="masters/m/bytes", mezzanine=False)
    args, chain = read_args(source_of(video_start_s=0.5), picture, 48, 24)
    assert args[1] == f"{0.5 + 2 - 0.5 / 24:.6f}"
    assert "trim=end_frame=24" in chain


def test_the_first_chunk_never_seeks_before_the_file():
    args, _ = read_args(source_of(), Picture(key="k", mezzanine=False), 0, 24)
    assert args[1] == "0.000000"
