"""What viewing remembers of each profile.

Of one content only one report is kept: the one that comes last by `place_of`, whatever the order
of arrival. A title removed from history leaves a tombstone with the moment of removal; reports of
sessions that began before it are neither written nor read.
"""

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import Upsert, upsert
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.viewing.contract import ListItem, Progress, Thumb

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

PLACE = ("session_started_at_ms", "session_id", "sequence", "position_ms", "at_ms")
"""By these, in this order, one report comes after another. The first three say it; the rest makes
the order total, so that even contradicting duplicates end the same way whichever comes first."""

_KEY = ("profile_id", "content_id")
_OF_TITLE = ("profile_id", "title_id")


def place_of(report: Progress) -> tuple[int, str, int, int, int]:
    return (
        report.session_started_at_ms,
        report.session_id,
        report.sequence,
        report.position_ms,
        report.at_ms,
    )


def last_of_each(reports: Iterable[Progress]) -> list[Progress]:
    """One report for each profile and content, ordered by these."""
    last: dict[tuple[ProfileId, ContentId], Progress] = {}
    for report in reports:
        key = report.profile_id, report.content_id
        if key not in last or place_of(last[key]) < place_of(report):
            last[key] = report
    return [last[key] for key in sorted(last)]


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


def _among_keys(*columns: sa.Column[str]) -> sa.ColumnElement[bool]:
    return sa.tuple_(*columns).in_(sa.bindparam("keys", expanding=True))


# What every home page, play and heartbeat asks is put together once: that costs SQLAlchemy more
# than the asking.
_RECENT = _recent()
_FIND = sa.select(progress).where(
    _among_keys(progress.c.profile_id, progress.c.content_id), not_forgotten()
)
_TOMBSTONES = sa.select(forgotten).where(_among_keys(forgotten.c.profile_id, forgotten.c.title_id))
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
)
_THUMBS = sa.select(thumbs.c.title_id, thumbs.c.thumb).where(_of_profile(thumbs))


def write(connection: Connection, reports: Sequence[Progress]) -> set[tuple[ProfileId, ContentId]]:
    """Keep those that come later than what is there; the keys of those that did."""
    kept = _KEEP.run(connection, [msgspec.structs.asdict(report) for report in reports])
    return {(ProfileId(profile), ContentId(content)) for profile, content in kept}


def find(connection: Connection, keys: Sequence[tuple[ProfileId, ContentId]]) -> list[Progress]:
    return select(connection, _FIND, keys=keys)


def select(
    connection: Connection, query: "sa.Select[*tuple[object, ...]]", **given: object
) -> list[Progress]:
    found = connection.execute(query, given)
    return [msgspec.convert(row, Progress, from_attributes=True) for row in found]


def tombstones(
    connection: Connection, keys: Sequence[tuple[ProfileId, TitleId]]
) -> dict[tuple[ProfileId, TitleId], int]:
    rows = connection.execute(_TOMBSTONES, {"keys": keys})
    return {(ProfileId(profile), TitleId(title)): at for profile, title, at in rows}


# -- history


def recent(connection: Connection, profile_id: ProfileId, limit: int) -> list[Progress]:
    """The last content of each title, newest first."""
    return select(connection, _RECENT, profile_id=profile_id, limit=limit)


def watched(
    connection: Connection,
    profile_id: ProfileId,
    before: tuple[int, str] | None,
    limit: int,
) -> list[Progress]:
    """Newest first, those that come after the place `before`: a moment and a content."""
    query = sa.select(progress).where(progress.c.profile_id == profile_id, not_forgotten())
    if before is not None:
        place = sa.tuple_(progress.c.at_ms, progress.c.content_id)
        query = query.where(place < sa.tuple_(*(sa.literal(part) for part in before)))
    query = query.order_by(progress.c.at_ms.desc(), progress.c.content_id.desc())
    return select(connection, query.limit(limit))


def bury(connection: Connection, profile_id: ProfileId, title_id: TitleId, at_ms: int) -> None:
    """Leave a tombstone, and remove what it stands for."""
    stone = {"profile_id": profile_id, "title_id": title_id, "at_ms": at_ms}
    connection.execute(upsert(connection, forgotten, stone, key=_OF_TITLE))
    connection.execute(sa.delete(progress).where(*_whose(progress, profile_id, title_id)))


# -- my list and thumbs: each change tells whether it changed anything


def listed(connection: Connection, profile_id: ProfileId) -> list[ListItem]:
    rows = connection.execute(_LISTED, {"profile_id": profile_id})
    return [ListItem(title_id=TitleId(title), added_at_ms=at) for title, at in rows]


def put_on_list(
    connection: Connection, profile_id: ProfileId, title_id: TitleId, at_ms: int
) -> bool:
    row = {"profile_id": profile_id, "title_id": title_id, "added_at_ms": at_ms}
    added = upsert(connection, list_items, row, key=_OF_TITLE, update=())
    return connection.execute(added).rowcount > 0


def take_off_list(connection: Connection, profile_id: ProfileId, title_id: TitleId) -> bool:
    gone = sa.delete(list_items).where(*_whose(list_items, profile_id, title_id))
    return connection.execute(gone).rowcount > 0


def thumbs_of(connection: Connection, profile_id: ProfileId) -> dict[TitleId, Thumb]:
    rows = connection.execute(_THUMBS, {"profile_id": profile_id})
    return {TitleId(title): Thumb(thumb) for title, thumb in rows}


def set_thumb(
    connection: Connection, profile_id: ProfileId, title_id: TitleId, thumb: Thumb | None
) -> bool:
    if thumb is None:
        gone = sa.delete(thumbs).where(*_whose(thumbs, profile_id, title_id))
        return connection.execute(gone).rowcount > 0
    row = {"profile_id": profile_id, "title_id": title_id, "thumb": thumb.value}
    other = thumbs.c.thumb != thumb.value
    given = upsert(connection, thumbs, row, key=_OF_TITLE, where=other)
    return connection.execute(given).rowcount > 0


def remove_profile(connection: Connection, profile_id: ProfileId) -> None:
    for table in (progress, forgotten, list_items, thumbs):
        connection.execute(sa.delete(table).where(table.c.profile_id == profile_id))


def _whose(
    table: sa.Table, profile_id: ProfileId, title_id: TitleId
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return table.c.profile_id == profile_id, table.c.title_id == title_id
