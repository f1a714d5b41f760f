"""The wrapped content keys, one row each. What is written once is never changed, but re-wrapped."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import Rows, upsert
from vitascope.kernel.ids import AssetId, KeyId, SessionId
from vitascope.kernel.media import KeyLabel

metadata = sa.MetaData()

content_keys = sa.Table(
    "content_keys",
    metadata,
    sa.Column("asset_id", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("key_id", sa.Text, nullable=False, unique=True),
    sa.Column("kek_id", sa.Text, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("iv", sa.LargeBinary, nullable=False),
    sa.Column("made_at_ms", sa.BigInteger, nullable=False),
)

ended_sessions = sa.Table(
    "ended_sessions",
    metadata,
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("until_ms", sa.BigInteger, nullable=False, index=True),
)


answers = sa.Table(
    "answers",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False, index=True),
)


class WrappedKey(msgspec.Struct, frozen=True, kw_only=True):
    asset_id: AssetId
    label: KeyLabel
    key_id: KeyId
    kek_id: str
    wrapped: bytes
    iv: bytes
    made_at_ms: int


class KeyStore:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of_asset(self, asset_id: AssetId) -> dict[KeyLabel, WrappedKey]:
        def work(connection: Connection) -> Sequence[sa.Row[tuple[object, ...]]]:
            query = sa.select(content_keys).where(content_keys.c.asset_id == asset_id)
            return connection.execute(query).all()

        found = [_key(row) for row in await self._rows.read(work)]
        return {key.label: key for key in found}

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        """Add keys. Where a key is there already, that one stays: who comes second reads the
        first's."""

        def work(connection: Connection) -> None:
            offered = [msgspec.structs.asdict(key) for key in keys]
            connection.execute(
                upsert(connection, content_keys, offered, key=("asset_id", "label"), update=())
            )

        await self._rows.write(work)

    async def under_other_kek(self, kek_id: str, limit: int) -> list[WrappedKey]:
        def work(connection: Connection) -> Sequence[sa.Row[tuple[object, ...]]]:
            query = sa.select(content_keys).where(content_keys.c.kek_id != kek_id).limit(limit)
            return connection.execute(query).all()

        return [_key(row) for row in await self._rows.read(work)]

    async def rewrap(self, keys: Sequence[WrappedKey]) -> None:
        def work(connection: Connection) -> None:
            for key in keys:
                connection.execute(
                    content_keys.update()
                    .where(content_keys.c.key_id == key.key_id)
                    .values(kek_id=key.kek_id, wrapped=key.wrapped)
                )

        await self._rows.write(work)

    async def end_session(self, session_id: SessionId, until_ms: int, now_ms: int) -> None:
        """Note that the session has ended, and drop those whose tokens have expired."""

        def work(connection: Connection) -> None:
            ended = [{"session_id": session_id, "until_ms": until_ms}]
            connection.execute(upsert(connection, ended_sessions, ended, key=("session_id",)))
            connection.execute(ended_sessions.delete().where(ended_sessions.c.until_ms <= now_ms))

        await self._rows.write(work)

    async def has_ended(self, session_id: SessionId) -> bool:
        def work(connection: Connection) -> bool:
            query = sa.select(sa.literal(1)).where(ended_sessions.c.session_id == session_id)
            return connection.execute(query).first() is not None

        return await self._rows.read(work)

    async def count_answers(
        self, token_hash: str, key_ids: Sequence[KeyId], *, most: int, until_ms: int, now_ms: int
    ) -> bool:
        """Note that a token gets these keys. Returns False, and notes nothing, if it got one of
        them `most` times already. The token expires at `until_ms`; what was noted of others is
        dropped when they have expired."""

        def work(connection: Connection) -> bool:
            mine = answers.c.token_hash == token_hash
            had = dict(
                connection.execute(sa.select(answers.c.key_id, answers.c.count).where(mine)).all()
            )
            if any(had.get(key_id, 0) >= most for key_id in key_ids):
                return False
            rows = [
                {"token_hash": token_hash, "key_id": key_id, "until_ms": until_ms,
                 "count": had.get(key_id, 0) + 1}
                for key_id in key_ids
            ]  # fmt: skip
            connection.execute(upsert(connection, answers, rows, key=("token_hash", "key_id")))
            connection.execute(answers.delete().where(answers.c.until_ms <= now_ms))
            return True

        return await self._rows.write(work)


def _key(row: sa.Row[tuple[object, ...]]) -> WrappedKey:
    return msgspec.convert(row, WrappedKey, from_attributes=True)
