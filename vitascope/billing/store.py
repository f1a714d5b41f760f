"""What billing remembers: which plan an account is on, and how that stands."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.billing.contract import SubscriptionState
from vitascope.engines.rows import upsert
from vitascope.kernel.ids import AccountId

"""What the functions below are given: the rest of the domain names no driver."""

metadata = sa.MetaData()

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("plan_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("started_at_ms", sa.BigInteger, nullable=False),
    sa.Column("changed_at_ms", sa.BigInteger, nullable=False),
)

_OF_ACCOUNT = sa.select(subscriptions).where(
    subscriptions.c.account_id == sa.bindparam("account_id")
)


class SubscriptionRow(msgspec.Struct, frozen=True, kw_only=True):
    account_id: AccountId
    plan_id: str
    state: SubscriptionState
    provider: str
    started_at_ms: int
    changed_at_ms: int


def subscription(connection: Connection, account_id: AccountId) -> SubscriptionRow | None:
    row = connection.execute(_OF_ACCOUNT, {"account_id": account_id}).first()
    return None if row is None else msgspec.convert(row, SubscriptionRow, from_attributes=True)


def subscriptions_of(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[AccountId, SubscriptionRow]:
    query = sa.select(subscriptions).where(subscriptions.c.account_id.in_(account_ids))
    rows = (
        msgspec.convert(row, SubscriptionRow, from_attributes=True)
        for row in connection.execute(query)
    )
    return {row.account_id: row for row in rows}


def start(connection: Connection, row: SubscriptionRow) -> None:
    """Add a subscription. Does nothing when the account has one already."""
    values = msgspec.to_builtins(row)
    connection.execute(upsert(connection, subscriptions, values, key=("account_id",), update=()))


def save(connection: Connection, row: SubscriptionRow) -> None:
    changed = ("plan_id", "state", "provider", "changed_at_ms")
    values = msgspec.to_builtins(row)
    connection.execute(
        upsert(connection, subscriptions, values, key=("account_id",), update=changed)
    )
