"""What viewing remembers, as rows: `ViewingStore` on SQLite and PostgreSQL.

How the words map: a report is a row of `progress`, replaced only by one that comes later. A title
removed from history leaves a row in `forgotten` with the moment of removal; reports of sessions
that began before it are neither written nor read. Announcements go into the outbox in the same
transaction as the change, so that neither is there without the other.

Costs: a call that writes is one durable commit, shared with the others that are under way.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Rows, Upsert, upsert
from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.viewing.contract import ListItem, Progress, Thumb
from vitascope.viewing.reports import PLACE, wanted
from vitascope.viewing.storage import News

metadata = sa.MetaData()

progress = sa.Table(
    "progress",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("content_id", sa.Text, primary_key=True),
    sa.Column("title_id", sa.Text, nullable=False),
    sa.Column("position_ms", sa.BigInteger, nullable=False),
    sa.Column("duration_ms", sa.BigInteger, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("session_started_at_ms", sa.BigInteger, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("progress_by_time", "profile_id", "at_ms", "content_id"),
)

forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)

list_items = sa.Table(
    "list_items",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("added_at_ms", sa.BigInteger, nullable=False),
)

thumbs = sa.Table(
    "thumbs",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("thumb", sa.Text, nullable=False),
)

_KEY = ("profile_id", "content_id")
_OF_TITLE = ("profile_id", "title_id")


def offered_is_later() -> sa.ColumnElement[bool]:
    offered = sa.tuple_(*(sa.literal_column(f"excluded.{name}") for name in PLACE))
    return offered > sa.tuple_(*(progress.c[name] for name in PLACE))


def not_forgotten() -> sa.ColumnElement[bool]:
    removed = sa.exists().where(
        forgotten.c.profile_id == progress.c.profile_id,
        forgotten.c.title_id == progress.c.title_id,
        forgotten.c.at_ms >= progress.c.session_started_at_ms,
    )
    return ~removed


def _recent() -> "sa.Select[*tuple[object, ...]]":
    nth = (
        sa.func.row_number()
        .over(
            partition_by=progress.c.title_id,
            order_by=(progress.c.at_ms.desc(), progress.c.content_id),
        )
        .label("nth")
    )
    last = sa.select(progress, nth).where(_of_profile(progress), not_forgotten()).subquery()
    return (
        sa.select(*(last.c[column.name] for column in progress.columns))
        .where(last.c.nth == 1)
        .order_by(last.c.at_ms.desc(), last.c.content_id)
        .limit(sa.bindparam("limit"))
    )


def _of_profile(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.profile_id == sa.bindparam("profile_id")


def _among(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.title_id.in_(sa.bindparam("title_ids", expanding=True))


def _among_keys(*columns: sa.Column[str]) -> sa.ColumnElement[bool]:
    return sa.tuple_(*columns).in_(sa.bindparam("keys", expanding=True))


# What every home page, play and heartbeat asks is put together once: that costs SQLAlchemy more
# than the asking.
_RECENT = _recent()
_FIND = sa.select(progress).where(
    _among_keys(progress.c.profile_id, progress.c.content_id), not_forgotten()
)
_REMOVALS = sa.select(forgotten).where(_among_keys(forgotten.c.profile_id, forgotten.c.title_id))
_KEEP = Upsert(
    progress,
    key=_KEY,
    where=offered_is_later(),
    returning=(progress.c.profile_id, progress.c.content_id),
)
_LISTED = (
    sa.select(list_items.c.title_id, list_items.c.added_at_ms)
    .where(_of_profile(list_items))
    .order_by(list_items.c.added_at_ms.desc(), list_items.c.title_id.desc())
    .limit(sa.bindparam("limit"))
)
_ON_LIST = sa.select(list_items.c.title_id).where(_of_profile(list_items), _among(list_items))
_ALL_THUMBS = sa.select(thumbs.c.title_id, thumbs.c.thumb).where(_of_profile(thumbs))
_THUMBS = _ALL_THUMBS.where(_among(thumbs))


class RowsViewingStore:
    """Implements `ViewingStore`. The rows are opened with the migrations of viewing and outbox."""

    def __init__(self, *, rows: Rows, outbox: Outbox) -> None:
        self._rows = rows
        self._outbox = outbox

    # -- progress and history

    async def record(self, reports: Sequence[Progress], news: News) -> None:
        def work(connection: Connection) -> None:
            kept = _keep(connection, reports)
            told = [event for report, before in kept for event in news(report, before)]
            self._outbox.put(connection, *told)

        await self._rows.write(work)

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> list[Progress]:
        keys = [(profile_id, content_id) for content_id in content_ids]
        return await self._rows.read(lambda connection: _select(connection, _FIND, keys=keys))

    async def recent(self, profile_id: ProfileId, limit: int) -> list[Progress]:
        given = {"profile_id": profile_id, "limit": limit}
        return await self._rows.read(lambda connection: _select(connection, _RECENT, **given))

    async def watched(
        self, profile_id: ProfileId, before: tuple[int, str] | None, limit: int
    ) -> list[Progress]:
        query = sa.select(progress).where(progress.c.profile_id == profile_id, not_forgotten())
        if before is not None:
            place = sa.tuple_(progress.c.at_ms, progress.c.content_id)
            query = query.where(place < sa.tuple_(*(sa.literal(part) for part in before)))
        query = query.order_by(progress.c.at_ms.desc(), progress.c.content_id.desc())
        return await self._rows.read(lambda connection: _select(connection, query.limit(limit)))

    async def remove_from_history(
        self, profile_id: ProfileId, title_id: TitleId, at_ms: int, news: Sequence[Event]
    ) -> None:
        def work(connection: Connection) -> None:
            stone = {"profile_id": profile_id, "title_id": title_id, "at_ms": at_ms}
            later = sa.literal_column("excluded.at_ms") > forgotten.c.at_ms
            connection.execute(upsert(connection, forgotten, stone, key=_OF_TITLE, where=later))
            connection.execute(sa.delete(progress).where(*_whose(progress, profile_id, title_id)))
            self._outbox.put(connection, *news)

        await self._rows.write(work)

    # -- my list and thumbs

    async def listed(self, profile_id: ProfileId, limit: int) -> list[ListItem]:
        def work(connection: Connection) -> list[ListItem]:
            rows = connection.execute(_LISTED, {"profile_id": profile_id, "limit": limit})
            return [ListItem(title_id=TitleId(title), added_at_ms=at) for title, at in rows]

        return await self._rows.read(work)

    async def on_list(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> frozenset[TitleId]:
        asked = {"profile_id": profile_id, "title_ids": list(title_ids)}
        return await self._rows.read(
            lambda connection: frozenset(
                map(TitleId, connection.execute(_ON_LIST, asked).scalars())
            )
        )

    async def add_to_list(
        self, profile_id: ProfileId, item: ListItem, news: Sequence[Event]
    ) -> None:
        row = {"profile_id": profile_id, **msgspec.structs.asdict(item)}

        def change(connection: Connection) -> sa.Executable:
            return upsert(connection, list_items, row, key=_OF_TITLE, update=())

        await self._change(change, news)

    async def remove_from_list(
        self, profile_id: ProfileId, title_id: TitleId, news: Sequence[Event]
    ) -> None:
        gone = sa.delete(list_items).where(*_whose(list_items, profile_id, title_id))
        await self._change(lambda _: gone, news)

    async def thumbs(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> dict[TitleId, Thumb]:
        asked = {"profile_id": profile_id, "title_ids": list(title_ids)}
        return await self._rows.read(lambda connection: _given(connection.execute(_THUMBS, asked)))

    async def all_thumbs(
        self, profile_id: ProfileId, after: TitleId | None, limit: int
    ) -> dict[TitleId, Thumb]:
        query = _ALL_THUMBS.where(thumbs.c.title_id > (after or ""))
        query = query.order_by(thumbs.c.title_id).limit(limit)
        asked = {"profile_id": profile_id}
        return await self._rows.read(lambda connection: _given(connection.execute(query, asked)))

    async def set_thumb(
        self,
        profile_id: ProfileId,
        title_id: TitleId,
        thumb: Thumb | None,
        news: Sequence[Event],
    ) -> None:
        def change(connection: Connection) -> sa.Executable:
            if thumb is None:
                return sa.delete(thumbs).where(*_whose(thumbs, profile_id, title_id))
            row = {"profile_id": profile_id, "title_id": title_id, "thumb": thumb.value}
            other = thumbs.c.thumb != thumb.value
            return upsert(connection, thumbs, row, key=_OF_TITLE, where=other)

        await self._change(change, news)

    async def forget_profile(self, profile_id: ProfileId) -> None:
        def work(connection: Connection) -> None:
            for table in (progress, forgotten, list_items, thumbs):
                connection.execute(sa.delete(table).where(table.c.profile_id == profile_id))

        await self._rows.write(work)

    async def _change(
        self, change: Callable[[Connection], sa.Executable], news: Sequence[Event]
    ) -> None:
        """Make the change, and announce it if it changed anything."""

        def work(connection: Connection) -> None:
            if connection.execute(change(connection)).rowcount > 0:
                self._outbox.put(connection, *news)

        await self._rows.write(work)


def _given(rows: Iterable[Any]) -> dict[TitleId, Thumb]:
    return {TitleId(title): Thumb(thumb) for title, thumb in rows}


def _keep(
    connection: Connection, reports: Sequence[Progress]
) -> list[tuple[Progress, Progress | None]]:
    """Write those that are wanted and come later than what is there. Returns them, each with the
    one that it replaced."""
    removed = _removals(connection, reports)
    fresh = [r for r in reports if wanted(r, removed.get((r.profile_id, r.title_id)))]
    if not fresh:
        return []
    keys = [(r.profile_id, r.content_id) for r in fresh]
    before = {(r.profile_id, r.content_id): r for r in _select(connection, _FIND, keys=keys)}
    rows = _KEEP.run(connection, [msgspec.structs.asdict(report) for report in fresh])
    written = {(profile, content) for profile, content in rows}
    return [
        (report, before.get(key)) for key, report in zip(keys, fresh, strict=True) if key in written
    ]


def _removals(
    connection: Connection, reports: Sequence[Progress]
) -> dict[tuple[ProfileId, TitleId], int]:
    keys = sorted({(report.profile_id, report.title_id) for report in reports})
    rows = connection.execute(_REMOVALS, {"keys": keys})
    return {(ProfileId(profile), TitleId(title)): at for profile, title, at in rows}


def _select(
    connection: Connection, query: "sa.Select[*tuple[object, ...]]", **given: object
) -> list[Progress]:
    found = connection.execute(query, given)
    return [msgspec.convert(row, Progress, from_attributes=True) for row in found]


def _whose(
    table: sa.Table, profile_id: ProfileId, title_id: TitleId
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return table.c.profile_id == profile_id, table.c.title_id == title_id
