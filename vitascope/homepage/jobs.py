"""What the home page hears: prepared rows that news made wrong are forgotten."""

from collections.abc import Sequence

from vitascope.catalog import TitleChanged, TitlePublished, TitleTakenDown
from vitascope.engines.bus import Bus
from vitascope.engines.cache import Cache, begin_generation
from vitascope.homepage.cached_homepage import CATALOG, taste_of
from vitascope.kernel.events import Envelope, Event
from vitascope.recommend import TasteChanged


async def listen(bus: Bus, cache: Cache) -> None:
    """Hear of everything that changes pages. Each process may have a cache of its own."""

    async def titles_changed(_news: Sequence[tuple[Event, Envelope]]) -> None:
        await begin_generation(cache, CATALOG)

    async def taste_changed(event: Event, _: Envelope) -> None:
        await begin_generation(cache, taste_of(event.key))

    await bus.overhear_batches((TitleChanged, TitlePublished, TitleTakenDown), titles_changed)
    await bus.overhear((TasteChanged,), taste_changed)
