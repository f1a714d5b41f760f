"""A contract carried over HTTP: everything that can be said, and everything that can go wrong."""

import asyncio
import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NewType, Protocol

import httpx
import msgspec
import pytest
from litestar import Litestar, get

from tests.clocks import PATIENT_S, HeldTimer
from tests.contracts.here_and_apart import SECRET, placed, serving
from tests.ports import free_port
from vitascope.engines import guard
from vitascope.engines.wire import (
    Line,
    RemoteFault,
    WireRefused,
    check_signature,
    derived,
    dial,
    digest_of,
    domain_of,
    errors_of,
    hang_up,
    methods_of,
    signed,
    wire_router,
)
from vitascope.engines.wire.serve import LARGEST_CALL
from vitascope.kernel import errors as kernel_errors
from vitascope.kernel.clock import HeldClock, SystemClock
from vitascope.kernel.errors import (
    Conflict,
    DeadlineExceeded,
    NotFound,
    Unavailable,
    VitascopeError,
)
from vitascope.kernel.ids import TitleId
from vitascope.kernel.maturity import Maturity

StampId = NewType("StampId", str)


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    id: StampId
    colour: Colour = Colour.RED
    maturity: Maturity = Maturity.ALL
    tags: tuple[str, ...] = ()


FIRST = Stamp(id=StampId("default"))


class StampTaken(Conflict):
    code = "stamp-taken"


class PickyError(Conflict):
    """An error whose `__init__` wants more than a sentence."""

    code = "picky"

    def __init__(self, who: str, *, since_ms: int) -> None:
        super().__init__(f"{who} has it.", who=who, since_ms=since_ms)


class Album(Protocol):
    async def many(
        self, ids: Sequence[StampId], *, colour: Colour | None = None, limit: int = 3
    ) -> list[Stamp]: ...

    async def by_colour(self, stamps: Mapping[Colour, StampId]) -> dict[Colour, Stamp]: ...

    async def pair(self, stamp: Stamp = FIRST) -> tuple[Stamp, str | None]: ...

    async def bits(self, data: bytes, tags: frozenset[str]) -> frozenset[str]: ...

    async def nothing(self, title_id: TitleId | None) -> None: ...

    async def fail(self, how: str) -> int: ...

    async def slow(self, seconds: float) -> float | None: ...

    def stream(self) -> AsyncIterator[bytes]: ...


class PaperAlbum:
    def __init__(self) -> None:
        self.asked: list[object] = []

    async def many(
        self, ids: Sequence[StampId], *, colour: Colour | None = None, limit: int = 3
    ) -> list[Stamp]:
        stamps = [Stamp(id=i, colour=colour or Colour.RED, tags=("a", i)) for i in ids]
        return stamps[:limit]

    async def by_colour(self, stamps: Mapping[Colour, StampId]) -> dict[Colour, Stamp]:
        return {c: Stamp(id=i, colour=c, maturity=Maturity.SIXTEEN) for c, i in stamps.items()}

    async def pair(self, stamp: Stamp = FIRST) -> tuple[Stamp, str | None]:
        return stamp, None

    async def bits(self, data: bytes, tags: frozenset[str]) -> frozenset[str]:
        return tags | {data.hex()}

    async def nothing(self, title_id: TitleId | None) -> None:
        self.asked.append(title_id)

    async def fail(self, how: str) -> int:
        if how == "taken":
            raise StampTaken("Somebody has it.", by=["Ada", 3, {"since": 1.5}])
        if how == "picky":
            raise PickyError("Ada", since_ms=5)
        if how == "missing":
            raise NotFound("No such stamp.")
        raise KeyError("a bug with a secret in it")

    async def slow(self, seconds: float) -> float | None:
        left = guard.remaining(SystemClock())
        self.asked.append("begun")
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.asked.append("cancelled")
            raise
        return left

    async def stream(self) -> AsyncIterator[bytes]:
        yield b""


ERRORS: list[type[VitascopeError]] = [StampTaken, PickyError]


@pytest.fixture(params=["here", "apart"])
async def album(request: pytest.FixtureRequest) -> AsyncIterator[Album]:
    async with placed(request.param, Album, PaperAlbum(), ERRORS) as door:
        yield door


@pytest.fixture
async def afar() -> AsyncIterator[tuple[Album, PaperAlbum]]:
    paper = PaperAlbum()
    async with placed("apart", Album, paper, ERRORS) as door:
        yield door, paper


async def test_sequences_keywords_and_defaults(album: Album) -> None:
    ids = [StampId("a"), StampId("b"), StampId("c"), StampId("d")]
    assert [s.id for s in await album.many(ids)] == ["a", "b", "c"]
    found = await album.many(tuple(ids), colour=Colour.BLUE, limit=1)
    assert found == [Stamp(id=StampId("a"), colour=Colour.BLUE, tags=("a", "a"))]
    assert await album.many([]) == []


async def test_dicts_keep_the_types_of_their_keys(album: Album) -> None:
    found = await album.by_colour({Colour.BLUE: StampId("x")})
    assert found == {
        Colour.BLUE: Stamp(id=StampId("x"), colour=Colour.BLUE, maturity=Maturity.SIXTEEN)
    }
    assert isinstance(next(iter(found)), Colour)
    assert isinstance(found[Colour.BLUE].maturity, Maturity)


async def test_tuples_bytes_sets_and_none(album: Album) -> None:
    assert await album.pair() == (Stamp(id=StampId("default")), None)
    assert await album.pair(Stamp(id=StampId("y"))) == (Stamp(id=StampId("y")), None)
    assert await album.bits(b"\x00\xff", frozenset({"t"})) == frozenset({"t", "00ff"})
    await album.nothing(None)
    await album.nothing(TitleId("ttl_1"))


async def test_a_wrong_call_is_a_type_error_before_anything_is_sent(album: Album) -> None:
    with pytest.raises(TypeError):
        await album.many([], 5)  # type: ignore[call-arg,arg-type]


async def test_an_error_is_the_same_class_with_all_it_said(album: Album) -> None:
    with pytest.raises(StampTaken) as taken:
        await album.fail("taken")
    assert taken.value.detail == "Somebody has it."
    assert taken.value.extra == {"by": ["Ada", 3, {"since": 1.5}]}
    with pytest.raises(PickyError) as picky:
        await album.fail("picky")
    assert picky.value.extra == {"who": "Ada", "since_ms": 5}
    with pytest.raises(NotFound):
        await album.fail("missing")


async def test_an_error_nobody_knows_keeps_its_kind_and_code() -> None:
    async with serving(Litestar([wire_router((Album, PaperAlbum()), secret=SECRET)])) as url:
        stranger = dial(Album, url, SECRET)  # knows no errors of the domain
        with pytest.raises(Conflict) as taken:
            await stranger.fail("taken")
        assert taken.value.code == "stamp-taken"
        await hang_up(stranger)


async def test_a_surprise_stays_over_there(afar: tuple[Album, PaperAlbum]) -> None:
    with pytest.raises(RemoteFault) as fault:
        await afar[0].fail("bug")
    assert "secret" not in str(fault.value)


async def test_the_deadline_travels_and_ends_the_work_over_there() -> None:
    paper, timer = PaperAlbum(), HeldTimer()  # by which the caller's own patience never ends
    async with serving(Litestar([wire_router((Album, paper), secret=SECRET)])) as url:
        album = dial(Album, Line(url, clock=timer, timeout_s=3 * PATIENT_S), SECRET)
        with guard.deadline(2 * PATIENT_S, timer):
            left = await album.slow(0)
        assert left is not None
        assert PATIENT_S < left <= 2 * PATIENT_S
        with guard.deadline(2, timer), pytest.raises(DeadlineExceeded):
            await album.slow(3600)
        await hang_up(album)
    assert paper.asked[-1] == "cancelled"


async def test_a_process_that_is_not_there_is_unavailable() -> None:
    album = dial(Album, f"http://127.0.0.1:{free_port()}", SECRET)
    with pytest.raises(Unavailable):
        await album.nothing(None)
    await hang_up(album)


async def test_something_else_at_the_address_is_a_remote_fault() -> None:
    @get("/")
    async def home() -> str:
        return "hello"

    async with serving(Litestar([home])) as url:
        album = dial(Album, url, SECRET)
        with pytest.raises(RemoteFault):
            await album.nothing(None)
        await hang_up(album)


async def test_a_call_signed_with_another_secret_is_refused() -> None:
    paper = PaperAlbum()
    async with serving(Litestar([wire_router((Album, paper), secret=SECRET)])) as url:
        stranger = dial(Album, url, b"another secret")
        with pytest.raises(WireRefused):
            await stranger.nothing(None)
        await hang_up(stranger)
        async with httpx.AsyncClient(timeout=PATIENT_S) as client:
            bare = await client.post(f"{url}/wire/test_wire/nothing", content=b"\x80")
        assert bare.status_code == 503
    assert paper.asked == []


PATH = "/wire/album/nothing"


BODY = digest_of(b"body")


def test_a_signature_covers_time_method_deadline_and_arguments() -> None:
    good = signed(SECRET, PATH, "500", BODY, 1_000_000)
    check_signature(SECRET, PATH, "500", BODY, good, 1_000_000 + 29_000)
    altered = [
        (b"other", PATH, "500", BODY, good, 1_000_000),
        (SECRET, "/wire/album/fail", "500", BODY, good, 1_000_000),
        (SECRET, PATH, "9999", BODY, good, 1_000_000),
        (SECRET, PATH, "500", digest_of(b"bodz"), good, 1_000_000),
        (SECRET, PATH, "500", BODY, good.replace("t=1", "t=2"), 2_000_000),
        (SECRET, PATH, "500", BODY, good, 1_000_000 + 31_000),
        (SECRET, PATH, "500", BODY, good, 1_000_000 - 31_000),
        (SECRET, PATH, "500", BODY, "", 1_000_000),
        (SECRET, PATH, "500", BODY, "t=٣,v1=ü", 1_000_000),
    ]
    for arguments in altered:
        with pytest.raises(WireRefused):
            check_signature(*arguments)


@pytest.mark.parametrize("end", ["", "/stream"])
async def test_of_a_call_that_is_not_signed_no_argument_is_read(end: str) -> None:
    """Its answer comes while the arguments that it announced are still to be sent."""
    unsigned = {"X-Vita-Body": announced(LARGEST_CALL), "X-Vita-Signature": "t=1,v1=0"}
    assert await answer_to_head(end, unsigned) == 503


@pytest.mark.parametrize("end", ["", "/stream"])
async def test_of_a_call_that_is_too_large_no_argument_is_read(end: str) -> None:
    digest, now_ms = announced(LARGEST_CALL + 1), SystemClock().now_ms()
    key = derived(SECRET, "", "test_wire")
    signature = signed(key, "/wire/test_wire/nothing", "", digest, now_ms)
    asked = {"X-Vita-Body": digest, "X-Vita-Signature": signature}
    assert await answer_to_head(end, asked) == 413


def announced(length: int) -> str:
    """The digest of arguments of this length, which nobody sends."""
    return f"{length}.{digest_of(b'').partition('.')[2]}"


async def answer_to_head(end: str, headers: Mapping[str, str]) -> int:
    """Returns the status that a call is answered with of which only the head is sent."""
    paper = PaperAlbum()
    async with serving(Litestar([wire_router((Album, paper), secret=SECRET)])) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        told = {"Host": host, "X-Vita-Caller": "", "Content-Length": str(LARGEST_CALL), **headers}
        head = [f"POST /wire/test_wire/nothing{end} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in told.items()]
        writer.write("\r\n".join([*head, "", ""]).encode())
        async with asyncio.timeout(PATIENT_S):
            status = int((await reader.readline()).split()[1])
        writer.close()
    assert paper.asked == []
    return status


async def test_the_arguments_must_be_those_that_were_signed() -> None:
    paper = PaperAlbum()
    async with serving(Litestar([wire_router((Album, paper), secret=SECRET)])) as url:
        path, now_ms, nil = (
            "/wire/test_wire/nothing",
            SystemClock().now_ms(),
            b"\x81\xa8title_id\xc0",
        )
        headers = {
            "x-vita-caller": "",
            "x-vita-body": digest_of(nil),
            "x-vita-signature": signed(
                derived(SECRET, "", "test_wire"), path, "", digest_of(nil), now_ms
            ),
        }
        async with httpx.AsyncClient(base_url=url, timeout=PATIENT_S) as client:
            for other in (b"\x81\xa8title_id\xa0", nil + b"\x00" * 100, b""):
                answer = await client.post(path, content=other, headers=headers)
                assert answer.status_code == 503
            assert paper.asked == []
            assert (await client.post(path, content=nil, headers=headers)).status_code == 200
    assert paper.asked == [None]


async def test_an_unknown_method_is_not_found() -> None:
    class Newer(Protocol):
        async def added_later(self) -> int: ...

    async with serving(Litestar([wire_router((Album, PaperAlbum()), secret=SECRET)])) as url:
        newer = dial(Newer, url, SECRET)
        with pytest.raises(NotFound):
            await newer.added_later()
        await hang_up(newer)


async def test_arguments_that_this_version_does_not_know_are_ignored() -> None:
    class Newer(Protocol):
        async def nothing(self, title_id: TitleId | None, *, added: int = 0) -> None: ...

    paper = PaperAlbum()
    async with serving(Litestar([wire_router((Album, paper), secret=SECRET)])) as url:
        newer = dial(Newer, url, SECRET)
        await newer.nothing(None, added=5)
        await hang_up(newer)
    assert paper.asked == [None]


def test_only_coroutines_travel() -> None:
    assert "many" in methods_of(Album)
    assert "stream" not in methods_of(Album)
    assert domain_of(Album) == "test_wire"


def test_errors_are_found_in_a_domain() -> None:
    found = errors_of(kernel_errors)
    assert NotFound in found
    assert DeadlineExceeded in found


async def test_with_no_time_left_nothing_is_sent(clock: HeldClock) -> None:
    line = Line("http://127.0.0.1:1", clock=clock)
    with guard.deadline(1, clock):
        clock.advance(1)
        with pytest.raises(DeadlineExceeded):
            await dial(Album, line).nothing(None)
