"""Viewers that were sent to an edge a moment ago, as its next report cannot show them yet."""

import pytest

from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import EdgeId
from vitascope.steering.settling import Settling

A, B = EdgeId("edge-a"), EdgeId("edge-b")


@pytest.fixture
def settling(clock: HeldClock) -> Settling:
    return Settling(clock, settle_s=10)


def test_each_viewer_counts_until_it_has_settled(settling: Settling, clock: HeldClock) -> None:
    settling.send("one", A)
    clock.advance(6)
    settling.send("two", A)
    assert settling.viewers(A) == 2
    clock.advance(5)
    assert settling.viewers(A) == 1
    clock.advance(5)
    assert settling.viewers(A) == 0


def test_a_viewer_that_asks_again_moves_and_counts_no_longer_for_it(
    settling: Settling, clock: HeldClock
) -> None:
    settling.send("one", A)
    clock.advance(6)
    settling.send("one", B)
    assert (settling.viewers(A), settling.viewers(B)) == (0, 1)
    clock.advance(5)
    assert settling.viewers(B) == 0


def test_a_viewer_that_has_settled_never_counts_again(settling: Settling, clock: HeldClock) -> None:
    settling.send("one", A)
    clock.advance(11)
    for edge_id in (A, B, A):
        settling.send("one", edge_id)
    assert (settling.viewers(A), settling.viewers(B)) == (0, 0)
