"""Where the processes are: a list, DNS answers of a real server, and the leases store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from tests.clocks import PATIENT_S, until_asleep
from tests.conftest import OpenRows
from vitascope.engines.discovery.dns import DnsDiscovery
from vitascope.engines.discovery.leases import LeasesDiscovery
from vitascope.engines.discovery.static import StaticDiscovery
from vitascope.engines.leases.rows import MIGRATIONS, RowsLeases
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Unavailable


async def urls(discovery: StaticDiscovery | DnsDiscovery | LeasesDiscovery, part: str) -> list[str]:
    return [one.url for one in await discovery.instances(part)]


async def test_a_list_names_parts_and_the_rest() -> None:
    listed = StaticDiscovery({"catalog": ["http://a:1/", "http://b:1"], "*": ["http://c:1"]})
    assert await urls(listed, "catalog") == ["http://a:1", "http://b:1"]
    assert await urls(listed, "viewing") == ["http://c:1"]
    assert await urls(StaticDiscovery({}), "viewing") == []


# -- DNS


class NameServer(asyncio.DatagramProtocol):
    """Answers SRV questions from a table that the test changes."""

    def __init__(self) -> None:
        self.services: dict[str, list[tuple[str, int]]] = {}
        self.silent = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.silent:
            return
        asked = dns.message.from_wire(data)
        (question,) = asked.question
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        known = self.services.get(question.name.to_text(omit_final_dot=True))
        if known is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif known:
            texts = [f"0 10 {port} {host}." for host, port in known]
            answer.answer.append(dns.rrset.from_text(question.name, 5, "IN", "SRV", *texts))
        self.transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server() -> AsyncIterator[tuple[NameServer, dns.asyncresolver.Resolver]]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield server, resolver
    finally:
        transport.close()


async def test_srv_records_have_hosts_and_ports() -> None:
    async with name_server() as (server, resolver):
        found = DnsDiscovery("_wire._tcp.{part}.media", port=1, resolver=resolver)
        server.services["_wire._tcp.catalog.media"] = [("pod-2", 9002), ("pod-1", 9001)]
        assert await urls(found, "catalog") == ["http://pod-1:9001", "http://pod-2:9002"]
        server.services["_wire._tcp.catalog.media"] = [("pod-3", 9003)]
        assert await urls(found, "catalog") == ["http://pod-3:9003"]
        server.services["_wire._tcp.catalog.media"] = []
        assert await urls(found, "catalog") == []
        assert await urls(found, "nobody") == []


async def test_a_name_server_that_is_silent_is_told_apart_from_an_empty_answer() -> None:
    async with name_server() as (server, resolver):
        server.silent = True
        with pytest.raises(Unavailable, match=r"_wire\.catalog cannot be looked up"):
            await DnsDiscovery("_wire.{part}", port=1, resolver=resolver).instances("catalog")


async def test_addresses_of_a_name_share_a_port() -> None:
    found = await urls(DnsDiscovery("{part}", port=8399), "localhost")
    assert "http://127.0.0.1:8399" in found


# -- leases


async def test_a_process_is_found_while_it_confirms_itself(
    open_sqlite: OpenRows, clock: HeldClock
) -> None:
    leases = RowsLeases(rows=await open_sqlite("leases", migrations=[MIGRATIONS]), clock=clock)
    here = LeasesDiscovery(leases, clock, heartbeat_s=2.0)
    keeping = asyncio.create_task(here.keep("http://a:1", ["catalog", "viewing"], asyncio.Event()))
    await until(here, "viewing", ["http://a:1"])
    await until_asleep(clock, 1)
    clock.advance(2.0)
    await until_asleep(clock, 1)  # it has confirmed itself
    clock.advance(4.9)
    assert await urls(here, "catalog") == ["http://a:1"]
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert await urls(here, "catalog") == []
    assert await urls(here, "viewing") == []


async def test_a_process_that_is_told_to_stop_is_entered_as_draining_until_it_leaves(
    open_sqlite: OpenRows, clock: HeldClock
) -> None:
    leases = RowsLeases(rows=await open_sqlite("leases", migrations=[MIGRATIONS]), clock=clock)
    here = LeasesDiscovery(leases, clock, heartbeat_s=2.0)
    told = asyncio.Event()
    keeping = asyncio.create_task(here.keep("http://a:1", ["catalog", "viewing"], told))
    await until(here, "viewing", ["http://a:1"])
    await until_asleep(clock, 1)
    assert not (await here.instances("viewing"))[0].draining
    told.set()  # and the clock stands: it does not wait for its next heartbeat
    async with asyncio.timeout(PATIENT_S):
        for part in ("catalog", "viewing"):
            while not (await here.instances(part))[0].draining:
                await asyncio.sleep(0.001)
    for _ in range(3):
        await until_asleep(clock, 1)
        clock.advance(2.0)
    await until_asleep(clock, 1)
    assert [one.draining for one in await here.instances("catalog")] == [True]
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert await here.instances("catalog") == ()


async def test_a_process_that_died_is_gone_after_two_heartbeats(
    open_sqlite: OpenRows, clock: HeldClock
) -> None:
    leases = RowsLeases(rows=await open_sqlite("leases", migrations=[MIGRATIONS]), clock=clock)
    here = LeasesDiscovery(leases, clock, heartbeat_s=2.0)
    dying = LeasesDiscovery(cast(Any, OfTheKilled(leases)), clock, heartbeat_s=2.0)
    keeping = asyncio.create_task(dying.keep("http://dead:1", ["catalog"], asyncio.Event()))
    await until(here, "catalog", ["http://dead:1"])
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    clock.advance(3.9)
    assert await urls(here, "catalog") == ["http://dead:1"]
    clock.advance(1.2)
    assert await urls(here, "catalog") == []


class OfTheKilled:
    """Leases of a process that does not live to release them."""

    def __init__(self, leases: RowsLeases) -> None:
        self._leases = leases

    def __getattr__(self, name: str) -> Any:
        return getattr(self._leases, name)

    async def release(self, subject: str, holder: str) -> None:
        """Do nothing."""


async def until(discovery: LeasesDiscovery, part: str, wanted: list[str]) -> None:
    async with asyncio.timeout(PATIENT_S):
        while await urls(discovery, part) != wanted:
            await asyncio.sleep(0.01)
