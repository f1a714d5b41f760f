"""What recommendation hears: titles, for the model that each process keeps in memory, and what
profiles watch, like and list, for the database that all processes share."""

import asyncio
from collections.abc import Sequence

from vitascope.catalog import TitleChanged, TitlePublished, TitleRecords, TitleTakenDown
from vitascope.engines.bus import Bus
from vitascope.kernel.events import Envelope, Event
from vitascope.kernel.ids import ProfileId, TitleId
from vitascope.recommend.live_model import LiveModel
from vitascope.recommend.past import on_list, thumbed, watched
from vitascope.recommend.sparse import SparseRecommend
from vitascope.recommend.store import Signal
from vitascope.recommend.traits import traits_of
from vitascope.viewing import (
    HistoryRemoved,
    ListChanged,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
)

GROUP = "recommend"
_BATCH = 100  # titles read at once
_AT_ONCE = 20  # titles learned between two turns of the event loop


async def follow_titles(bus: Bus, records: TitleRecords, model: LiveModel) -> None:
    """Hear of titles from now on. To be called before `learn_all`, so that nothing falls
    between."""

    async def hear(news: Sequence[tuple[Event, Envelope]]) -> None:
        title_ids = list(dict.fromkeys(TitleId(event.key) for event, _ in news))
        shown = {title.id: title for title in await records.titles(title_ids) if title.shown}
        for n, title_id in enumerate(title_ids):
            if title_id in shown:
                model.learn(traits_of(shown[title_id]))
            else:
                model.unlearn(title_id)
            if n % _AT_ONCE == 0:
                await asyncio.sleep(0)

    await bus.overhear_batches((TitleChanged, TitlePublished, TitleTakenDown), hear)


async def learn_all(records: TitleRecords, model: LiveModel) -> None:
    """Make the first model, of all titles."""
    after = None
    while titles := await records.all_titles(after=after, limit=_BATCH):
        for n, title in enumerate(titles):
            if title.shown:
                model.learn(traits_of(title))
            if n % _AT_ONCE == 0:
                await asyncio.sleep(0)
        after = titles[-1].id
    await model.renew()


def follow_tastes(bus: Bus, recommend: SparseRecommend) -> None:
    async def hear(news: Sequence[tuple[Event, Envelope]]) -> None:
        told = [_signal_of(event, envelope.at_ms) for event, envelope in news]
        await recommend.hear([each for each in told if each is not None])

    news = (ThumbGiven, ListChanged, TitleWatched, TitleFinished, HistoryRemoved)
    bus.subscribe_batches(GROUP, news, hear)


def _signal_of(event: Event, at_ms: int) -> tuple[ProfileId, Signal] | None:
    match event:
        case ThumbGiven():
            signal = thumbed(event.title_id, event.thumb, at_ms)
        case ListChanged(listed=bool(listed)):
            signal = on_list(event.title_id, at_ms, listed=listed)
        case TitleWatched():
            signal = watched(event.title_id, event.share, at_ms)
        case TitleFinished():
            signal = watched(event.title_id, 1.0, at_ms)
        case HistoryRemoved():
            signal = watched(event.title_id, None, at_ms)
        case _:
            return None
    return event.profile_id, signal
