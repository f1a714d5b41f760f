"""What the home page hears: prepared rows that news made wrong are forgotten, and a removed
profile takes its history with it."""

from vitascope.catalog import TitleChanged, TitlePublished, TitleTakenDown
from vitascope.engines.bus import Bus
from vitascope.engines.cache import Cache
from vitascope.identity import ProfileRemoved
from vitascope.kernel.events import Envelope, Event
from vitascope.viewing import ListChanged, ThumbGiven, TitleFinished, Viewing


def listen(bus: Bus, cache: Cache, *, group: str = "homepage") -> None:
    """Each process with a cache of its own listens under a name of its own."""

    async def titles_changed(_event: Event, _: Envelope) -> None:
        await cache.forget_prefix("home:")

    async def taste_changed(event: Event, _: Envelope) -> None:
        await cache.forget_prefix(f"home:{event.key}:")

    news = (TitleChanged, TitlePublished, TitleTakenDown)
    bus.subscribe(f"{group}-titles", news, titles_changed)
    bus.subscribe(f"{group}-taste", (ThumbGiven, ListChanged, TitleFinished), taste_changed)


def follow_profiles(bus: Bus, viewing: Viewing, *, group: str = "viewing-profiles") -> None:
    async def removed(event: Event, _: Envelope) -> None:
        if isinstance(event, ProfileRemoved):
            await viewing.forget_profile(event.profile_id)

    bus.subscribe(group, (ProfileRemoved,), removed)
