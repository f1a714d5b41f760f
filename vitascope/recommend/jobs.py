"""Recommendation hears what happens to titles. The model lives in memory, so each process that
answers from it listens for itself, and learns all titles when it starts."""

from vitascope.catalog import (
    Title,
    TitleChanged,
    TitlePublished,
    TitleRecords,
    TitleTakenDown,
)
from vitascope.engines.bus import Bus
from vitascope.kernel.events import Envelope, Event
from vitascope.kernel.ids import TitleId
from vitascope.recommend.contract import Recommend, TitleTraits


async def listen(bus: Bus, catalog: TitleRecords, recommend: Recommend) -> None:
    """Before `learn_all`, so that nothing falls between."""

    async def hear(event: Event, _: Envelope) -> None:
        title_id = TitleId(event.key)
        shown = [t for t in await catalog.titles([title_id]) if t.shown]
        if shown:
            await recommend.learn([traits_of(title) for title in shown])
        else:
            await recommend.unlearn([title_id])

    await bus.overhear((TitleChanged, TitlePublished, TitleTakenDown), hear)


async def learn_all(catalog: TitleRecords, recommend: Recommend) -> int:
    """How many titles were learned."""
    after, count = None, 0
    while titles := await catalog.all_titles(after=after):
        shown = [traits_of(title) for title in titles if title.shown]
        await recommend.learn(shown)
        after, count = titles[-1].id, count + len(shown)
    return count


def traits_of(title: Title) -> TitleTraits:
    return TitleTraits(
        title_id=title.id,
        genres=title.genres,
        tags=title.tags,
        people=tuple(dict.fromkeys(credit.name for credit in title.credits)),
        year=title.year,
        countries=title.countries,
    )
