"""What the catalogue remembers: a title is one row with its body as JSON, an asset one row per
version, and a pointer per content says which version is played.

Every change of a title takes the next number of `change_count`, whose row stays locked until the
commit: numbers are therefore committed in their order, and a reader that knows the last one it saw
asks for what is above it and misses nothing.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.catalog.contract.published_assets import PublishedVersion
from vitascope.catalog.contract.title import Asset, Title, TitleState
from vitascope.engines.rows import Rows, Upsert, upsert
from vitascope.kernel.ids import AssetId, ContentId, TitleId

metadata = sa.MetaData()

titles = sa.Table(
    "titles",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("partner_id", sa.Text, nullable=True, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("change", sa.BigInteger, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

_PUT = Upsert(titles, key=("id",))

assets = sa.Table(
    "assets",
    metadata,
    sa.Column("content_id", sa.Text, primary_key=True),
    sa.Column("asset_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("added_at_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("assets_by_id", "asset_id", "version"),
)

pointers = sa.Table(
    "pointers",
    metadata,
    sa.Column("content_id", sa.Text, primary_key=True),
    sa.Column("title_id", sa.Text, nullable=False, index=True),
    sa.Column("asset_id", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("flipped_at_ms", sa.BigInteger, nullable=False),
)

prepared = sa.Table(
    "prepared",
    metadata,
    sa.Column("content_id", sa.Text, primary_key=True),
    sa.Column("title_id", sa.Text, nullable=False),
    sa.Column("asset_id", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
)

change_count = sa.Table(
    "change_count",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
)

_CHANGED = (
    sa.select(titles.c.change, titles.c.body)
    .where(titles.c.change > sa.bindparam("since"))
    .order_by(titles.c.change)
    .limit(sa.bindparam("limit"))
)
_POINTED_AT = (
    sa.select(assets.c.body)
    .join(
        pointers,
        (pointers.c.content_id == assets.c.content_id)
        & (pointers.c.asset_id == assets.c.asset_id)
        & (pointers.c.version == assets.c.version),
    )
    .where(pointers.c.content_id.in_(sa.bindparam("content_ids", expanding=True)))
)

_PREPARED = (
    sa.select(assets.c.body)
    .join(
        prepared,
        (prepared.c.content_id == assets.c.content_id)
        & (prepared.c.asset_id == assets.c.asset_id)
        & (prepared.c.version == assets.c.version),
    )
    .where(prepared.c.content_id.in_(sa.bindparam("content_ids", expanding=True)))
)

_FEW = 10  # titles that are decoded sooner than a thread is asked

_SHOWN = titles.c.state.not_in([TitleState.TAKEN_DOWN.value, TitleState.DELETED.value])
_PUBLISHED = (
    sa.select(assets.c.body)
    .join(pointers, pointers.c.content_id == assets.c.content_id)
    .join(titles, titles.c.id == pointers.c.title_id)
    .where(
        assets.c.asset_id == sa.bindparam("asset_id"),
        assets.c.version == sa.bindparam("version"),
        _SHOWN,
    )
)
_WAITING = (
    sa.select(assets.c.body)
    .join(prepared, prepared.c.content_id == assets.c.content_id)
    .join(titles, titles.c.id == prepared.c.title_id)
    .where(
        prepared.c.asset_id == sa.bindparam("asset_id"),
        prepared.c.version == sa.bindparam("version"),
        assets.c.asset_id == prepared.c.asset_id,
        assets.c.version == prepared.c.version,
        titles.c.state != TitleState.DELETED.value,
    )
)
_NEXT_CHANGES = (
    sa.select(titles.c.change)
    .where(titles.c.change > sa.bindparam("after"))
    .order_by(titles.c.change)
    .limit(sa.bindparam("count"))
)
_PUBLISHED_BETWEEN = (
    sa.select(pointers.c.asset_id, pointers.c.version)
    .join(titles, titles.c.id == pointers.c.title_id)
    .where(titles.c.change.between(sa.bindparam("first"), sa.bindparam("last")), _SHOWN)
    .order_by(titles.c.change, pointers.c.content_id)
)

_title = msgspec.json.Decoder(Title)
_asset = msgspec.json.Decoder(Asset)


class TitleStore:
    """Reads stand alone; what writes takes the connection of the caller's transaction."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def changed(self, since: int, limit: int) -> tuple[int, list[Title]]:
        """Returns the titles whose change number is above `since`, in the order of these numbers,
        and the last of these."""

        def work(connection: Connection) -> Sequence[sa.Row[int, bytes]]:
            return connection.execute(_CHANGED, {"since": since, "limit": limit}).all()

        found = await self._rows.read(work)
        if len(found) <= _FEW:
            return _decoded(found, since)
        return await asyncio.to_thread(_decoded, found, since)

    async def prepared(self, content_ids: Sequence[ContentId]) -> dict[ContentId, Asset]:
        """Returns the versions that wait to be published; contents without one are left out."""
        return await self._found(_PREPARED, content_ids)

    async def assets(self, content_ids: Sequence[ContentId]) -> dict[ContentId, Asset]:
        """Returns the version each content points at; contents without one are left out."""
        return await self._found(_POINTED_AT, content_ids)

    async def _found(
        self, query: sa.Select[bytes], content_ids: Sequence[ContentId]
    ) -> dict[ContentId, Asset]:
        def work(connection: Connection) -> Sequence[sa.Row[bytes]]:
            return connection.execute(query, {"content_ids": content_ids}).all()

        found = [_asset.decode(body) for (body,) in await self._rows.read(work)]
        return {asset.content_id: asset for asset in found}


def _decoded(found: Sequence[sa.Row[int, bytes]], since: int) -> tuple[int, list[Title]]:
    last = found[-1][0] if found else since
    return last, [_title.decode(body) for _, body in found]


def find(connection: Connection, title_id: TitleId) -> Title | None:
    """Returns a title, its row locked until the commit, so that two changes never overwrite each
    other."""
    query = sa.select(titles.c.body).where(titles.c.id == title_id).with_for_update()
    body = connection.execute(query).scalar_one_or_none()
    title = None if body is None else _title.decode(body)
    return None if title is None or title.state is TitleState.DELETED else title


def find_all(connection: Connection, title_ids: Sequence[TitleId]) -> dict[TitleId, Title]:
    """Returns titles, their rows locked as by `find`, in the order of their ids so that two never
    wait for each other."""
    wanted = titles.c.id.in_(title_ids)
    query = sa.select(titles.c.body).where(wanted).order_by(titles.c.id).with_for_update()
    found = [_title.decode(body) for body in connection.execute(query).scalars()]
    return {title.id: title for title in found if title.state is not TitleState.DELETED}


def put(connection: Connection, title: Title) -> None:
    put_all(connection, [title])


def put_all(connection: Connection, given: Sequence[Title]) -> None:
    if not given:
        return
    last = _next_change(connection, len(given))
    rows = [
        {
            "id": title.id,
            "partner_id": title.partner_id,
            "state": title.state.value,
            "change": change,
            "body": msgspec.json.encode(title),
        }
        for change, title in enumerate(given, last - len(given) + 1)
    ]
    _PUT.run(connection, rows)


def pointer(connection: Connection, content_id: ContentId) -> tuple[str, str] | None:
    """Returns the asset and the version that the content's pointer is at."""
    query = sa.select(pointers.c.asset_id, pointers.c.version)
    row = connection.execute(query.where(pointers.c.content_id == content_id)).one_or_none()
    return None if row is None else (row.asset_id, row.version)


def flip(connection: Connection, title_id: TitleId, asset: Asset, now_ms: int) -> None:
    """Keep the version, then point at it. It waits no longer, if it did."""
    name = _kept(connection, asset, now_ms)
    pointer = {**name, "title_id": title_id, "flipped_at_ms": now_ms}
    connection.execute(upsert(connection, pointers, pointer, key=("content_id",)))
    waiting = (prepared.c.content_id == asset.content_id) & (prepared.c.asset_id == asset.id)
    connection.execute(sa.delete(prepared).where(waiting))


def prepare(
    connection: Connection, title_id: TitleId, asset: Asset, now_ms: int, instead_of: str | None
) -> bool:
    """Keep a version for later. With `instead_of` only in the place of that version, or of none for
    an empty one: returns False when another one is there."""
    query = sa.select(prepared.c.version).where(prepared.c.content_id == asset.content_id)
    there = connection.execute(query).scalar_one_or_none()
    if instead_of is not None and (there or "") not in (instead_of, asset.version):
        return False
    row = {**_kept(connection, asset, now_ms), "title_id": title_id}
    connection.execute(upsert(connection, prepared, row, key=("content_id",)))
    return True


def _kept(connection: Connection, asset: Asset, now_ms: int) -> dict[str, str]:
    """Returns the name of a version, which is kept from now on."""
    name = {"content_id": asset.content_id, "asset_id": asset.id, "version": asset.version}
    version = {**name, "added_at_ms": now_ms, "body": msgspec.json.encode(asset)}
    key = ("content_id", "asset_id", "version")
    connection.execute(upsert(connection, assets, version, key=key))
    return dict(name)


def _next_change(connection: Connection, count: int) -> int:
    """Takes `count` numbers. Returns the last of them."""
    connection.execute(
        upsert(connection, change_count, {"id": 1, "last": 0}, key=("id",), update=())
    )
    counted = sa.update(change_count).values(last=change_count.c.last + count)
    return int(connection.execute(counted.returning(change_count.c.last)).scalar_one())


def published(connection: Connection, asset_id: AssetId, version: str) -> Asset | None:
    """Returns a version that was published, of a title that is not taken down, or one that waits to
    be, for its partner."""
    named = {"asset_id": asset_id, "version": version}
    body = connection.execute(_PUBLISHED, named).scalar_one_or_none()
    if body is None:
        body = connection.execute(_WAITING, named).scalar_one_or_none()
    return None if body is None else _asset.decode(body)


def changes_after(connection: Connection, after: int, count: int) -> Sequence[int]:
    """Returns the change numbers of the next `count` titles."""
    return connection.execute(_NEXT_CHANGES, {"after": after, "count": count}).scalars().all()


def published_between(connection: Connection, first: int, last: int) -> list[PublishedVersion]:
    """Returns what titles with these change numbers play, in the order of the numbers."""
    found = connection.execute(_PUBLISHED_BETWEEN, {"first": first, "last": last}).all()
    return [PublishedVersion(asset_id=AssetId(row[0]), version=row[1]) for row in found]
