"""The part of a page that is never older than the request: where one is, what one has listed."""

from collections.abc import Mapping, Sequence

from vitascope.catalog import Catalog, EpisodeCard, TitleCard, TitleKind
from vitascope.homepage.contract import Tile
from vitascope.kernel.ids import ContentId, ProfileId
from vitascope.kernel.viewer import Viewer
from vitascope.viewing import LONGEST_LIST, Progress, Viewing

_BARELY_BEGUN_MS = 5_000  # a slip of the remote is not a beginning


class LiveSignals:
    def __init__(self, *, catalog: Catalog, viewing: Viewing) -> None:
        self._catalog = catalog
        self._viewing = viewing

    async def continue_watching(self, viewer: Viewer) -> list[Tile]:
        """Returns what was begun, and the next episode of what was finished; the last watched
        first."""
        recent = await self._viewing.recent(viewer.profile_id)
        return await self.tiles_to_continue(recent, viewer)

    async def tiles_to_continue(self, recent: Sequence[Progress], viewer: Viewer) -> list[Tile]:
        begun = [r for r in recent if r.finished or r.position_ms >= _BARELY_BEGUN_MS]
        done = [report.content_id for report in begun if report.finished]
        following = await self._catalog.next_episodes(done, viewer) if done else {}
        places = await self._places(viewer.profile_id, list(following.values()))
        wanted: list[tuple[ContentId, Progress | None]] = []
        for report in begun:
            if not report.finished:
                wanted.append((report.content_id, report))
            elif report.content_id in following:
                after = following[report.content_id]
                wanted.append((after, places.get(after)))
        shown = await self._catalog.contents([content_id for content_id, _ in wanted], viewer)
        tiles = [_tile(*shown[each], each, place) for each, place in wanted if each in shown]
        return [tile for tile in tiles if _can_be_played(tile)]

    async def _places(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> Mapping[ContentId, Progress]:
        if not content_ids:
            return {}
        found = await self._viewing.positions(profile_id, content_ids)
        return {content: report for content, report in found.items() if not report.finished}

    async def listed(self, viewer: Viewer, limit: int = LONGEST_LIST) -> list[TitleCard]:
        """Returns the titles of the list, the one put there last first."""
        items = await self._viewing.my_list(viewer.profile_id, limit=limit)
        return await self._catalog.cards([item.title_id for item in items], viewer)


def _tile(
    card: TitleCard, episode: EpisodeCard | None, content_id: ContentId, place: Progress | None
) -> Tile:
    known = episode.duration_ms if episode else card.duration_ms
    return Tile(
        card=card,
        content_id=content_id,
        episode=episode,
        position_ms=place.position_ms if place else 0,
        duration_ms=place.duration_ms if place else known,
    )


def _can_be_played(tile: Tile) -> bool:
    return tile.episode.playable if tile.episode else tile.card.playable


def plain_tile(card: TitleCard, opening: EpisodeCard | None = None) -> Tile:
    """Returns a tile. A film that can be played is played from it; a series opens its page, or
    plays the episode that it begins with."""
    if card.kind is TitleKind.FILM:
        return Tile(card=card, content_id=ContentId(card.id) if card.playable else None)
    content_id = ContentId(opening.id) if opening and card.playable else None
    return Tile(card=card, content_id=content_id, episode=opening if content_id else None)
