"""Several real processes, or servers, that do the same, asked as one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol, cast

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Router, get

from tests.clocks import PATIENT_S, HeldTimer
from tests.contracts.here_and_apart import SECRET, serving
from tests.ports import free_port
from vitascope.engines.discovery import Instance
from vitascope.engines.wire import Pool, WireKeys, WireRefused, derived, dial, hang_up, wire_router
from vitascope.engines.wire.failures import CutOff, NotReached
from vitascope.engines.wire.line import Call
from vitascope.kernel.clock import Clock, HeldClock, SystemClock
from vitascope.kernel.errors import TooLarge, Unavailable

TIMEOUT_S = PATIENT_S


class Bell(Protocol):
    async def ring(self) -> str: ...

    async def hold(self, seconds: float) -> str: ...

    async def fill(
        self, name: str, chunks: AsyncIterator[bytes], *, most: int = 1 << 30
    ) -> int: ...


class OneBell:
    """Answers its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rung = 0
        self.filled: list[int] = []
        self.broken: list[str] = []

    async def ring(self) -> str:
        self.rung += 1
        return self.name

    async def hold(self, seconds: float) -> str:
        self.rung += 1
        await asyncio.sleep(seconds)
        return self.name

    async def fill(self, name: str, chunks: AsyncIterator[bytes], *, most: int = 1 << 30) -> int:
        total = 0
        try:
            async for chunk in chunks:
                total += len(chunk)
                self.filled.append(total)
                if total > most:
                    raise TooLarge(f"{name} is too large.")
        except ConnectionAbortedError as gone:
            self.broken.append(str(gone))
            raise
        return total


class Tower:
    """One server with a bell, which can be stopped, opened again, and told to drain."""

    def __init__(self, name: str) -> None:
        self.bell = OneBell(name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.draining = False
        self._server: Server | None = None
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        @get("/readyz")
        async def readyz() -> str:
            return "ready"

        router = wire_router((Bell, self.bell), secret=SECRET, is_draining=lambda: self.draining)
        self._server = Server(
            Litestar([router, readyz]),
            port=self.port,
            interface=Interfaces.ASGI,
            websockets=False,
            log_enabled=False,
        )
        self._running = asyncio.create_task(self._server.serve())
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                await writer.wait_closed()
                return

    async def close(self) -> None:
        if self._server is not None and self._running is not None:
            self._server.stop()  # type: ignore[no-untyped-call]
            await self._running
            self._server = None


class Listed:
    """A discovery whose list the test changes."""

    def __init__(self, towers: Sequence[Tower]) -> None:
        self.urls = [tower.url for tower in towers]
        self.asked = 0

    async def instances(self, part: str) -> tuple[Instance, ...]:
        self.asked += 1
        return tuple(Instance(url=url) for url in self.urls)


@asynccontextmanager
async def several(
    count: int, *, refresh_s: float = 0.2, clock: Clock | None = None
) -> AsyncIterator[tuple[Bell, list[Tower], Listed]]:
    towers = [Tower(name) for name in "abc"[:count]]
    listed = Listed(towers)
    async with AsyncExitStack() as stack:
        for tower in towers:
            await tower.open()
            stack.push_async_callback(tower.close)
        pool = Pool(
            "bell", listed, clock or SystemClock(), refresh_s=refresh_s, timeout_s=TIMEOUT_S
        )
        stack.push_async_callback(pool.close)
        bell = dial(Bell, pool, SECRET, repeatable={"ring", "hold"})
        yield bell, towers, listed


async def until_from(bell: Bell, name: str) -> None:
    """Ring until that one answers."""
    async with asyncio.timeout(PATIENT_S):
        while await bell.ring() != name:
            await asyncio.sleep(0.01)


async def test_calls_are_spread() -> None:
    async with several(2) as (bell, towers, _):
        await asyncio.gather(*(bell.ring() for _ in range(60)))
        assert all(tower.bell.rung > 5 for tower in towers)


async def test_a_dead_one_is_left_and_no_call_fails() -> None:
    async with several(2) as (bell, towers, _):
        for name in "ab":
            await until_from(bell, name)
        await towers[0].close()
        assert [await bell.ring() for _ in range(20)] == ["b"] * 20


class CountedLine:
    """A process that is dead, or answers, and how often it was asked."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.in_flight = 0
        self.asked = 0
        self._failure = failure

    async def ask(self, call: Call) -> httpx.Response:
        self.asked += 1
        if self._failure is not None:
            raise self._failure
        return httpx.Response(200)

    async def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("failure", [NotReached("It is gone."), CutOff("It went meanwhile.")])
async def test_a_dead_one_is_asked_once_and_then_left(clock: HeldClock, failure: Exception) -> None:
    listed = Listed([])
    listed.urls = ["http://dead:1", "http://alive:1"]
    lines = {"http://dead:1": CountedLine(failure), "http://alive:1": CountedLine()}
    pool = Pool("bell", listed, clock, connect=cast(Any, lines.__getitem__))
    call = Call(path="/wire/bell/ring", body=b"", caller="x", key=b"k", repeatable=True)
    for _ in range(60):
        assert (await pool.ask(call)).status_code == 200
    await pool.close()
    assert {url: line.asked for url, line in lines.items()} == {
        "http://dead:1": 1,
        "http://alive:1": 60,
    }


async def test_one_that_comes_back_is_asked_again() -> None:
    async with several(2) as (bell, towers, _):
        await towers[0].close()
        assert [await bell.ring() for _ in range(5)] == ["b"] * 5
        await towers[0].open()
        await until_from(bell, "a")


async def test_a_new_one_is_taken_up_and_one_taken_from_the_list_is_not_asked() -> None:
    async with several(2) as (bell, towers, listed):
        listed.urls = [towers[0].url]
        assert await bell.ring() in "ab"  # the list was read by this call, or is as this one begins
        listed.urls = [towers[1].url]
        await until_from(bell, "b")
        rung = towers[0].bell.rung
        for _ in range(10):
            await bell.ring()
        assert towers[0].bell.rung == rung


async def test_one_that_drains_gets_nothing_new_and_ends_what_it_has() -> None:
    async with several(2) as (bell, towers, _):
        held = [asyncio.create_task(bell.hold(0.5)) for _ in towers]  # one each, as both are idle
        while not all(tower.bell.rung for tower in towers):
            await asyncio.sleep(0.01)
        towers[0].draining = True
        assert [await bell.ring() for _ in range(10)] == ["b"] * 10
        assert towers[0].bell.rung == 1
        assert {await one for one in held} == {"a", "b"}


async def test_an_idle_pool_asks_nobody() -> None:
    async with several(1, refresh_s=0.01) as (bell, _, listed):
        await bell.ring()
        asked = listed.asked
        await asyncio.sleep(0.2)
        assert listed.asked == asked


async def test_with_nobody_left_the_caller_hears_it() -> None:
    async with several(1) as (bell, towers, listed):
        await towers[0].close()
        with pytest.raises(Unavailable, match=r"cannot be reached|broke the connection"):
            await bell.ring()
        listed.urls = []
        await asyncio.sleep(0.3)
        async with asyncio.timeout(PATIENT_S):
            while True:
                with pytest.raises(Unavailable) as nobody:
                    await bell.ring()
                if "was found" in nobody.value.detail:
                    break


async def test_a_hung_one_is_left_and_its_calls_are_answered_by_another() -> None:
    clock = HeldTimer()
    async with several(2, clock=clock) as (bell, towers, _):
        begun: list[str] = []

        async def hang() -> str:
            begun.append("hung")
            await asyncio.Event().wait()
            return "never"

        towers[0].bell.ring = hang  # type: ignore[method-assign]
        for _ in range(12):
            ringing = asyncio.create_task(bell.ring())
            known = len(begun)
            while not ringing.done():
                if len(begun) > known:
                    known = len(begun)
                    clock.advance(TIMEOUT_S)
                await asyncio.sleep(0.005)
            assert await ringing == "b"
        assert len(begun) <= 2


# -- streams


async def pieces(count: int, size: int = 100_000) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_stream_travels_piece_by_piece() -> None:
    async with several(1) as (bell, towers, _):
        assert await bell.fill("film", pieces(50)) == 5_000_000
        assert len(towers[0].bell.filled) > 5
        assert await bell.fill("nothing", pieces(0)) == 0


async def test_a_stream_is_sent_to_another_when_the_first_is_dead() -> None:
    """Nothing of it was sent: a dead process is found before."""
    async with several(2, clock=HeldTimer()) as (bell, towers, _):
        await asyncio.gather(*(bell.ring() for _ in range(20)))
        await towers[0].close()
        for _ in range(10):
            assert await bell.fill("film", pieces(3)) == 300_000


async def test_an_error_before_the_end_of_a_stream_arrives() -> None:
    async with several(1) as (bell, _, _listed):
        with pytest.raises(TooLarge, match="film is too large"):
            await bell.fill("film", pieces(4), most=150_000)


async def test_a_stream_that_breaks_off_is_told_there() -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"y" * 1000
        raise ConnectionAbortedError("the client left")

    async with several(1) as (bell, towers, _):
        with pytest.raises(ConnectionAbortedError):
            await bell.fill("film", breaks())
        async with asyncio.timeout(PATIENT_S):
            while not towers[0].bell.broken:
                await asyncio.sleep(0.01)


# -- who may


async def test_a_caller_may_call_only_what_it_may() -> None:
    router = wire_router(
        (Bell, OneBell("a")),
        secret=SECRET,
        may=lambda caller, _domain, method: caller == "ringer" and method == "ring",
    )
    async with serving_bell(router) as url:
        ringer = dial(Bell, url, SECRET, caller="ringer")
        thief = dial(Bell, url, SECRET, caller="thief")
        assert await ringer.ring() == "a"
        with pytest.raises(WireRefused, match=r"ringer may not call test_pool\.hold"):
            await ringer.hold(0)
        with pytest.raises(WireRefused, match=r"thief may not call"):
            await thief.ring()
        await hang_up(ringer)
        await hang_up(thief)


async def test_the_key_of_one_caller_signs_for_no_other() -> None:
    """Whoever has stolen the key of a pair can make its calls and no others."""
    stolen = WireKeys(given={("worker", "test_pool"): derived(SECRET, "worker", "test_pool")})
    async with serving_bell(wire_router((Bell, OneBell("a")), secret=SECRET)) as url:
        worker = dial(Bell, url, stolen, caller="worker")
        assert await worker.ring() == "a"
        await hang_up(worker)
        with pytest.raises(WireRefused, match="no key"):
            dial(Bell, url, stolen, caller="gateway")
        as_another = WireKeys(given={("gateway", "test_pool"): stolen.of("worker", "test_pool")})
        liar = dial(Bell, url, as_another, caller="gateway")
        with pytest.raises(WireRefused, match="not signed"):
            await liar.ring()
        await hang_up(liar)


@asynccontextmanager
async def serving_bell(router: Router) -> AsyncIterator[str]:
    async with serving(Litestar([router])) as url:
        yield url
