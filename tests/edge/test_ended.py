"""C1: an edge refuses the tokens of a session that has ended, though they are still good."""

import asyncio
from pathlib import Path

import httpx

from tests.clocks import PATIENT_S
from tests.edge.real_servers import EndedStandIn, PlantedOrigin, edge
from vitascope.edge.ended import RefusedSessions
from vitascope.edge.settings import EdgeSettings
from vitascope.kernel.clock import HeldClock
from vitascope.playback import MOST_SESSIONS_ASKED


def refusing(playback: EndedStandIn, clock: HeldClock) -> RefusedSessions:
    return RefusedSessions(playback, clock, every_s=2, wait_s=PATIENT_S)


async def test_a_session_that_has_ended_gets_nothing_more(tmp_path: Path) -> None:
    playback = EndedStandIn()
    planted = PlantedOrigin({"v.mp4": b"x" * 1000})
    clock = HeldClock()
    async with (
        planted.running() as origin,
        edge(origin.url, tmp_path, EdgeSettings(report_s=3600.0), playback=playback) as one,
        httpx.AsyncClient(timeout=PATIENT_S) as client,
    ):
        one.appliance.ended._clock = clock  # by which it does not look by itself
        stopped, other = one.link("v.mp4"), one.link("v.mp4", session="ses_2")
        in_front = stopped.replace(one.url, f"{one.url}/admitted")  # what nginx asks
        assert (await client.get(stopped)).status_code == 200
        assert (await client.get(in_front)).status_code == 204
        playback.ended.add("ses_1")
        clock.advance(6)
        assert (await client.get(stopped)).status_code == 200  # which has it asked about again
        await one.appliance.ended.look()
        assert (await client.get(stopped)).status_code == 403
        assert (await client.get(in_front)).status_code == 403
        assert (await client.get(other)).status_code == 200
        longer = one.link("v.mp4", s=120)  # another token of the same session
        assert (await client.get(longer)).status_code == 403


async def test_a_session_that_ended_while_it_was_silent_or_elsewhere_is_never_served(
    clock: HeldClock,
) -> None:
    playback = EndedStandIn(clock)
    ended = refusing(playback, clock)
    playback.ended = {"ses_elsewhere"}
    assert await ended.has_ended("ses_elsewhere")
    assert not await ended.has_ended("ses_paused")
    playback.ended.add("ses_paused")
    clock.advance(10)
    assert await ended.has_ended("ses_paused")


async def test_an_edge_asks_about_the_sessions_that_it_serves_and_no_others(
    clock: HeldClock,
) -> None:
    """However many others there are, and ended: what it asks does not grow with them."""
    playback = EndedStandIn(clock)
    playback.ended = {f"ses_other_{n}" for n in range(10_000)}
    ended = refusing(playback, clock)
    mine = {"ses_1", "ses_2"}
    for _ in range(10):  # twenty seconds of a film
        for one in mine:
            assert not await ended.has_ended(one)
        clock.advance(2)
        await ended.look()
    assert set().union(*playback.asked) == mine
    assert sum(map(len, playback.asked)) <= 2 * 6  # each every four seconds
    clock.advance(10)
    before = len(playback.asked)
    await ended.look()
    assert len(playback.asked) == before  # nobody is served, nothing is asked


async def test_many_that_come_at_once_are_asked_about_together(clock: HeldClock) -> None:
    playback = EndedStandIn(clock)
    ended = refusing(playback, clock)
    playback.gate.clear()
    playback.ended = {"ses_7"}
    crowd = [asyncio.create_task(ended.has_ended(f"ses_{n}")) for n in range(1200)]
    while not playback.asked:
        await asyncio.sleep(0)
    playback.gate.set()
    refused = await asyncio.gather(*crowd)
    assert [n for n, one in enumerate(refused) if one] == [7]
    assert max(map(len, playback.asked)) <= MOST_SESSIONS_ASKED
    assert len(playback.asked) <= 5


async def test_while_playback_is_away_nobody_waits_and_films_go_on(clock: HeldClock) -> None:
    playback = EndedStandIn(clock)
    ended = RefusedSessions(playback, clock, every_s=2, wait_s=0.01)
    playback.gate.clear()  # it takes the call and says nothing
    assert not await ended.has_ended("ses_1")
    asked = len(playback.asked)
    assert not await ended.has_ended("ses_2")
    assert len(playback.asked) == asked
    playback.gate.set()
    playback.ended = {"ses_2"}
    await ended.look()  # it is there again
    assert await ended.has_ended("ses_2")


async def test_an_edge_forgets_sessions_whose_tokens_have_expired(clock: HeldClock) -> None:
    playback = EndedStandIn(clock)
    ended = refusing(playback, clock)
    playback.ended = {"ses_1"}
    assert await ended.has_ended("ses_1")
    asked = len(playback.asked)
    clock.advance(149)
    await ended.look()
    assert await ended.has_ended("ses_1")
    assert len(playback.asked) == asked
    playback.ended.clear()
    clock.advance(2)
    await ended.look()
    assert not await ended.has_ended("ses_1")


async def test_an_edge_looks_while_sessions_are_served_and_rests_afterwards(
    clock: HeldClock,
) -> None:
    playback = EndedStandIn(clock)
    ended = refusing(playback, clock)
    running = asyncio.create_task(ended.run())
    try:
        for session in ("ses_1", "ses_2"):  # the second one after a rest
            await pass_time(clock, 30)
            assert not clock._sleepers, "nothing is waited for"
            playback.ended.add(session)
            playback.is_away = True
            assert not await ended.has_ended(session), "nobody can tell"
            playback.is_away = False
            await pass_time(clock, 4)
            assert await ended.has_ended(session)
            await pass_time(clock, 150)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def pass_time(clock: HeldClock, seconds: int) -> None:
    for _ in range(seconds):
        clock.advance(1.0)
        for _ in range(20):
            await asyncio.sleep(0)
