"""A house with all that the home page asks, each of which can be broken."""

import asyncio
from typing import Any

from tests.catalog.shelves import HeardOutbox, HeldBlobs, WholeCatalog
from tests.conftest import OpenRows
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText
from vitascope.homepage.desk import HomepageDesk
from vitascope.homepage.settings import HomepageSettings
from vitascope.kernel.clock import HeldClock
from vitascope.recommend.jobs import learn_all
from vitascope.recommend.taste import TraitsTaste
from vitascope.search.finder import SearchFinder
from vitascope.search.jobs import catch_up
from vitascope.viewing.diary import ViewingDiary


class Breakable:
    """Passes calls on; once broken, every call fails or hangs."""

    def __init__(self, target: object) -> None:
        self._target = target
        self.broken: str = ""
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            if self.broken == "fails":
                raise RuntimeError("broken on purpose")
            if self.broken == "hangs":
                await asyncio.Event().wait()
            return await method(*args, **kwargs)

        return call


class House:
    catalog: Any
    viewing: Any
    search: Any
    recommend: Any
    text: SqliteText
    cache: MemoryCache
    desk: HomepageDesk

    async def open(self, open_rows: OpenRows, clock: HeldClock) -> "House":
        outbox, blobs = HeardOutbox(), HeldBlobs()
        rows = [await open_rows(domain) for domain in ("catalog", "viewing", "search")]
        words = await open_rows("text", migrations=[MIGRATIONS])
        self.text = SqliteText(words)
        shelf = WholeCatalog(rows=rows[0], outbox=outbox, blobs=blobs, clock=clock)  # type: ignore[arg-type]
        self.catalog = Breakable(shelf)
        self.viewing = Breakable(ViewingDiary(rows=rows[1], outbox=outbox, clock=clock))
        self.search = Breakable(SearchFinder(rows=rows[2], text=self.text))
        self.recommend = Breakable(TraitsTaste())
        self.cache = MemoryCache(clock=clock)
        self.desk = HomepageDesk(
            catalog=self.catalog,
            records=self.catalog,
            viewing=self.viewing,
            search=self.search,
            recommend=self.recommend,
            cache=self.cache,
            clock=clock,
            settings=HomepageSettings(),
        )
        return self

    async def learn(self) -> None:
        await learn_all(self.catalog, self.recommend)
        await catch_up(self.catalog, self.search)
