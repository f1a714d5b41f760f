"""P5: several sessions that complain of an edge within a while have it dropped for a while."""

from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import EdgeId
from vitascope.steering.complaints import Complaints

A, B = EdgeId("edge-a"), EdgeId("edge-b")


def test_different_sessions_count_and_each_once(clock: HeldClock) -> None:
    complaints = Complaints(clock, 30, 2)
    for _ in range(3):
        complaints.add([A], "one")
    assert not complaints.are_enough(A)
    complaints.add([A, B], "two")
    assert (complaints.are_enough(A), complaints.are_enough(B)) == (True, False)


def test_a_complaint_counts_for_the_window_from_when_it_was_last_made(clock: HeldClock) -> None:
    complaints = Complaints(clock, 30, 2)
    complaints.add([A], "one")
    clock.advance(20)
    complaints.add([A], "two")
    complaints.add([A], "one")
    clock.advance(10)
    assert complaints.expire() == set(), "the first complaint was made again"
    assert complaints.are_enough(A)
    clock.advance(19)
    assert complaints.expire() == set()
    clock.advance(1)
    assert complaints.expire() == {A}
    assert not complaints.are_enough(A)
    assert complaints._latest == {}, "nothing is kept of what is over"
