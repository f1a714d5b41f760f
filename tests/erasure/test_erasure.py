"""U4: a removed profile is forgotten by every domain that remembers something of it."""

import asyncio
import importlib
import inspect
import pkgutil
from pathlib import Path

import vitascope
from tests.conftest import OpenRows
from vitascope.assembly.domains import PARTS
from vitascope.engines.bus.rows import MIGRATIONS as BUS
from vitascope.engines.bus.rows import RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.erasure.jobs import follow_profiles
from vitascope.identity import ProfileRemoved
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.ids import AccountId, ProfileId

ANA, BEN = ProfileId("pro_ana"), ProfileId("pro_ben")
QUICK = BusSettings(poll_s=0.02, sweep_s=0.05, hold_s=3600.0, backoff_s=0.01)


class Memory:
    """A domain that remembers profiles. It may be down for a while."""

    def __init__(self, *, down_for: int = 0) -> None:
        self.known = {ANA, BEN}
        self._down_for = down_for

    async def forget_profile(self, profile_id: ProfileId) -> None:
        if self._down_for:
            self._down_for -= 1
            raise ConnectionError("down")
        self.known.discard(profile_id)


async def test_every_domain_forgets_a_removed_profile_also_one_that_was_down(
    open_sqlite: OpenRows, data: Path
) -> None:
    notices = SocketNotices(folder=data / "notices")
    bus = RowsBus(
        rows=await open_sqlite("bus", migrations=[BUS]),
        notices=notices,
        clock=SystemClock(),
        settings=QUICK,
    )
    rows = await open_sqlite("identity")
    outbox = bus.outbox("identity", rows)
    steady, shaky, broken = Memory(), Memory(down_for=3), Memory(down_for=99)
    follow_profiles(bus, {"steady": steady, "shaky": shaky, "broken": broken})
    running = asyncio.create_task(bus.run())
    gone = ProfileRemoved(account_id=AccountId("acc"), profile_id=ANA)
    await rows.write(lambda connection: outbox.put(connection, gone))
    async with asyncio.timeout(120):
        await bus.drain()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await notices.close()
    assert (steady.known, shaky.known) == ({BEN}, {BEN})
    assert [letter.attempts for letter in await bus.dead_letters("erasure-broken")] == [5]


def test_no_domain_that_keeps_profiles_is_left_out() -> None:
    """Identity owns them; playback's sessions are deleted by age."""
    asked = set(PARTS["erasure"].needs)
    assert keep_profiles() - {"identity"} == asked
    assert can_forget() == asked


def keep_profiles() -> set[str]:
    """The domains with a table that names profiles."""
    return {
        domain
        for domain in folders()
        if importlib.util.find_spec(f"vitascope.{domain}.store")
        for table in importlib.import_module(f"vitascope.{domain}.store").metadata.tables.values()
        if "profile_id" in table.columns
    }


def can_forget() -> set[str]:
    """The contracts that offer to forget a profile."""
    return {
        name
        for part in PARTS.values()
        for name, contract in part.offers.items()
        if inspect.iscoroutinefunction(getattr(contract, "forget_profile", None))
    }


def folders() -> list[str]:
    return [m.name for m in pkgutil.iter_modules(vitascope.__path__) if m.ispkg]
