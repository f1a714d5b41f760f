"""Pauses that a notice ends, under a held clock."""

import asyncio

from tests.clocks import until_asleep
from tests.notices import HeardNotices
from vitascope.engines.notices import Pauses, TopicListener
from vitascope.kernel.clock import HeldClock


async def pause_of(pauses: Pauses, clock: HeldClock) -> int:
    """Returns how many seconds a pause takes that no notice ends."""
    pausing = asyncio.ensure_future(pauses.pause())
    seconds = 0
    while not pausing.done():
        if clock.sleeping():
            clock.advance(1)
            seconds += 1
        await asyncio.sleep(0)
    return seconds


async def test_pauses_double_to_the_longest_and_are_short_again_after_a_notice() -> None:
    clock, notices = HeldClock(), HeardNotices()
    with TopicListener(notices, "jobs", clock).pauses(first_s=1, longest_s=10) as pauses:
        assert [await pause_of(pauses, clock) for _ in range(6)] == [1, 2, 4, 8, 10, 10]
        pausing = asyncio.ensure_future(pauses.pause())
        await until_asleep(clock, 1)
        await asyncio.to_thread(notices.tell, "jobs")
        await pausing  # for ever, if it were not woken: the clock stands
        assert [await pause_of(pauses, clock) for _ in range(2)] == [1, 2]


async def test_what_is_told_during_a_look_ends_the_next_pause() -> None:
    clock, notices = HeldClock(), HeardNotices()
    with TopicListener(notices, "jobs", clock).pauses(first_s=1, longest_s=10) as pauses:
        notices.tell("jobs")
        await pauses.pause()
        assert await pause_of(pauses, clock) == 1


async def test_a_pause_is_no_longer_than_what_is_waited_for() -> None:
    clock = HeldClock()
    with TopicListener(HeardNotices(), "jobs", clock).pauses(first_s=8, longest_s=8) as pauses:
        pausing = asyncio.ensure_future(pauses.pause(within_s=3))
        await until_asleep(clock, 1, within_s=3)
        clock.advance(3)
        await pausing


async def test_all_who_wait_are_woken_and_those_who_left_are_forgotten() -> None:
    clock, notices = HeldClock(), HeardNotices()
    listener = TopicListener(notices, "jobs", clock)

    async def look_twice() -> None:
        with listener.pauses(first_s=1, longest_s=10) as pauses:
            await pauses.pause()

    looking = [asyncio.ensure_future(look_twice()) for _ in range(3)]
    await until_asleep(clock, 3)
    notices.tell("jobs")
    await asyncio.gather(*looking)
    assert not listener._waiting
    assert len(notices._wakes["jobs"]) == 1, "the topic is listened to once"
