"""A title's page with what is this profile's own. The page itself is needed, all else is not."""

import asyncio
from collections.abc import Sequence

from vitascope.catalog import Catalog, EpisodeCard, TitleCard, TitleKind, TitlePage
from vitascope.engines.neighbours import Asking
from vitascope.homepage.contract import HomeMissing, Tile, TitleView
from vitascope.homepage.live import LiveSignals
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.kernel.scope import Scope
from vitascope.kernel.viewer import Viewer
from vitascope.recommend import Recommend
from vitascope.viewing import Progress, Thumb, Viewing

_MORE_LIKE_THIS = 18


class TitlePages:
    def __init__(
        self,
        *,
        catalog: Catalog,
        viewing: Viewing,
        recommend: Recommend,
        live: LiveSignals,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._viewing = viewing
        self._recommend = recommend
        self._live = live
        self._clock = clock

    async def view(
        self, viewer: Viewer, title_id: TitleId, asking: Asking[HomeMissing]
    ) -> TitleView:
        """Raises `NoSuchTitle`."""
        page = await self._catalog.page(title_id, viewer)
        profile, ids = viewer.profile_id, _content_ids(page)
        thumbs, listed, places, similar = await asyncio.gather(
            asking.ask(
                "viewing",
                lambda: self._viewing.thumbs(profile, [title_id]),
                otherwise=dict[TitleId, Thumb],
            ),
            asking.ask(
                "viewing",
                lambda: self._viewing.on_list(profile, [title_id]),
                otherwise=frozenset[TitleId],
            ),
            asking.ask(
                "viewing",
                lambda: self._viewing.positions(profile, ids),
                otherwise=dict[ContentId, Progress],
            ),
            asking.ask(
                "recommend", lambda: self._similar(title_id, viewer), otherwise=list[TitleCard]
            ),
        )
        resume = await asking.ask(
            "viewing",
            lambda: self._resume(page, list(places.values()), viewer),
            otherwise=lambda: None,
        )
        return TitleView(
            title=page,
            in_list=title_id in listed,
            thumb=thumbs.get(title_id),
            resume=resume,
            positions={content: place.position_ms for content, place in places.items()},
            durations={content: place.duration_ms for content, place in places.items()},
            similar=tuple(similar),
            degraded=asking.missing,
        )

    async def _similar(self, title_id: TitleId, viewer: Viewer) -> list[TitleCard]:
        scope = Scope.of(viewer, self._clock.now_ms())
        near = await self._recommend.similar(title_id, scope, limit=_MORE_LIKE_THIS)
        cards = await self._catalog.cards([each.title_id for each in near], viewer)
        return sorted(cards, key=lambda card: not card.playable)

    async def _resume(
        self, page: TitlePage, places: Sequence[Progress], viewer: Viewer
    ) -> Tile | None:
        """Returns where the profile is, else the beginning; None while nothing can be played."""
        last = sorted(places, key=lambda place: place.at_ms)[-1:]
        going_on = await self._live.tiles_to_continue(last, viewer) if last else []
        return going_on[0] if going_on else _beginning(page)


def _content_ids(page: TitlePage) -> list[ContentId]:
    if page.card.kind is TitleKind.FILM:
        return [ContentId(page.card.id)]
    return [ContentId(episode.id) for episode in _episodes(page)]


def _episodes(page: TitlePage) -> list[EpisodeCard]:
    ordered = sorted(page.seasons, key=lambda season: season.number)
    return [episode for season in ordered for episode in season.episodes]


def _beginning(page: TitlePage) -> Tile | None:
    card = page.card
    if card.kind is TitleKind.FILM:
        content = ContentId(card.id)
        start = Tile(card=card, content_id=content, position_ms=0, duration_ms=card.duration_ms)
        return start if card.playable else None
    first = next((episode for episode in _episodes(page) if episode.playable), None)
    if first is None:
        return None
    return Tile(
        card=card,
        content_id=ContentId(first.id),
        episode=first,
        position_ms=0,
        duration_ms=first.duration_ms,
    )
