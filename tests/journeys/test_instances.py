"""G2: processes of one part come, die and stop, while calls are made; by each way of finding them.

The caller is the product's own pool over the product's own discovery, in this process; what is
asked are processes as `vitascope run` makes them. Here it is `ingest`: its calls may be repeated,
but for an upload, which is held open here while its process is told to stop.
"""

import asyncio
import json
import multiprocessing
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec
import pytest

from tests.catalog.setup import PARTNER
from tests.engines.test_discovery import NameServer, name_server
from tests.films import films
from tests.journeys import one_part
from tests.ports import free_ports
from tests.servers import redis_server
from vitascope import settings as service_settings
from vitascope.assembly.adapters import ADAPTERS
from vitascope.assembly.domains import errors_of, repeatable
from vitascope.assembly.process import Process
from vitascope.catalog import TitleRecords
from vitascope.engines import wire
from vitascope.engines.discovery.dns import DnsDiscovery
from vitascope.engines.wire.balance import BalanceSettings
from vitascope.engines.wire.line import Call, Line
from vitascope.ingest import Ingest, UploadDraft
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import NotFound, Unavailable
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.settings import DiscoverySettings, Settings
from vitascope.steering import NoEdge, Steering, Where

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

ALARM_S = 240.0  # something hangs
CALLS = 20
WHERE = Where(country=Country("FR"), address="127.0.0.1")
FIRST = 1 << 20  # bytes of an upload that come at first, and as many later
ROLE = "ingest+catalog"
NO_FILM = UploadDraft(
    file_name="film.mp4", size=1, title_id=TitleId("ttl_none"), content_id=ContentId("ttl_none")
)
PATIENT = {
    # The machine has few cores, and is shared: what is tried is what happens to a call, not how
    # long it takes.
    "VITASCOPE_WIRE__TIMEOUT_S": "60",
    "VITASCOPE_GATEWAY__DRAIN_S": "200",
    "VITASCOPE_DISCOVERY__HEARTBEAT_S": "60",
    "VITASCOPE_STEERING__SILENCE_S": "120",
    "VITASCOPE_STEERING__SETTLE_S": "0.1",
}
LOADED = [
    "tests.journeys.one_part",
    "vitascope.gateway.app",
    *(f"vitascope.assembly.providers.{part}" for part in ("catalog", "ingest", "steering", "edge")),
    "vitascope.engines.rows.sqlite",
]


class Running:
    """Processes of this test, each with an inner listener of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {
            **PATIENT,
            "VITASCOPE_SERVICE__DATA": str(folder / "data"),
            **environment,
        }
        self.processes: dict[int, BaseProcess] = {}
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(LOADED)
        self._ends: list[Connection] = []

    def start(self, role: str, port: int, *, name: str = "") -> None:
        """Return when it serves."""
        ready, said = self._context.Pipe(duplex=False)
        lifeline, ours = self._context.Pipe(duplex=False)
        log = self.folder / f"{port}.log"
        own = {**self.environment, "VITASCOPE_SERVICE__INNER_PORT": str(port)}
        given = (role, name, port, own, said, lifeline, str(log))
        process = self._context.Process(target=one_part.run, args=given)
        process.start()
        said.close()
        lifeline.close()
        self._ends += [ours, ready]
        self.processes[port] = process
        began = wait([ready], timeout=ALARM_S) and os.read(ready.fileno(), 1)
        assert began, f"{role} did not start:\n{log.read_text()[-2000:]}"

    def kill(self, port: int) -> None:
        self.processes[port].kill()
        self.processes[port].join()

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.join()
        for end in self._ends:
            end.close()


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    processes = Running(folder, environment)
    try:
        yield processes
    finally:
        processes.close()


# -- ways of finding them


class Way(Protocol):
    """How the caller finds processes."""

    def environment(self) -> dict[str, str]: ...

    def there_are(self, *ports: int) -> None:
        """What whoever runs the service does when processes come and go."""
        ...


class ByList:
    """Both addresses are in the settings from the first, whether anybody is there or not."""

    def __init__(self, ports: tuple[int, ...]) -> None:
        self._ports = ports

    def environment(self) -> dict[str, str]:
        addresses = {part: [at(port) for port in self._ports] for part in ("ingest", "catalog")}
        return {"VITASCOPE_DISCOVERY__ADDRESSES": json.dumps(addresses)}

    def there_are(self, *ports: int) -> None:
        pass


class ByLeases:
    """Processes enter themselves."""

    def __init__(self, redis_url: str | None) -> None:
        self._redis_url = redis_url

    def environment(self) -> dict[str, str]:
        by = {"VITASCOPE_DISCOVERY__BY": "leases"}
        if self._redis_url is None:
            return by
        return by | {
            "VITASCOPE_ENGINES__LEASES": "redis",
            "VITASCOPE_ENGINES__LEASES_URL": self._redis_url,
        }

    def there_are(self, *ports: int) -> None:
        pass


class ByDns:
    """A name server has SRV records of those that are there, as Kubernetes keeps them."""

    def __init__(self, server: NameServer) -> None:
        self._server = server

    def environment(self) -> dict[str, str]:
        return {
            "VITASCOPE_DISCOVERY__BY": "dns",
            "VITASCOPE_DISCOVERY__DNS_NAME": "_wire._tcp.{part}.media",
        }

    def there_are(self, *ports: int) -> None:
        for part in ("ingest", "catalog"):
            name = f"_wire._tcp.{part}.media"
            self._server.services[name] = [("localhost", port) for port in ports]


WAYS = ("list", "leases in rows", "leases in redis", "dns")


class Callers:
    """The pool of a process that runs none of the parts, and whom it asked."""

    def __init__(self, settings: Settings, stack: AsyncExitStack, resolver: Any) -> None:
        adapters = ADAPTERS
        if resolver is not None:

            async def by_dns(_engines: object) -> DnsDiscovery:
                name = settings.discovery.dns_name
                return DnsDiscovery(name, port=1, resolver=resolver)

            discovery = {**ADAPTERS.discovery, "dns": by_dns}
            adapters = msgspec.structs.replace(ADAPTERS, discovery=discovery)
        self.settings = settings
        self.asked = Counter[int]()  # by port
        self._stack = stack
        self._process = Process(settings, (), stack, adapters=adapters)

    async def dial(self, protocol: type[Any], part: str, caller: str) -> Any:
        pool = wire.Pool(
            part,
            await self._process.engines.discovery(),
            SystemClock(),
            refresh_s=self.settings.discovery.refresh_s,
            timeout_s=self.settings.wire.timeout_s,
            connect=self._connect,
        )
        self._stack.push_async_callback(pool.close)
        return wire.dial(
            protocol,
            pool,
            await self._process.wire_keys(),
            errors_of(part),
            caller=caller,
            repeatable=repeatable(protocol),
        )

    async def draining(self, part: str) -> set[str]:
        discovery = await self._process.engines.discovery()
        return {one.url for one in await discovery.instances(part) if one.draining}

    def _connect(self, url: str) -> Line:
        return CountingLine(url, self.asked, timeout_s=self.settings.wire.timeout_s)


class CountingLine(Line):
    def __init__(self, url: str, asked: Counter[int], *, timeout_s: float) -> None:
        super().__init__(url, timeout_s=timeout_s)
        self._port = httpx.URL(url).port or 0
        self._asked = asked

    async def ask(self, call: Call) -> httpx.Response:
        self._asked[self._port] += 1
        return await super().ask(call)


def at(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("way", WAYS)
async def test_the_dead_are_left_the_new_taken_up_and_the_draining_spared(
    way: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        one, two, three = range(first := free_ports(3), first + 3)
        found, resolver = await found_by(way, (one, two), stack)
        if way == "list":
            three = one  # at the address where the first one was
        processes = stack.enter_context(running(tmp_path, found.environment()))
        settings = service_settings.load(None, processes.environment)
        callers = Callers(settings, stack, resolver)

        async def start(port: int) -> None:
            await asyncio.to_thread(processes.start, ROLE, port)

        await start(one)
        found.there_are(one)
        ingest: Ingest = await callers.dial(Ingest, "ingest", "gateway")
        await until_found(ingest)
        before = callers.asked[one]
        await asks(ingest)
        assert callers.asked[one] == before + CALLS, "nobody else is there"

        await start(two)
        found.there_are(one, two)
        await until_asked(ingest, callers, two)

        # killed: no call fails, and no more than two find out
        before = callers.asked[one]
        await asyncio.to_thread(processes.kill, one)
        await asks(ingest)
        assert callers.asked[one] <= before + 2

        await start(three)
        found.there_are(two, three)
        await until_asked(ingest, callers, three)

        await an_upload_outlives_the_order_to_stop(ingest, callers, processes, found, (two, three))


@pytest.mark.parametrize("way", ["list", "leases in rows"])
async def test_a_process_that_is_told_to_stop_fails_nobody_although_no_call_may_be_repeated(
    way: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        one, two = range(first := free_ports(2), first + 2)
        found, resolver = await found_by(way, (one, two), stack)
        processes = stack.enter_context(running(tmp_path, found.environment()))
        settings = service_settings.load(None, processes.environment)
        callers = Callers(settings, stack, resolver)
        for port in (one, two):
            await asyncio.to_thread(processes.start, ROLE, port)
        ingest: Ingest = await callers.dial(Ingest, "ingest", "gateway")
        await until_found(ingest)
        for port in (one, two):
            await until_asked(ingest, callers, port)
        told = asyncio.Event()

        async def creates() -> int:
            made = 0
            while not told.is_set():
                with pytest.raises(NotFound):  # what it says, and not that it was cut off
                    await ingest.create(PARTNER, NO_FILM)
                made += 1
            return made

        calling = [asyncio.create_task(creates()) for _ in range(8)]
        processes.processes[one].terminate()
        await asyncio.to_thread(processes.processes[one].join, ALARM_S)
        before = callers.asked[two]
        await until_asked(ingest, callers, two)
        told.set()
        assert min(await asyncio.gather(*calling)) > 0
        assert callers.asked[two] > before
        assert processes.processes[one].exitcode == 0


async def found_by(way: str, ports: tuple[int, ...], stack: AsyncExitStack) -> tuple[Way, Any]:
    if way == "list":
        return ByList(ports), None
    if way == "dns":
        server, resolver = await stack.enter_async_context(name_server())
        return ByDns(server), resolver
    url = stack.enter_context(redis_server()) if way == "leases in redis" else None
    return ByLeases(url), None


async def until_found(ingest: Ingest) -> None:
    """A process serves before it has entered itself."""
    async with asyncio.timeout(ALARM_S):
        while True:
            try:
                await ingest.uploads(PARTNER)
                return
            except Unavailable:
                await asyncio.sleep(0.05)


async def asks(ingest: Ingest) -> None:
    for _ in range(CALLS):
        await ingest.uploads(PARTNER)


async def until_asked(ingest: Ingest, callers: Callers, port: int) -> None:
    known = callers.asked[port]
    async with asyncio.timeout(ALARM_S):
        while callers.asked[port] == known:
            await ingest.uploads(PARTNER)
            await asyncio.sleep(0.01)


async def an_upload_outlives_the_order_to_stop(
    ingest: Ingest, callers: Callers, processes: Running, found: Way, ports: tuple[int, int]
) -> None:
    records: TitleRecords = await callers.dial(TitleRecords, "catalog", "gateway")
    title = msgspec.structs.replace(films(1)[0], partner_id=PARTNER, genres=("drama",))
    await records.save(title)
    draft = UploadDraft(
        file_name="film.mp4", size=3 * FIRST, title_id=title.id, content_id=ContentId(title.id)
    )
    upload = await ingest.create(PARTNER, draft)
    go_on = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * FIRST
        await go_on.wait()
        yield b"y" * FIRST

    before = callers.asked.copy()
    sending = asyncio.create_task(ingest.append(PARTNER, upload.id, 0, pieces()))
    await until_written(processes.folder / "data" / "uploads")
    # a dead one that is still listed may have been asked before, in vain
    (old,) = (callers.asked - before).keys() & set(ports)
    (new,) = set(ports) - {old}
    processes.processes[old].terminate()
    await until_it_drains(old)
    if isinstance(found, ByLeases):
        assert await callers.draining("ingest") == {at(old)}, "it is still in the list"
    found.there_are(new)

    # one call may be sent there and be sent back; it is answered by the other
    before = callers.asked.copy()
    await asks(ingest)
    assert callers.asked[old] <= before[old] + 1
    assert callers.asked[new] == before[new] + CALLS
    assert not sending.done()
    go_on.set()
    async with asyncio.timeout(ALARM_S):
        assert (await sending).offset == 2 * FIRST
    await asyncio.to_thread(processes.processes[old].join, ALARM_S)
    assert processes.processes[old].exitcode == 0
    await asks(ingest)
    assert [each.offset for each in await ingest.uploads(PARTNER)] == [2 * FIRST]


async def until_written(folder: Path) -> None:
    """Return when the first bytes are on disk: the call is under way."""

    def is_written() -> bool:
        return any(file.read_bytes()[:1] == b"x" for file in folder.rglob("*") if file.is_file())

    async with asyncio.timeout(ALARM_S):
        while not await asyncio.to_thread(is_written):
            await asyncio.sleep(0.02)


async def until_it_drains(port: int) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(ALARM_S):
        while (await http.get(f"{at(port)}/readyz")).status_code == 200:
            await asyncio.sleep(0.02)


def test_by_the_settings_a_new_process_is_taken_up_within_five_seconds() -> None:
    """It enters itself as it begins to serve; the list is read again after `refresh_s`; at an
    address where nobody was, somebody is looked for after the longest pause, at the next reading.
    """
    settings, balance = DiscoverySettings(), BalanceSettings()
    assert settings.refresh_s + balance.longest_pause_s < 5.0


async def test_steering_that_starts_later_hears_from_edges_that_are_there(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        one, two, edge = range(first := free_ports(3), first + 3)
        processes = stack.enter_context(running(tmp_path, ByLeases(None).environment()))
        await asyncio.to_thread(processes.start, "steering", one)
        await asyncio.to_thread(processes.start, "edge", edge, name="edge-a")
        settings = service_settings.load(None, processes.environment)
        keys = await Process(settings, (), stack).wire_keys()

        def steering(port: int) -> Steering:
            line = Line(at(port), timeout_s=ALARM_S)
            stack.push_async_callback(line.close)
            return wire.dial(Steering, line, keys, errors_of("steering"), caller="playback")

        assert await until_ranked(steering(one)) == ["edge-a"]
        await asyncio.to_thread(processes.start, "steering", two)
        assert await until_ranked(steering(two)) == ["edge-a"]
        await asyncio.to_thread(processes.kill, one)
        assert await until_ranked(steering(two)) == ["edge-a"]
        # an edge that is told to stop says so before it goes: nobody waits until it is silent
        processes.processes[edge].terminate()
        await asyncio.to_thread(processes.processes[edge].join, ALARM_S)
        with pytest.raises(NoEdge):
            await steering(two).rank(WHERE)


async def until_ranked(steering: Steering) -> list[str]:
    async with asyncio.timeout(ALARM_S):
        while True:
            try:
                return [ranked.edge_id for ranked in await steering.rank(WHERE)]
            except NoEdge:
                await asyncio.sleep(0.05)
