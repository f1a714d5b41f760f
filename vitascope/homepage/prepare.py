"""The part of a home page that may be some minutes old: which rows, which titles, in which order.

Only ids are kept here. Their cards are asked of the catalogue at every request, so that a title
taken down a moment ago, or a profile just made a child's, is never served from a cache.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vitascope.catalog import Catalog, CreditRole, EpisodeCard, Title, TitleCard, TitleRecords
from vitascope.engines.neighbours import Asking
from vitascope.homepage.settings import HomepageSettings
from vitascope.homepage.words import say
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.kernel.viewer import Viewer
from vitascope.recommend import Liking, Recommend, Similar
from vitascope.viewing import ListItem, Progress, Thumb, Viewing

BECAUSE_ROWS = 3
PEOPLE_ROWS = 3
_THUMBS = {Thumb.LOVE: 1.0, Thumb.UP: 0.7, Thumb.DOWN: -1.0}
_LISTED = 0.3  # put on the list: wanted, not yet liked
_OPENINGS = 24  # episodes of a series that are looked at for one to begin with


class PreparedRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    heading: str
    reason: str
    title_ids: tuple[TitleId, ...]


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[PreparedRow, ...] = ()
    billboard: tuple[TitleId, ...] = ()  # the best first
    cards: dict[TitleId, TitleCard] = {}  # for when the catalogue does not answer
    synopses: dict[TitleId, str] = {}
    openings: dict[TitleId, EpisodeCard] = {}  # with which episode a series begins
    missing: tuple[str, ...] = ()


class Preparation:
    def __init__(
        self,
        *,
        catalog: Catalog,
        records: TitleRecords,
        viewing: Viewing,
        recommend: Recommend,
        settings: HomepageSettings,
    ) -> None:
        self._catalog = catalog
        self._records = records
        self._viewing = viewing
        self._recommend = recommend
        self._settings = settings

    async def prepare(self, viewer: Viewer, asking: Asking) -> Prepared:
        """Raises what the catalogue raises: without it there is nothing to prepare."""
        catalog = self._catalog
        ids = await asking.need("catalog", lambda: catalog.visible(viewer))
        titles, cards, genres, likings = await asyncio.gather(
            asking.need("catalog", lambda: self._records.titles(ids)),
            asking.need("catalog", lambda: catalog.cards(ids, viewer)),
            asking.need("catalog", lambda: catalog.genres(viewer)),
            self._likings(viewer, asking),
        )
        by_id = {title.id: title for title in titles}
        ordered, because = await asyncio.gather(
            asking.ask(
                "recommend", lambda: self._recommend.rank(likings, ids), otherwise=lambda: ids
            ),
            self._because(viewer, likings, by_id, asking),
        )
        names = {genre.slug: genre.name for genre in genres}
        rows = [
            self._row("now", "now", viewer, [i for i in ordered if by_id[i].playable]),
            *because,
            self._row("new", "new", viewer, ids),
            *self._genre_rows(names, ordered, by_id, likings),
            *self._people_rows(viewer, ordered, by_id),
        ]
        whole = [row for row in rows if len(row.title_ids) >= self._settings.row_floor
                 or (row.kind == "now" and row.title_ids)]  # fmt: skip
        best = _billboard(ordered, by_id, likings)
        return Prepared(
            rows=tuple(spread(whole, self._settings.top_tiles)),
            billboard=best,
            cards={card.id: card for card in cards},
            synopses={i: by_id[i].wording(viewer.locale).synopsis for i in best},
            openings=await self._openings([by_id[i] for i in best], viewer, asking),
            missing=asking.missing,
        )

    async def _openings(
        self, titles: Sequence[Title], viewer: Viewer, asking: Asking
    ) -> dict[TitleId, EpisodeCard]:
        """The first episode of each series that can be played."""
        first = [
            (title.id, ContentId(episode.id))
            for title in titles
            for episode in title.episodes[:_OPENINGS]
        ]
        if not first:
            return {}
        contents = [content_id for _, content_id in first]
        found = await asking.need("catalog", lambda: self._catalog.contents(contents, viewer))
        openings: dict[TitleId, EpisodeCard] = {}
        for title_id, content_id in first:
            _, episode = found.get(content_id, (None, None))
            if episode is not None and episode.playable:
                openings.setdefault(title_id, episode)
        return openings

    def _row(self, row_id: str, kind: str, viewer: Viewer, ids: Iterable[TitleId]) -> PreparedRow:
        return PreparedRow(
            id=row_id,
            kind=kind,
            heading=say(kind, viewer.locale),
            reason="",
            title_ids=tuple(ids)[: self._settings.row_limit],
        )

    async def _likings(self, viewer: Viewer, asking: Asking) -> list[Liking]:
        profile = viewer.profile_id
        recent, thumbs, listed = await asyncio.gather(
            asking.ask("viewing", lambda: self._viewing.recent(profile), otherwise=list[Progress]),
            asking.ask(
                "viewing", lambda: self._viewing.thumbs(profile), otherwise=dict[TitleId, Thumb]
            ),
            asking.ask("viewing", lambda: self._viewing.my_list(profile), otherwise=list[ListItem]),
        )
        weights: dict[TitleId, float] = {item.title_id: _LISTED for item in listed}
        weights.update({report.title_id: _watched(report) for report in recent})
        weights.update({title_id: _THUMBS[thumb] for title_id, thumb in thumbs.items()})
        return [Liking(title_id=title_id, weight=weight) for title_id, weight in weights.items()]

    async def _because(
        self,
        viewer: Viewer,
        likings: Sequence[Liking],
        by_id: Mapping[TitleId, Title],
        asking: Asking,
    ) -> list[PreparedRow]:
        """For the titles liked best, those like them that were neither watched nor refused."""
        known = {liking.title_id for liking in likings if liking.weight != _LISTED}
        within = frozenset(by_id.keys() - known)
        liked = [one for one in likings if one.weight > _LISTED and one.title_id in by_id]
        liked.sort(key=lambda one: -one.weight)
        near = await asyncio.gather(
            *(self._near(one.title_id, within, asking) for one in liked[:BECAUSE_ROWS])
        )
        pairs = zip(liked, near, strict=False)
        return [_because_row(by_id[one.title_id], found, viewer) for one, found in pairs]

    async def _near(
        self, title_id: TitleId, within: frozenset[TitleId], asking: Asking
    ) -> list[Similar]:
        limit = self._settings.row_limit
        return await asking.ask(
            "recommend",
            lambda: self._recommend.similar(title_id, within=within, limit=limit),
            otherwise=list,
        )

    def _genre_rows(
        self,
        names: Mapping[str, str],
        ordered: Sequence[TitleId],
        by_id: Mapping[TitleId, Title],
        likings: Sequence[Liking],
    ) -> list[PreparedRow]:
        """The genres this profile likes first, then those with most titles."""
        liked: Counter[str] = Counter()
        for liking in likings:
            if liking.title_id in by_id:
                for slug in by_id[liking.title_id].genres:
                    liked[slug] += round(liking.weight * 100)
        holding: dict[str, list[TitleId]] = defaultdict(list)
        for title_id in ordered:
            for slug in by_id[title_id].genres:
                holding[slug].append(title_id)
        slugs = sorted(holding, key=lambda slug: (-liked[slug], -len(holding[slug]), slug))
        return [
            PreparedRow(
                id=f"genre:{slug}",
                kind="genre",
                heading=names.get(slug, slug),
                reason="",
                title_ids=tuple(holding[slug][: self._settings.row_limit]),
            )
            for slug in slugs
        ]

    def _people_rows(
        self, viewer: Viewer, ordered: Sequence[TitleId], by_id: Mapping[TitleId, Title]
    ) -> list[PreparedRow]:
        made: dict[str, list[TitleId]] = defaultdict(list)
        for title_id in ordered:
            credits = by_id[title_id].credits
            for name in {c.name for c in credits if c.role is CreditRole.DIRECTOR}:
                made[name].append(title_id)
        most = sorted(made, key=lambda name: (-len(made[name]), name))[:PEOPLE_ROWS]
        return [
            PreparedRow(
                id=f"person:{name}",
                kind="person",
                heading=say("person", viewer.locale, name=name),
                reason="",
                title_ids=tuple(made[name]),
            )
            for name in most
        ]


def spread(rows: Sequence[PreparedRow], top: int) -> list[PreparedRow]:
    """The same rows, each beginning with titles that no earlier row began with, as far as it has
    such: nobody should meet one title again and again at the top of the page."""
    seen: set[TitleId] = set()
    told = []
    for row in rows:
        fresh = [title_id for title_id in row.title_ids if title_id not in seen]
        lead = fresh[:top]
        rest = [title_id for title_id in row.title_ids if title_id not in set(lead)]
        told.append(msgspec.structs.replace(row, title_ids=(*lead, *rest)))
        seen.update(told[-1].title_ids[:top])
    return told


def _watched(report: Progress) -> float:
    """A play counts by how much was watched: from 0.05 for a look to 0.8 for all of it."""
    share = report.position_ms / report.duration_ms if report.duration_ms > 0 else 0.0
    return 0.05 + 0.75 * min(1.0, share)


def _because_row(title: Title, found: Sequence[Similar], viewer: Viewer) -> PreparedRow:
    name = title.wording(viewer.locale).name
    people = {credit.name for credit in title.credits}
    common = Counter(word for one in found[:8] for word in one.shared if word in people)
    shared = ", ".join(word for word, _ in common.most_common(2))
    return PreparedRow(
        id=f"because:{title.id}",
        kind="because",
        heading=say("because", viewer.locale, name=name),
        reason=say("because-reason", viewer.locale, shared=shared) if shared else "",
        title_ids=tuple(one.title_id for one in found),
    )


def _billboard(
    ordered: Sequence[TitleId], by_id: Mapping[TitleId, Title], likings: Sequence[Liking]
) -> tuple[TitleId, ...]:
    """What can be played, has a picture and was not watched comes first; what was refused does
    not come."""
    seen = {one.title_id: one.weight for one in likings if one.weight != _LISTED}
    offered = [title_id for title_id in ordered if seen.get(title_id, 0.0) >= 0]
    offered.sort(
        key=lambda title_id: (
            not by_id[title_id].playable,
            not by_id[title_id].artwork.billboard,
            title_id in seen,
        )
    )
    return tuple(offered[:5])
