"""A catalogue of films and a series, which people watch; and whole home pages of it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.catalog.setup import GROWN, asset, film, series
from tests.homepage.setup import Setup
from vitascope.catalog import Credit, CreditRole, Title
from vitascope.homepage import Home, HomeRow
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import ContentId, PersonId, ProfileId, SessionId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.viewing import Progress

T = TypeVar("T")


def by(name: str) -> tuple[Credit, ...]:
    return (Credit(person_id=PersonId(f"per_{name}"), name=name, role=CreditRole.DIRECTOR),)


def shelf_of_films() -> list[Title]:
    saga = series("Saga", 2, 1, genres=("adventure",))
    return [
        *(film(f"Comedy {n}", genres=("comedy",), credits=by("Keaton")) for n in range(9)),
        *(film(f"Horror {n}", genres=("horror",), maturity=Maturity.SIXTEEN) for n in range(5)),
        *(film(f"Drama {n}", credits=by("Murnau") if n < 2 else ()) for n in range(30)),
        saga,
    ]


async def publish(setup: Setup, *titles: Title) -> None:
    for title in titles:
        await setup.catalog.publish(title.id, asset(title.id))


async def watch(
    setup: Setup,
    content: str,
    position_ms: int,
    *,
    title: str | None = None,
    profile: ProfileId = GROWN.profile_id,
    at_ms: int = 1,
) -> None:
    await setup.viewing.record(
        [
            Progress(
                profile_id=profile,
                content_id=ContentId(content),
                title_id=TitleId(title or content),
                position_ms=position_ms,
                duration_ms=60_000,
                session_id=SessionId(f"ses_{at_ms}"),
                session_started_at_ms=at_ms,
                sequence=1,
                at_ms=at_ms,
            )
        ]
    )


async def until(true: Callable[[], bool]) -> None:
    """While what was begun behind an answer goes on."""
    async with asyncio.timeout(120):
        while not true():
            await asyncio.sleep(0.02)


async def patiently(clock: HeldClock, asked: Coroutine[Any, Any, T]) -> T:
    """The answer, while time goes on: what hangs is waited for until its limit passes. Whatever a
    thread is busy with costs no time."""
    loop, busy = asyncio.get_running_loop(), set[asyncio.Future[Any]]()
    run_in_executor = loop.run_in_executor

    def noted(executor: Any, work: Callable[..., Any], *given: Any) -> asyncio.Future[Any]:
        running = run_in_executor(executor, work, *given)
        busy.add(running)
        running.add_done_callback(busy.discard)
        return running

    loop.run_in_executor = noted  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(asked)
    while not task.done():
        await asyncio.sleep(0.001)
        for _ in range(100):  # what came out of a thread goes on
            await asyncio.sleep(0)
        if not busy:
            clock.advance(0.03)
    return task.result()


def row(home: Home, row_id: str) -> HomeRow:
    return next(row for row in home.rows if row.id == row_id)


async def everything(setup: Setup, who: Any) -> Home:
    """All pages of rows, and all tiles of each row."""
    home = await setup.homepage.home(who)
    rows, token = list(home.rows), home.next_page_token
    while token:
        page = await setup.homepage.home(who, page_token=token)
        rows, token = [*rows, *page.rows], page.next_page_token
    whole = []
    for each in rows:
        tiles, more = list(each.tiles), each.next_page_token
        while more:
            part = await setup.homepage.row(who, more)
            tiles, more = [*tiles, *part.tiles], part.next_page_token
        whole.append(HomeRow(id=each.id, kind=each.kind, heading=each.heading,
                             reason=each.reason, tiles=tuple(tiles)))  # fmt: skip
    return Home(billboard=home.billboard, rows=tuple(whole))
