"""What a process does between being told to stop and its end."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.clocks import until_asleep
from tests.forked import context, serving
from tests.ports import free_port
from tests.publishing.role import run
from vitascope import settings as service_settings
from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.assembly.process import Process
from vitascope.kernel.clock import HeldClock
from vitascope.operations.processes import say_ready
from vitascope.roles.running import _announce, _until

LINGER_S = 2.5


async def test_it_says_so_at_once_and_keeps_its_port_until_others_have_heard() -> None:
    clock, stop, closing = HeldClock(), asyncio.Event(), asyncio.Event()
    inner = SimpleNamespace(draining=asyncio.Event())
    process = SimpleNamespace(engines=SimpleNamespace(clock=clock), linger_s=LINGER_S)
    leaving = asyncio.create_task(_announce(cast(Any, process), cast(Any, inner), stop, closing))
    await asyncio.sleep(0)
    assert not inner.draining.is_set()
    stop.set()
    await until_asleep(clock, 1, within_s=LINGER_S)
    assert inner.draining.is_set()
    clock.advance(LINGER_S * 0.9)
    await asyncio.sleep(0)
    assert not closing.is_set()
    clock.advance(LINGER_S * 0.2)
    await leaving
    assert closing.is_set()


async def test_others_are_told_before_and_tasks_run_until_all_is_answered() -> None:
    stop, answered, happened = asyncio.Event(), asyncio.Event(), list[str]()

    async def listens() -> None:
        await stop.wait()
        await answered.wait()
        happened.append("answered")

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            happened.append("work ends")

    async def tells() -> None:
        happened.append("told")
        raise OSError("nobody is there")

    ending = asyncio.create_task(_until(stop, [works], [listens], [tells]))
    await asyncio.sleep(0)
    assert not happened
    stop.set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert happened == ["told"]
    answered.set()
    await ending
    assert happened == ["told", "answered", "work ends"]


async def test_what_fails_ends_the_process_in_the_same_way() -> None:
    stop, happened = asyncio.Event(), list[str]()

    async def listens() -> None:
        await stop.wait()
        happened.append("answered")

    async def fails() -> None:
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="database is gone"):
        await _until(stop, [fails], [listens], [])
    assert happened == ["answered"]


def one_that_says_what_it_does(data: Path, said: Connection) -> None:
    """An edge in a process: what it does on leaving is said, and so is its end."""

    async def leaves() -> None:
        said.send("told")

    async def serves() -> None:
        say_ready()
        try:
            await asyncio.Event().wait()
        finally:
            said.send("closed")

    async def provide(engines: Engines, **neighbours: object) -> Offer:
        return Offer(tasks=(serves,), leaving=(leaves,), own_listener=True)

    run("edge", data=data, port=free_port(), name="edge-a", providers={"edge": provide})


async def test_a_process_that_is_stopped_tells_before_it_closes(data: Path) -> None:
    hears, said = context().Pipe(duplex=False)
    nobody = {"VITASCOPE_WIRE__API": "http://127.0.0.1:9"}  # it asks no neighbour anything
    started = partial(serving, one_that_says_what_it_does, data, said, log=data / "log")
    process = await asyncio.to_thread(started, environment=nobody)
    said.close()  # so that there is an end to what is heard
    process.terminate()
    try:
        assert await asyncio.to_thread(process.wait) == 0
        assert [hears.recv(), hears.recv()] == ["told", "closed"]
    finally:
        process.kill()


TWO = '{"ingest": ["http://a:1", "http://b:1"]}'


@pytest.mark.parametrize(
    ("found", "lingers"),
    [
        ({}, False),
        ({"ADDRESSES": '{"ingest": ["http://a:1"]}'}, False),
        ({"ADDRESSES": TWO}, True),
        ({"BY": "leases"}, True),
        ({"BY": "dns"}, True),
    ],
)
async def test_only_who_may_have_a_fellow_lingers(found: dict[str, str], lingers: bool) -> None:
    environment = {f"VITASCOPE_DISCOVERY__{name}": value for name, value in found.items()}
    settings = service_settings.load(None, environment)
    async with AsyncExitStack() as stack:
        process = Process(settings, (), stack)
        assert process.linger_s == 0, "nobody calls it"
        process._offers["ingest"] = Offer(contracts={"ingest": object()})
        assert process.linger_s == (settings.discovery.linger_s if lingers else 0)
        assert settings.discovery.linger_s > settings.discovery.refresh_s
