"""Leases as rows: a claim counts and takes in one serializable transaction.

How the words map: a lease is a row; it lives while `expires_at_ms` lies ahead of the clock, and
dead rows of a subject are removed by the next claim on it. SQLite has one writer at a time and
PostgreSQL is asked for `SERIALIZABLE`, so that two claims never both see the last free place.
The clocks of processes that share leases must agree to a fraction of the shortest lifetime.

Costs: a claim, a renewal and a release are one durable commit each (shared with the others that
are under way).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.engine import Row

from vitascope.engines.leases.contract import Claim, Lease
from vitascope.engines.rows import Rows, Upsert
from vitascope.kernel.clock import Clock

MIGRATIONS = "vitascope.engines.leases.migrations"
"""The revisions that the leases' database is opened with."""

_metadata = MetaData()
_leases = Table(
    "leases",
    _metadata,
    Column("subject", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("note", Text, nullable=False),
    Column("taken_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
)
_TAKE = Upsert(_leases, key=("subject", "holder"))
_RENEW = (
    update(_leases)
    .where(
        _leases.c.subject == bindparam("of"),
        _leases.c.holder == bindparam("by"),
        _leases.c.expires_at_ms > bindparam("now_ms"),
    )
    .values(
        expires_at_ms=bindparam("until_ms"),
        note=func.coalesce(bindparam("said"), _leases.c.note),
    )
    .returning(*_leases.c)
)
_LIVING = (
    select(_leases)
    .where(_leases.c.subject == bindparam("of"), _leases.c.expires_at_ms > bindparam("now_ms"))
    .order_by(_leases.c.taken_at_ms, _leases.c.holder)
)


class RowsLeases:
    """Counted, expiring claims in a database that was opened with `MIGRATIONS`."""

    def __init__(self, *, rows: Rows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    async def claim(
        self, subject: str, holder: str, *, limit: int, ttl_s: float, note: str = ""
    ) -> Claim:
        def work(connection: Connection) -> Claim:
            now = self._clock.now_ms()
            connection.execute(
                delete(_leases).where(_leases.c.subject == subject, _leases.c.expires_at_ms <= now)
            )
            living = self._living(connection, subject, now)
            mine = next((lease for lease in living if lease.holder == holder), None)
            if mine is None and len(living) >= limit:
                return Claim(lease=None, holders=living)
            granted = Lease(
                subject=subject,
                holder=holder,
                note=note,
                taken_at_ms=mine.taken_at_ms if mine else now,
                expires_at_ms=_expiry(now, ttl_s),
            )
            _TAKE.run(connection, _row_of(granted))
            return Claim(lease=granted, holders=self._living(connection, subject, now))

        return await self._rows.write(work)

    async def renew(
        self, subject: str, holder: str, *, ttl_s: float, note: str | None = None
    ) -> Lease | None:
        def work(connection: Connection) -> Lease | None:
            now = self._clock.now_ms()
            given = {"of": subject, "by": holder, "now_ms": now, "said": note}
            found = connection.execute(_RENEW, {**given, "until_ms": _expiry(now, ttl_s)})
            row = found.one_or_none()
            return None if row is None else _lease_of(row)

        return await self._rows.write(work)

    async def release(self, subject: str, holder: str) -> None:
        def work(connection: Connection) -> None:
            place = _leases.c.subject == subject, _leases.c.holder == holder
            connection.execute(delete(_leases).where(*place))

        await self._rows.write(work)

    async def holders(self, subject: str) -> tuple[Lease, ...]:
        return await self._rows.read(
            lambda connection: self._living(connection, subject, self._clock.now_ms())
        )

    def _living(self, connection: Connection, subject: str, now_ms: int) -> tuple[Lease, ...]:
        found = connection.execute(_LIVING, {"of": subject, "now_ms": now_ms})
        return tuple(_lease_of(row) for row in found)


def _expiry(now_ms: int, ttl_s: float) -> int:
    return now_ms + round(ttl_s * 1000)


def _row_of(lease: Lease) -> dict[str, object]:
    return {name: getattr(lease, name) for name in lease.__struct_fields__}


def _lease_of(row: "Row[*tuple[object, ...]]") -> Lease:
    return Lease(
        subject=row.subject,
        holder=row.holder,
        note=row.note,
        taken_at_ms=row.taken_at_ms,
        expires_at_ms=row.expires_at_ms,
    )
