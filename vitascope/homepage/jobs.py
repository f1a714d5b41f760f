"""What the home page hears: prepared rows that news made wrong are forgotten, and a removed
profile takes its history with it."""

from vitascope.catalog import TitleChanged, TitlePublished, TitleTakenDown
from vitascope.engines.bus import Bus
from vitascope.engines.cache import Cache, begin_generation
from vitascope.homepage.desk import CATALOG, taste_of
from vitascope.identity import ProfileRemoved
from vitascope.kernel.events import Envelope, Event
from vitascope.viewing import ListChanged, ThumbGiven, TitleFinished, Viewing


async def listen(bus: Bus, cache: Cache) -> None:
    """Each process may have a cache of its own, and hears of everything."""

    async def titles_changed(_event: Event, _: Envelope) -> None:
        await begin_generation(cache, CATALOG)

    async def taste_changed(event: Event, _: Envelope) -> None:
        await begin_generation(cache, taste_of(event.key))

    news = (TitleChanged, TitlePublished, TitleTakenDown)
    await bus.overhear(news, titles_changed)
    await bus.overhear((ThumbGiven, ListChanged, TitleFinished), taste_changed)


def follow_profiles(bus: Bus, viewing: Viewing, *, group: str = "viewing-profiles") -> None:
    async def removed(event: Event, _: Envelope) -> None:
        if isinstance(event, ProfileRemoved):
            await viewing.forget_profile(event.profile_id)

    bus.subscribe(group, (ProfileRemoved,), removed)
