"""The profiles of an account."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import upsert
from vitascope.identity.contract import Profile
from vitascope.identity.drafts import AVATARS
from vitascope.identity.store.tables import devices, first, profiles, values_of
from vitascope.kernel.ids import AccountId, ProfileId


class ProfileRow(msgspec.Struct, frozen=True, kw_only=True):
    profile: Profile
    pin_hash: str | None


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
    return [_profile(values_of(row)) for row in rows.mappings()]


def profile(
    connection: Connection, account_id: AccountId, profile_id: ProfileId | None
) -> ProfileRow | None:
    query = sa.select(profiles).where(profiles.c.id == profile_id)
    row = first(connection, query.where(profiles.c.account_id == account_id))
    return None if row is None else _profile(row)


def remove_profile(connection: Connection, profile_id: ProfileId) -> None:
    connection.execute(sa.delete(profiles).where(profiles.c.id == profile_id))
    of_it = devices.c.profile_id == profile_id
    connection.execute(sa.update(devices).where(of_it).values(profile_id=None))


def _profile(row: Mapping[str, Any]) -> ProfileRow:
    avatar = row["avatar"] if row["avatar"] in AVATARS else AVATARS[0]  # of an older version
    values = {**row, "avatar": avatar, "has_pin": row["pin_hash"] is not None}
    return ProfileRow(
        profile=msgspec.convert(values, Profile, strict=False), pin_hash=row["pin_hash"]
    )
