"""Search hears what happens to titles and keeps its index in step."""

from collections.abc import Mapping, Sequence

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
from vitascope.search.contract import Search, SearchDocument

GROUP = "search"
_AT_ONCE = 200  # titles; making documents of more would hold the event loop too long
_PLAYABLE_FIRST = 0.5  # of two titles that match alike, the one that can be played comes first


def listen(bus: Bus, catalog: TitleRecords, search: Search) -> None:
    async def hear(news: Sequence[tuple[Event, Envelope]]) -> None:
        await refresh(catalog, search, [TitleId(event.key) for event, _ in news])

    bus.subscribe_batches(GROUP, (TitleChanged, TitlePublished, TitleTakenDown), hear)


async def refresh(catalog: TitleRecords, search: Search, title_ids: Sequence[TitleId]) -> None:
    """Read the titles as they are now, so that events heard twice or late do no harm."""
    shown = {title.id: title for title in await catalog.titles(title_ids) if title.shown}
    names = await catalog.genre_names()
    await search.index([document_of(title, names) for title in shown.values()])
    await search.remove([title_id for title_id in title_ids if title_id not in shown])


async def catch_up(catalog: TitleRecords, search: Search) -> int:
    """Index what is not, as after the index was lost: its events were heard long ago. Returns how
    many titles that were."""
    names, after, count = await catalog.genre_names(), None, 0
    while titles := await catalog.all_titles(after=after, limit=_AT_ONCE):
        shown = {t.id: t for t in titles if t.shown}
        lost = await search.unknown(list(shown))
        await search.index([document_of(shown[title_id], names) for title_id in lost])
        after, count = titles[-1].id, count + len(lost)
    return count


def document_of(title: Title, genre_names: Mapping[str, Mapping[str, str]]) -> SearchDocument:
    """Returns all the title's words, in every locale."""
    chapters = [words.name for episode in title.episodes for words in episode.wordings]
    synopses = [f"{words.tagline} {words.synopsis}" for words in title.wordings]
    named = {slug: genre_names.get(slug, {"": slug}) for slug in title.genres}
    return SearchDocument(
        title_id=title.id,
        names=tuple(dict.fromkeys(words.name for words in title.wordings)),
        people=tuple(dict.fromkeys(credit.name for credit in title.credits)),
        genres=tuple(dict.fromkeys(name for names in named.values() for name in names.values())),
        tags=title.tags,
        text=" ".join([*synopses, *chapters]),
        year=title.year,
        rights=title.rights,
        popularity=_PLAYABLE_FIRST if title.playable else 0.0,
    )
