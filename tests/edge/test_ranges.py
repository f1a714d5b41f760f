"""C1: a byte range is the same slice of the file that it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.edge.ranges import RangeNotSatisfiable, span

CONTENT = bytes(range(256)) * 2


@given(first=st.integers(0, 600), last=st.integers(0, 600))
def test_a_range_is_the_slice_that_it_names(first: int, last: int) -> None:
    expected = CONTENT[first : last + 1]
    if not expected:
        with pytest.raises(RangeNotSatisfiable):
            span(f"bytes={first}-{last}", len(CONTENT))
        return
    found = span(f"bytes={first}-{last}", len(CONTENT))
    assert CONTENT[found.start : found.start + found.length] == expected
    assert found.partial


@given(first=st.integers(0, 511))
def test_an_open_range_goes_to_the_end(first: int) -> None:
    found = span(f"bytes={first}-", len(CONTENT))
    assert CONTENT[found.start : found.start + found.length] == CONTENT[first:]


@given(length=st.integers(1, 2000))
def test_a_suffix_is_the_tail(length: int) -> None:
    found = span(f"bytes=-{length}", len(CONTENT))
    assert CONTENT[found.start : found.start + found.length] == CONTENT[-length:]


@pytest.mark.parametrize(
    "header",
    [
        "bytes=512-",
        "bytes=-0",
        "bytes=-",
        "bytes=0-1,4-5",
        "lines=0-1",
        "bytes=9-3",
        "",
        f"bytes={'9' * 5000}-",  # Python refuses to read such a number at all
        f"bytes=0-{'9' * 5000}",
        f"bytes=-{'9' * 5000}",
    ],
)
def test_what_cannot_be_answered_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        span(header, len(CONTENT))


def test_without_a_range_the_whole_file_is_meant() -> None:
    assert span(None, 512).length == 512
    assert not span(None, 512).partial
