"""What recommendation remembers of each profile: one weight for each title and kind of signal.

A signal that was taken back stays, with a weight of 0: so an earlier one that arrives late, or is
read from viewing meanwhile, does not bring it back. An erased profile stays as a mark alone.
"""

import enum
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from vitascope.engines.rows import Connection, upsert
from vitascope.kernel.ids import ProfileId, TitleId

metadata = sa.MetaData()

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("erased", sa.Boolean, nullable=False),
)

signals = sa.Table(
    "signals",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)

MOST = 600  # signals of a profile that are read, the latest first

_OF_PROFILE = (
    sa.select(signals.c.title_id, signals.c.kind, signals.c.weight, signals.c.at_ms)
    .where(signals.c.profile_id == sa.bindparam("profile_id"))
    .order_by(signals.c.at_ms.desc(), signals.c.title_id)
    .limit(MOST)
)
_KEY = ("profile_id", "title_id", "kind")


class SignalKind(enum.StrEnum):
    LISTED = "listed"
    WATCHED = "watched"
    THUMB = "thumb"


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """`weight` from -1 (thumb down) to 1 (loved)."""

    title_id: TitleId
    kind: SignalKind
    weight: float
    at_ms: int


def is_met(connection: Connection, profile_id: ProfileId) -> bool:
    """Returns True once the profile's past was read from viewing, or erased."""
    query = sa.select(profiles.c.erased).where(profiles.c.profile_id == profile_id)
    return connection.execute(query).one_or_none() is not None


def is_erased(connection: Connection, profile_id: ProfileId) -> bool:
    query = sa.select(profiles.c.erased).where(profiles.c.profile_id == profile_id)
    return bool(connection.execute(query).scalar_one_or_none())


def signals_of(connection: Connection, profile_id: ProfileId) -> list[Signal]:
    """Returns a profile's signals, the latest first."""
    found = connection.execute(_OF_PROFILE, {"profile_id": profile_id}).all()
    return [
        Signal(title_id=TitleId(title), kind=SignalKind(kind), weight=weight, at_ms=at_ms)
        for title, kind, weight, at_ms in found
    ]


def put(connection: Connection, profile_id: ProfileId, signal: Signal) -> None:
    connection.execute(upsert(connection, signals, _row(profile_id, signal), key=_KEY))


def meet(connection: Connection, profile_id: ProfileId, past: Sequence[Signal]) -> None:
    """Keep a profile's past, where nothing later was heard."""
    met = {"profile_id": profile_id, "erased": False}
    connection.execute(upsert(connection, profiles, met, key=("profile_id",), update=()))
    if past:
        rows = [_row(profile_id, signal) for signal in past]
        connection.execute(upsert(connection, signals, rows, key=_KEY, update=()))


def erase(connection: Connection, profile_id: ProfileId) -> None:
    connection.execute(sa.delete(signals).where(signals.c.profile_id == profile_id))
    gone = {"profile_id": profile_id, "erased": True}
    connection.execute(upsert(connection, profiles, gone, key=("profile_id",)))


def _row(profile_id: ProfileId, signal: Signal) -> dict[str, object]:
    return {"profile_id": profile_id, **msgspec.structs.asdict(signal)}
