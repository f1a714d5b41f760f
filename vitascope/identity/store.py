"""What identity remembers: accounts, profiles, devices, refresh tokens, and failed guesses.

Every function takes the connection of a transaction that the caller runs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import upsert
from vitascope.identity.contract import Account, Device, DeviceKind, Profile
from vitascope.identity.refresh_tokens import Link
from vitascope.identity.throttle import Guesses
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId

"""What the functions below are given: the rest of the domain names no driver."""

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

guesses = sa.Table(
    "guesses",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at_ms", sa.BigInteger, nullable=False, index=True),
)


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    account: Account
    password_hash: str


class ProfileRow(msgspec.Struct, frozen=True, kw_only=True):
    profile: Profile
    pin_hash: str | None


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    device: Device
    account_id: AccountId
    profile_id: ProfileId | None
    signed_out_at_ms: int | None


# -- accounts


def add_account(connection: Connection, row: AccountRow) -> bool:
    """Returns False when the email is taken."""
    values = {**msgspec.structs.asdict(row.account), "password_hash": row.password_hash}
    statement = upsert(connection, accounts, values, key=("email",), update=())
    added = connection.execute(statement.returning(accounts.c.id))
    return added.first() is not None


def account(connection: Connection, account_id: AccountId) -> Account | None:
    row = _first(connection, sa.select(accounts).where(accounts.c.id == account_id))
    return None if row is None else _account(row)


def account_by_email(connection: Connection, email: str) -> AccountRow | None:
    row = _first(connection, sa.select(accounts).where(accounts.c.email == email))
    if row is None:
        return None
    return AccountRow(account=_account(row), password_hash=row["password_hash"])


def _account(row: Mapping[str, Any]) -> Account:
    return msgspec.convert(row, Account)


# -- profiles


def save_profile(connection: Connection, row: ProfileRow, created_at_ms: int) -> None:
    values = msgspec.structs.asdict(row.profile)
    values.pop("has_pin")
    values |= {"pin_hash": row.pin_hash, "created_at_ms": created_at_ms}
    changed = [name for name in values if name not in ("id", "account_id", "created_at_ms")]
    connection.execute(upsert(connection, profiles, values, key=("id",), update=changed))


def profiles_of(connection: Connection, account_id: AccountId) -> list[ProfileRow]:
    """Returns an account's profiles, oldest first."""
    query = sa.select(profiles).where(profiles.c.account_id == account_id)
    rows = connection.execute(query.order_by(profiles.c.created_at_ms, profiles.c.id))
    return [_profile(_values(row)) for row in rows.mappings()]


def profile(
    connection: Connection, account_id: AccountId, profile_id: ProfileId | None
) -> ProfileRow | None:
    query = sa.select(profiles).where(profiles.c.id == profile_id)
    row = _first(connection, query.where(profiles.c.account_id == account_id))
    return None if row is None else _profile(row)


def remove_profile(connection: Connection, profile_id: ProfileId) -> None:
    connection.execute(sa.delete(profiles).where(profiles.c.id == profile_id))
    of_it = devices.c.profile_id == profile_id
    connection.execute(sa.update(devices).where(of_it).values(profile_id=None))


def _profile(row: Mapping[str, Any]) -> ProfileRow:
    values = {**row, "has_pin": row["pin_hash"] is not None}
    return ProfileRow(
        profile=msgspec.convert(values, Profile, strict=False), pin_hash=row["pin_hash"]
    )


# -- devices


def save_device(connection: Connection, row: DeviceRow) -> None:
    values = {
        **msgspec.structs.asdict(row.device),
        "account_id": row.account_id,
        "profile_id": row.profile_id,
        "signed_out_at_ms": row.signed_out_at_ms,
    }
    connection.execute(upsert(connection, devices, values, key=("id",)))


def device(connection: Connection, device_id: DeviceId | None) -> DeviceRow | None:
    row = _first(connection, sa.select(devices).where(devices.c.id == device_id))
    return None if row is None else _device(row)


def devices_of(connection: Connection, account_id: AccountId) -> list[DeviceRow]:
    """Returns those that are signed in, the last seen first."""
    query = (
        sa.select(devices)
        .where(devices.c.account_id == account_id, devices.c.signed_out_at_ms.is_(None))
        .order_by(devices.c.last_seen_at_ms.desc(), devices.c.id)
    )
    return [_device(_values(row)) for row in connection.execute(query).mappings()]


def sign_out(connection: Connection, device_ids: Sequence[DeviceId], now_ms: int) -> None:
    """End the chains of refresh tokens of these devices."""
    theirs = refresh_tokens.c.device_id.in_(device_ids)
    connection.execute(sa.delete(refresh_tokens).where(theirs))
    connection.execute(
        sa.update(devices)
        .where(devices.c.id.in_(device_ids), devices.c.signed_out_at_ms.is_(None))
        .values(signed_out_at_ms=now_ms, profile_id=None)
    )


def _device(row: Mapping[str, Any]) -> DeviceRow:
    return DeviceRow(
        device=Device(
            id=row["id"],
            name=row["name"],
            kind=DeviceKind(row["kind"]),
            created_at_ms=row["created_at_ms"],
            last_seen_at_ms=row["last_seen_at_ms"],
        ),
        account_id=row["account_id"],
        profile_id=row["profile_id"],
        signed_out_at_ms=row["signed_out_at_ms"],
    )


# -- refresh tokens


def add_link(connection: Connection, link: Link, device_id: DeviceId) -> None:
    values = {**msgspec.structs.asdict(link), "device_id": device_id}
    connection.execute(sa.insert(refresh_tokens).values(values))


def link(connection: Connection, hashed: str) -> tuple[Link, DeviceId] | None:
    row = _first(connection, sa.select(refresh_tokens).where(refresh_tokens.c.hash == hashed))
    return None if row is None else (msgspec.convert(row, Link), row["device_id"])


def use_link(connection: Connection, hashed: str, now_ms: int) -> None:
    used = sa.update(refresh_tokens).where(refresh_tokens.c.hash == hashed)
    connection.execute(used.values(used_at_ms=now_ms))


def forget_links(connection: Connection, device_id: DeviceId, used_before_ms: int) -> None:
    connection.execute(
        sa.delete(refresh_tokens).where(
            refresh_tokens.c.device_id == device_id, refresh_tokens.c.used_at_ms < used_before_ms
        )
    )


# -- guesses


def guesses_of(connection: Connection, subjects: Sequence[str]) -> dict[str, Guesses]:
    query = sa.select(guesses).where(guesses.c.subject.in_(subjects))
    found = {
        row["subject"]: msgspec.convert(_values(row), Guesses)
        for row in connection.execute(query).mappings()
    }
    return {subject: found.get(subject, Guesses()) for subject in subjects}


def save_guesses(connection: Connection, state: Mapping[str, Guesses]) -> None:
    values = [{"subject": s, **msgspec.structs.asdict(g)} for s, g in state.items()]
    connection.execute(upsert(connection, guesses, values, key=("subject",)))


def forget_guesses(connection: Connection, before_ms: int) -> None:
    connection.execute(sa.delete(guesses).where(guesses.c.last_at_ms < before_ms))


def _first(connection: Connection, query: sa.Select[Any]) -> Mapping[str, Any] | None:
    row = connection.execute(query).mappings().first()
    return None if row is None else _values(row)


def _values(row: sa.RowMapping) -> dict[str, Any]:
    """By plain names: SQLAlchemy's own kind of string is none to msgspec."""
    return {str(name): value for name, value in row.items()}
