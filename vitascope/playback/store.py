"""Sessions, and the asset versions that they play."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.catalog import Asset
from vitascope.engines.rows import Rows, Upsert
from vitascope.kernel.ids import AccountId, DeviceId, SessionId
from vitascope.playback.session import Session

metadata = sa.MetaData()
_NOT_ENDED = sa.text("ended_at_ms IS NULL")
_UNDER_WAY: Any = {"sqlite_where": _NOT_ENDED, "postgresql_where": _NOT_ENDED}

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("slot", sa.Text, nullable=False),
    sa.Column("asset_id", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # the Session without the grant's asset
    sa.Column("started_at_ms", sa.BigInteger, nullable=False),
    sa.Column("ended_at_ms", sa.BigInteger),
    sa.Index("sessions_by_start", "started_at_ms"),
    # of those that have not ended, few beside all that are kept
    sa.Index("sessions_under_way", "started_at_ms", "id", **_UNDER_WAY),
    sa.Index("sessions_under_way_by_account", "account_id", **_UNDER_WAY),
)

packages = sa.Table(
    "packages",
    metadata,
    sa.Column("asset_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("asset", sa.LargeBinary, nullable=False),  # JSON of the whole Asset
)

_WHOLE = sa.select(sessions.c.body, packages.c.asset, sessions.c.ended_at_ms).join(
    packages,
    (packages.c.asset_id == sessions.c.asset_id) & (packages.c.version == sessions.c.version),
)
_FIND = _WHOLE.where(sessions.c.id == sa.bindparam("session_id"))
_ENDED_AMONG = sa.select(sessions.c.ended_at_ms, sessions.c.id).where(
    sessions.c.id.in_(sa.bindparam("session_ids", expanding=True)),
    sessions.c.ended_at_ms.is_not(None),
)
_HAND_OVER = (
    sessions.update()
    .where(
        sessions.c.id == sa.bindparam("session_id"),
        sessions.c.account_id == sa.bindparam("of_account"),
        sessions.c.device_id == sa.bindparam("of_device"),
        sessions.c.ended_at_ms.is_(None),
    )
    .values(ended_at_ms=sa.bindparam("at_ms"))
    .returning(sessions.c.slot)
)
_ADD = sessions.insert()
_KEEP_PACKAGE = Upsert(packages, key=("asset_id", "version"), update=())


class SessionStore:
    """Safe to share between tasks."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, session: Session) -> None:
        """Add a session. It is durable when this returns."""

        def work(connection: Connection) -> None:
            _keep_package(connection, session.grant.asset)
            connection.execute(_ADD, _row(session))

        await self._rows.write(work)

    async def find(self, session_id: SessionId) -> tuple[Session, bool] | None:
        """Returns the session, and True if it has ended."""

        def work(connection: Connection) -> sa.Row[Any, Any, Any] | None:
            return connection.execute(_FIND, {"session_id": session_id}).first()

        row = await self._rows.read(work)
        return None if row is None else (_session(row.body, row.asset), row.ended_at_ms is not None)

    async def under_way(self, before: tuple[int, str] | None, limit: int) -> list[Session]:
        """Returns sessions of all accounts that have not ended, the last begun first: those that
        fell silent are among them."""
        chosen: sa.ColumnElement[bool] = sessions.c.ended_at_ms.is_(None)
        if before is not None:
            place = sa.tuple_(sessions.c.started_at_ms, sessions.c.id)
            chosen = sa.and_(chosen, place < sa.tuple_(*before))
        return await self._sessions(
            _WHOLE.where(chosen)
            .order_by(sessions.c.started_at_ms.desc(), sessions.c.id.desc())
            .limit(limit)
        )

    async def of_account(self, account_id: AccountId, limit: int) -> list[Session]:
        """Returns sessions of an account that have not ended."""
        chosen = (sessions.c.account_id == account_id) & sessions.c.ended_at_ms.is_(None)
        return await self._sessions(_WHOLE.where(chosen).limit(limit))

    async def _sessions(self, query: sa.Select[Any]) -> list[Session]:
        rows = await self._rows.read(lambda connection: connection.execute(query).all())
        return [_session(row.body, row.asset) for row in rows]

    async def end(self, session_id: SessionId, at_ms: int) -> bool:
        """Returns True for the one who ended it; a session ends once."""

        def work(connection: Connection) -> bool:
            done = connection.execute(
                sessions.update()
                .where(sessions.c.id == session_id, sessions.c.ended_at_ms.is_(None))
                .values(ended_at_ms=at_ms)
            )
            return done.rowcount == 1

        return await self._rows.write(work)

    async def hand_over(
        self, session_id: SessionId, account_id: str, device_id: DeviceId, at_ms: int
    ) -> str | None:
        """End a session of this device and tell its slot, to the first who asks; None to others:
        two successors at once must not share a slot."""

        def work(connection: Connection) -> str | None:
            of = {"session_id": session_id, "of_account": account_id, "of_device": device_id}
            done = connection.execute(_HAND_OVER, {**of, "at_ms": at_ms})
            slot: str | None = done.scalar_one_or_none()
            return slot

        return await self._rows.write(work)

    async def ended_among(self, session_ids: Sequence[SessionId]) -> list[tuple[int, SessionId]]:
        """Returns when and which of these sessions have ended."""
        asked = {"session_ids": list(session_ids)}

        def work(connection: Connection) -> list[tuple[int, SessionId]]:
            return [(row[0], row[1]) for row in connection.execute(_ENDED_AMONG, asked)]

        return await self._rows.read(work)

    async def forget_before(self, at_ms: int) -> int:
        """Delete sessions that began before then; the count."""

        def work(connection: Connection) -> int:
            gone = connection.execute(sessions.delete().where(sessions.c.started_at_ms < at_ms))
            return gone.rowcount

        return await self._rows.write(work)


def _keep_package(connection: Connection, asset: Asset) -> None:
    row = {"asset_id": asset.id, "version": asset.version, "asset": msgspec.json.encode(asset)}
    _KEEP_PACKAGE.run(connection, row)


def _row(session: Session) -> dict[str, object]:
    grant = session.grant
    body = msgspec.to_builtins(session)
    del body["grant"]["asset"]
    return {
        "id": session.id,
        "account_id": grant.account_id,
        "device_id": grant.device_id,
        "slot": session.slot,
        "asset_id": grant.asset.id,
        "version": grant.asset.version,
        "body": msgspec.json.encode(body),
        "started_at_ms": session.started_at_ms,
        "ended_at_ms": None,
    }


def _session(body: bytes, asset: bytes) -> Session:
    whole = msgspec.json.decode(body)
    whole["grant"]["asset"] = msgspec.json.decode(asset)
    return msgspec.convert(whole, Session)
