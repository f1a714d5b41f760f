"""Viewers that were sent to an edge a moment ago, as its next report cannot show them yet."""

import pytest

from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import EdgeId
from vitascope.steering.recent import RecentlySent

A, B = EdgeId("edge-a"), EdgeId("edge-b")


@pytest.fixture
def recent(clock: HeldClock) -> RecentlySent:
    return RecentlySent(clock, settle_s=10)


def counts(recent: RecentlySent) -> tuple[int, int]:
    recent.settle()
    return recent.viewers(A), recent.viewers(B)


def test_each_viewer_counts_until_it_has_settled(recent: RecentlySent, clock: HeldClock) -> None:
    recent.send("one", A)
    clock.advance(6)
    recent.send("two", A)
    assert counts(recent) == (2, 0)
    clock.advance(5)
    assert counts(recent) == (1, 0)
    clock.advance(5)
    assert counts(recent) == (0, 0)


def test_a_viewer_that_asks_again_moves_and_counts_no_longer_for_it(
    recent: RecentlySent, clock: HeldClock
) -> None:
    recent.send("one", A)
    clock.advance(6)
    recent.send("one", B)
    assert counts(recent) == (0, 1)
    clock.advance(5)
    assert counts(recent) == (0, 0)


def test_a_viewer_that_has_settled_never_counts_again(
    recent: RecentlySent, clock: HeldClock
) -> None:
    recent.send("one", A)
    clock.advance(11)
    for edge_id in (A, B, A):
        recent.send("one", edge_id)
    assert counts(recent) == (0, 0)


def test_it_says_whose_count_changed(recent: RecentlySent, clock: HeldClock) -> None:
    assert set(recent.send("one", A)) == {A}
    assert set(recent.send("one", A)) == set()
    assert set(recent.send("one", B)) == {A, B}
    assert recent.settle() == set()
    clock.advance(10)
    assert recent.settle() == {B}
    assert set(recent.send("one", A)) == set()


def test_viewers_of_long_ago_are_forgotten_and_the_counts_stay_right(
    recent: RecentlySent, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitascope.steering.recent._MOST_VIEWERS", 2)
    for round_of in range(3):
        for number in range(3):
            recent.send(f"{round_of}-{number}", A)
        assert counts(recent) == (3, 0)
        clock.advance(11)
        assert counts(recent) == (0, 0)
    assert len(recent._sent) <= 6
