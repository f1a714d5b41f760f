"""C3: what an edge says of its load."""

import pytest

from vitascope.edge.load import Load
from vitascope.kernel.clock import HeldClock


def test_bytes_count_for_six_seconds(clock: HeldClock) -> None:
    load = Load(clock)
    load.sent(3_000_000)
    clock.advance(3)
    load.sent(3_000_000)
    assert load.mbps == pytest.approx(8.0)
    clock.advance(3)
    assert load.mbps == pytest.approx(8.0), "of six seconds, the sixth counts"
    clock.advance(0.5)
    assert load.mbps == pytest.approx(4.0)
    clock.advance(3)
    assert load.mbps == 0.0


def test_a_viewer_counts_for_twenty_seconds_from_its_last_request(clock: HeldClock) -> None:
    load = Load(clock)
    load.saw("one", "a/v")
    load.saw("two", "a/v")
    clock.advance(15)
    load.saw("one", "a/v")
    load.saw("one", "b/v")
    assert load.streams == 3
    clock.advance(5)
    assert load.streams == 3
    clock.advance(1)
    assert load.streams == 2
    clock.advance(15)
    assert load.streams == 0
