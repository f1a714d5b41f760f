"""No page keeps the event loop, and none costs much more in a larger catalogue: measured over 5,000
and 15,000 real films in processor time, so that what else the machine does counts for little."""

import asyncio
import gc
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tests.catalog.setup import GROWN, MemoryBlobs, MemoryOutbox, WholeCatalog
from tests.conftest import opened
from tests.films import films
from tests.growth import growth
from vitascope.catalog import CreditRole, Sort, Title, Wording
from vitascope.catalog import store as catalog_store
from vitascope.engines.bus.outbox import MIGRATIONS as OUTBOX
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.rows import Connection, Rows
from vitascope.homepage.cached_homepage import CachedHomepage
from vitascope.homepage.settings import HomepageSettings
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.ids import ProfileId
from vitascope.kernel.scope import Scope
from vitascope.kernel.viewer import Viewer
from vitascope.recommend.jobs import learn_all
from vitascope.recommend.live_model import LiveModel
from vitascope.recommend.settings import RecommendSettings
from vitascope.recommend.sparse import SparseRecommend
from vitascope.viewing import Thumb
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.store import RowsViewingStore

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]
_TIMES = 5
MOST_GROWTH = 1.5
"""Of processor time from 5,000 titles to 15,000."""
_PATIENT_S = 60.0  # a busy machine must not make a lesser page
_SETTINGS = RecommendSettings(viewing_timeout_s=_PATIENT_S)


class Pages:
    """Catalogue, viewing, recommendation and home over so many titles."""

    def __init__(self, titles: list[Title], stack: AsyncExitStack) -> None:
        self.titles = titles
        self._stack = stack
        self._new = itertools.count()  # of viewers for whom nothing is prepared

    async def open(self, folder: Path) -> "Pages":
        clock = SystemClock()
        rows = await self._rows("catalog", folder)
        for first in range(0, len(self.titles), 500):
            await rows.write(partial(self._put, first=first))
        outbox, blobs = MemoryOutbox(), MemoryBlobs()
        self.catalog = WholeCatalog(rows=rows, outbox=outbox, blobs=blobs, clock=clock)
        self.model = LiveModel(clock=clock, settings=_SETTINGS)
        await learn_all(self.catalog, self.model)
        history: Any = RowsViewingStore(
            rows=await self._rows("viewing", folder), outbox=MemoryOutbox()
        )
        viewing = StoredViewing(store=history, clock=clock)
        for title in self.titles[:5]:
            await viewing.give_thumb(GROWN.profile_id, title.id, Thumb.LOVE)
        self.recommend = SparseRecommend(
            rows=await self._rows("recommend", folder), model=self.model, viewing=viewing,
            outbox=outbox, clock=clock, settings=_SETTINGS,
        )  # fmt: skip
        unasked: Any = None  # no page here searches
        self.home = CachedHomepage(
            catalog=self.catalog, viewing=viewing, search=unasked, recommend=self.recommend,
            cache=MemoryCache(clock=clock), clock=clock,
            settings=HomepageSettings(timeout_s=_PATIENT_S),
        )  # fmt: skip
        return self

    async def _rows(self, domain: str, folder: Path) -> Rows:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        migrations = [f"vitascope.{domain}.migrations", OUTBOX]
        rows = await opened(domain, "sqlite", folder, migrations)
        self._stack.push_async_callback(rows.close)
        return rows

    def _put(self, connection: Connection, first: int) -> None:
        for title in self.titles[first : first + 500]:
            catalog_store.put(connection, title)

    def questions(self) -> dict[str, Callable[[], Awaitable[object]]]:
        similar_to = self.titles[3].id

        def stranger() -> Viewer:
            return msgspec.structs.replace(GROWN, profile_id=ProfileId(f"pro_{next(self._new)}"))

        def unprepared() -> Viewer:
            return msgspec.structs.replace(GROWN, locale=f"en-x{next(self._new)}")

        return {
            "home built": lambda: self.home.home(stranger()),
            "home built by a taste": lambda: self.home.home(unprepared()),
            "home cached": lambda: self.home.home(GROWN),
            "row": self._row,
            "catalogue page": lambda: self.catalog.browse(GROWN),
            "catalogue page by name": lambda: self.catalog.browse(GROWN, sort=Sort.NAME),
            "genres": lambda: self.catalog.genres(GROWN),
            "title page": lambda: self.home.title(GROWN, similar_to),
            "similar": lambda: self.recommend.similar(similar_to, Scope.of(GROWN, 1)),
        }

    async def _row(self) -> None:
        page = await self.home.home(GROWN)
        token = next(row.next_page_token for row in page.rows if row.next_page_token)
        await self.home.row(GROWN, token)


async def cost(ask: Callable[[], Awaitable[object]]) -> float:
    """Returns the processor seconds of one question, all threads together: the least of some, for
    what else the machine does only adds to it."""
    await ask()
    spent = []
    for _ in range(_TIMES):
        begun = time.process_time()
        await ask()
        spent.append(time.process_time() - begun)
    return min(spent)


def told(titles: list[Title]) -> list[Title]:
    """As the first of its cast had directed each; three in four can be played."""
    return [
        msgspec.structs.replace(
            title,
            playable=n % 4 > 0,
            added_at_ms=n,
            credits=tuple(
                msgspec.structs.replace(credit, role=CreditRole.DIRECTOR) if not k else credit
                for k, credit in enumerate(title.credits[:6])
            ),
        )
        for n, title in enumerate(titles)
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def many(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pages]:
    titles = told(await asyncio.to_thread(films))
    folder = tmp_path_factory.mktemp("pages")
    async with AsyncExitStack() as stack:
        yield await Pages(titles, stack).open(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fewer(many: Pages, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pages]:
    """A third of the same titles."""
    folder = tmp_path_factory.mktemp("fewer")
    async with AsyncExitStack() as stack:
        yield await Pages(many.titles[:5000], stack).open(folder)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The processor time that each step of the event loop takes of its own thread."""
    taken: list[float] = []
    run = asyncio.events.Handle._run

    def timed(handle: asyncio.events.Handle) -> None:
        begun = time.thread_time()
        run(handle)
        taken.append(time.thread_time() - begun)

    monkeypatch.setattr(asyncio.events.Handle, "_run", timed)
    gc.disable()  # a look at all that the tests have loaded is not the service's
    yield taken
    gc.enable()


async def test_no_step_of_the_event_loop_looks_at_every_title(
    many: Pages, steps: list[float]
) -> None:
    """A step that did would take longer than reading the rights of every title once."""
    one_look = look_at_all(many.titles)
    await asyncio.sleep(0)  # this look was a step of its own
    asked = {name: cost(ask) for name, ask in many.questions().items()}
    longest = {}
    for name, asking in asked.items():
        steps.clear()
        await asking
        longest[name] = max(steps, default=0.0)
    await asyncio.sleep(0)
    steps.clear()
    for title in many.titles[:30]:
        await many.catalog.save(msgspec.structs.replace(title, genres=("drama",)))
        await many.catalog.browse(GROWN)
    longest["a title changes"] = max(steps)
    steps.clear()
    await many.model.renew()
    longest["a new model"] = max(steps)
    assert {name: took for name, took in longest.items() if took > one_look} == {}


async def test_no_step_is_long_while_many_titles_are_written(
    many: Pages, steps: list[float]
) -> None:
    """An import, beside pages that want every order: all of these move or are made anew."""
    one_look = look_at_all(many.titles)
    locales = ("de", "es", "fi", "fr", "it", "ja", "nl", "pt", "sv")
    words = tuple(Wording(locale=each, name=f"In {each}") for each in ("en", *locales))
    changed = [msgspec.structs.replace(many.titles[-1], wordings=words, genres=("drama",))]
    changed += [
        msgspec.structs.replace(each, year=each.year + 1, genres=("drama",))
        for each in many.titles[:650]
    ]
    longest = {}
    for name, first, count in (("some", 0, 150), ("many", 150, 501)):
        await many.catalog.save(changed[0])
        await ask_for_every_order(many, locales)
        await asyncio.sleep(0)
        steps.clear()
        for begin in range(first, first + count, 50):
            await many.catalog.save_all(changed[begin : begin + 50])
            if name == "some":
                await ask_for_every_order(many, locales)
        await ask_for_every_order(many, locales)
        await many.home.home(GROWN)
        longest[name] = max(steps)
    assert {name: took for name, took in longest.items() if took > one_look} == {}


async def ask_for_every_order(pages: Pages, locales: Sequence[str]) -> None:
    for locale in locales:
        who = msgspec.structs.replace(GROWN, locale=locale)
        await pages.catalog.browse(who, sort=Sort.NAME)
    for sort in Sort:
        await pages.catalog.browse(GROWN, sort=sort)


def look_at_all(titles: Sequence[Title]) -> float:
    """Returns the seconds of this thread that reading the rights of every title once takes, some
    10 ms for 15,000."""
    scope = Scope.of(GROWN, 1)
    begun = time.thread_time()
    assert [title for title in titles if scope.holds(title.rights)]
    return time.thread_time() - begun


async def test_no_page_costs_half_as_much_again_in_a_catalogue_three_times_the_size(
    fewer: Pages, many: Pages
) -> None:
    asked, asked_of_many = fewer.questions(), many.questions()
    grown = {
        name: await growth(
            partial(cost, asked[name]), partial(cost, asked_of_many[name]), most=MOST_GROWTH
        )
        for name in asked
    }
    assert {name: times for name, times in grown.items() if times > MOST_GROWTH} == {}


async def test_the_garbage_collector_hardly_looks_at_titles(
    many: Pages, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However many there are: its full look holds every thread of the process. What it goes
    through is counted, for time depends on the machine: containers, and what is in them."""
    added = {}
    for count in (50, 100, 5_000):  # what is loaded once comes with the first
        folder = tmp_path_factory.mktemp("looked")
        async with AsyncExitStack() as stack:
            before = _looked_at()
            pages = await Pages(many.titles[:count], stack).open(folder)
            for ask in pages.questions().values():
                await ask()
            added[count] = _looked_at() - before
    assert added[5_000] - added[100] < 3 * 4_900


def _looked_at() -> int:
    for _ in range(3):  # tuples are left alone once they were seen, and after what is in them
        gc.collect()
    tracked = gc.get_objects()
    return len(tracked) + sum(
        len(each) for each in tracked if isinstance(each, list | tuple | dict | set)
    )
