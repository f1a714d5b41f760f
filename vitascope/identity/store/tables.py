"""The tables of identity, and reading a row by plain names."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

metadata = sa.MetaData()

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text, nullable=False, unique=True),  # lower case
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("suspended_at_ms", sa.BigInteger),  # by an operator
)

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kids", sa.Boolean, nullable=False),
    sa.Column("maturity", sa.Integer, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("avatar", sa.Text, nullable=False),
    sa.Column("pin_hash", sa.Text),
    sa.Column("autoplay", sa.Boolean, nullable=False),
    sa.Column("data_saver", sa.Boolean, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False, index=True),
    sa.Column("profile_id", sa.Text),  # the one chosen on it
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("last_seen_at_ms", sa.BigInteger, nullable=False),
    sa.Column("signed_out_at_ms", sa.BigInteger),  # by its user, by revocation, or by theft
)

refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),  # SHA-256, hex
    sa.Column("device_id", sa.Text, nullable=False, index=True),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
    sa.Column("used_at_ms", sa.BigInteger),
)

reset_codes = sa.Table(
    "reset_codes",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),  # SHA-256, hex
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
)

device_codes = sa.Table(
    "device_codes",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),  # SHA-256, hex
    sa.Column("device_id", sa.Text, nullable=False),  # that asked for it
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
)

catalogue_rights = sa.Table(
    "catalogue_rights",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("catalogue_id", sa.Text, primary_key=True),
)

guesses = sa.Table(
    "guesses",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at_ms", sa.BigInteger, nullable=False, index=True),
)


def first(connection: Connection, query: sa.Select[Any]) -> Mapping[str, Any] | None:
    row = connection.execute(query).mappings().first()
    return None if row is None else values_of(row)


def values_of(row: sa.RowMapping) -> dict[str, Any]:
    """Returns a row by plain names: SQLAlchemy's own kind of string is none to msgspec."""
    return {str(name): value for name, value in row.items()}
