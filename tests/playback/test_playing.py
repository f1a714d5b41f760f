"""What is streaming in the whole service, for operators, and the end of what an account plays."""

import asyncio
from pathlib import Path

import pytest

from tests.conftest import OpenRows
from tests.playback.setup import Setup, plan, viewer
from tests.playback.test_heartbeat import beat
from vitascope.engines.bus.rows import MIGRATIONS, RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.identity import AccountSignedOut
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, DeviceId, SessionId
from vitascope.kernel.pages import BadPageToken
from vitascope.playback import SessionEnded
from vitascope.playback.jobs import listen
from vitascope.playback.playing import end_all


async def shown(setup: Setup, limit: int = 50) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        page = await setup.playback.playing(page_token=token, limit=limit)
        assert len(page.streams) <= limit
        found += [stream.session_id for stream in page.streams]
        token = page.next_page_token
        if token is None:
            return found


async def test_streams_of_all_accounts_come_newest_first(any_setup: Setup) -> None:
    setup = any_setup
    sessions = []
    for n in range(5):
        setup.clock.advance(1)
        started = await setup.play(viewer(f"acc_{n}", f"dev_{n}", f"pro_{n}"), device_name="Sofa")
        sessions.append(started.session_id)
    for limit in (1, 2, 100):
        assert await shown(setup, limit) == sessions[::-1]
    first = (await setup.playback.playing()).streams[0]
    assert (first.account_id, first.device, first.title) == ("acc_4", "Sofa", "The Film")


async def test_what_ended_or_fell_silent_is_not_shown(setup: Setup) -> None:
    stopped, silent = await setup.play(), await setup.play(viewer("acc_2", "dev_2"))
    await setup.playback.stop(viewer(), stopped.session_id)
    assert await shown(setup) == [silent.session_id]
    setup.clock.advance(3600)
    going = await setup.play(viewer("acc_3", "dev_3"))
    assert await shown(setup) == [going.session_id]
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer("acc_2", "dev_2"), beat(silent))


async def test_an_operator_stops_a_stream_of_any_account(setup: Setup) -> None:
    setup.billing.plan = plan(streams=1)
    started = await setup.play()
    await setup.playback.end(started.session_id)
    await setup.playback.end(started.session_id)
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), beat(started))
    await setup.play()  # its stream is free again
    with pytest.raises(SessionEnded):
        await setup.playback.end(SessionId("ses_none"))


@pytest.mark.parametrize("limit", [0, 101])
async def test_a_page_of_streams_is_bounded(setup: Setup, limit: int) -> None:
    with pytest.raises(Invalid):
        await setup.playback.playing(limit=limit)


async def test_a_made_up_page_token_is_refused(setup: Setup) -> None:
    with pytest.raises(BadPageToken):
        await setup.playback.playing(page_token="nonsense")


async def test_all_that_an_account_plays_ends_but_on_the_device_that_stays(setup: Setup) -> None:
    setup.billing.plan = plan(streams=4)
    kept, gone = viewer(device="dev_1"), viewer(device="dev_2")
    here, there = await setup.play(kept), await setup.play(gone)
    other = await setup.play(viewer("acc_2", "dev_3"))
    context = setup.playback._context
    await end_all(context, AccountId("acc_1"), but=DeviceId("dev_1"))
    assert set(await shown(setup)) == {here.session_id, other.session_id}
    with pytest.raises(SessionEnded):
        await setup.playback.beat(gone, beat(there))
    await setup.playback.beat(kept, beat(here))
    await end_all(context, AccountId("acc_1"))
    assert await shown(setup) == [other.session_id]


async def test_streams_end_on_the_news_that_an_account_was_signed_out(
    setup: Setup, open_sqlite: OpenRows, data: Path
) -> None:
    rows = await open_sqlite("bus", migrations=[MIGRATIONS])
    notices = SocketNotices(folder=data / "notices")
    settings = BusSettings(hold_s=3600.0)
    bus = RowsBus(rows=rows, notices=notices, clock=SystemClock(), settings=settings)
    listen(bus, setup.playback)
    announcing = await open_sqlite("identity")
    outbox = bus.outbox("identity", announcing)
    started = await setup.play()
    news = AccountSignedOut(account_id=AccountId("acc_1"))
    await announcing.write(lambda connection: outbox.put(connection, news))
    running = asyncio.create_task(bus.run())
    async with asyncio.timeout(120):
        await bus.drain()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), beat(started))
    await notices.close()
