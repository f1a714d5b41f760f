"""All that the home page asks, each of which can be broken."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.catalog.setup import MemoryBlobs, MemoryOutbox, WholeCatalog
from tests.conftest import OpenRows
from vitascope.engines.bus import BatchHandler, Handler
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText
from vitascope.homepage.cached_homepage import CachedHomepage
from vitascope.homepage.settings import HomepageSettings
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.events import Envelope, Event
from vitascope.recommend.jobs import follow_tastes, follow_titles, learn_all
from vitascope.recommend.live_model import LiveModel
from vitascope.recommend.settings import RecommendSettings
from vitascope.recommend.sparse import SparseRecommend
from vitascope.search.finder import SearchFinder
from vitascope.search.jobs import catch_up
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.store import RowsViewingStore


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


class SpokenBus:
    """Tells every listener at once; what the real bus repeats, this one repeats too."""

    def __init__(self) -> None:
        self.listeners: list[tuple[str, Sequence[type[Event]], Handler]] = []

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, **_: Any
    ) -> None:
        assert group not in [known for known, _, _ in self.listeners], "one group, one listener"
        self.listeners.append((group, types, handler))

    def subscribe_batches(
        self, group: str, types: Sequence[type[Event]], handler: BatchHandler, **_: Any
    ) -> None:
        async def each(event: Event, envelope: Envelope) -> None:
            await handler([(event, envelope)])

        self.subscribe(group, types, each)

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        self.listeners.append((f"bystander {len(self.listeners)}", types, handler))

    async def overhear_batches(self, types: Sequence[type[Event]], handler: BatchHandler) -> None:
        async def each(event: Event, envelope: Envelope) -> None:
            await handler([(event, envelope)])

        await self.overhear(types, each)

    async def tell(self, event: Event, at_ms: int = 0) -> None:
        envelope = Envelope(id="e", type="", key=event.key, at_ms=at_ms, body=b"")
        for _, types, handler in self.listeners:
            if isinstance(event, tuple(types)):
                await handler(event, envelope)
                await handler(event, envelope)


class Informed:
    """Passes calls on, once recommendation has heard all that was announced before."""

    def __init__(self, target: object, setup: "Setup") -> None:
        self._target = target
        self._setup = setup

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._setup.inform_recommend()
            return await getattr(self._target, name)(*args, **kwargs)

        return call


class Setup:
    catalog: Any
    viewing: Any
    search: Any
    recommend: Any
    text: SqliteText
    cache: MemoryCache
    homepage: Any
    bus: Any

    async def open(self, open_rows: OpenRows, clock: HeldClock) -> "Setup":
        self.outbox, blobs = MemoryOutbox(), MemoryBlobs()
        outbox = self.outbox
        domains = ("catalog", "viewing", "search", "recommend")
        rows = [await open_rows(domain) for domain in domains]
        words = await open_rows("text", migrations=[MIGRATIONS])
        self.text = SqliteText(words)
        whole = WholeCatalog(rows=rows[0], outbox=outbox, blobs=blobs, clock=clock)
        self.catalog = Breakable(whole)
        history = RowsViewingStore(rows=rows[1], outbox=outbox)
        self.viewing = Breakable(StoredViewing(store=history, clock=clock))
        self.search = Breakable(SearchFinder(rows=rows[2], text=self.text))
        self.model = LiveModel(clock=clock, settings=RecommendSettings())
        self.sparse = SparseRecommend(
            rows=rows[3], outbox=MemoryOutbox(), model=self.model, viewing=self.viewing, clock=clock
        )
        self.recommend = Breakable(self.sparse)
        self.bus = SpokenBus()
        follow_tastes(self.bus, self.sparse)
        await follow_titles(self.bus, whole, self.model)
        self.cache = MemoryCache(clock=clock)
        self.homepage = Informed(self.again(clock=clock), self)
        return self

    def again(
        self, *, clock: HeldClock, settings: HomepageSettings | None = None
    ) -> CachedHomepage:
        """Another home page over the same neighbours."""
        return CachedHomepage(
            catalog=self.catalog,
            viewing=self.viewing,
            search=self.search,
            recommend=self.recommend,
            cache=self.cache,
            clock=clock,
            settings=settings,
        )

    async def inform_recommend(self) -> None:
        """What the bus does, between one request and the next."""
        heard, self.outbox.heard = self.outbox.heard, []
        for event in heard:
            await self.bus.tell(event)
        if heard:
            await self.model.renew()

    async def learn(self) -> None:
        await learn_all(self.catalog, self.model)
        await catch_up(self.catalog, self.search)
