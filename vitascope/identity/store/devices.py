"""Devices that are signed in, the chains of refresh tokens that keep them so, and the codes by
which further ones are."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import upsert
from vitascope.identity.contract import Device, DeviceKind
from vitascope.identity.refresh_tokens import Link
from vitascope.identity.store.tables import (
    device_codes,
    devices,
    first,
    refresh_tokens,
    values_of,
)
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    device: Device
    account_id: AccountId
    profile_id: ProfileId | None
    signed_out_at_ms: int | None


def save_device(connection: Connection, row: DeviceRow) -> None:
    values = {
        **msgspec.structs.asdict(row.device),
        "account_id": row.account_id,
        "profile_id": row.profile_id,
        "signed_out_at_ms": row.signed_out_at_ms,
    }
    connection.execute(upsert(connection, devices, values, key=("id",)))


def device(connection: Connection, device_id: DeviceId | None) -> DeviceRow | None:
    row = first(connection, sa.select(devices).where(devices.c.id == device_id))
    return None if row is None else _device(row)


def devices_of(connection: Connection, account_id: AccountId) -> list[DeviceRow]:
    """Returns those that are signed in, the last seen first."""
    query = (
        sa.select(devices)
        .where(devices.c.account_id == account_id, devices.c.signed_out_at_ms.is_(None))
        .order_by(devices.c.last_seen_at_ms.desc(), devices.c.id)
    )
    return [_device(values_of(row)) for row in connection.execute(query).mappings()]


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


def add_link(connection: Connection, link: Link, device_id: DeviceId) -> None:
    values = {**msgspec.structs.asdict(link), "device_id": device_id}
    connection.execute(sa.insert(refresh_tokens).values(values))


def link(connection: Connection, hashed: str) -> tuple[Link, DeviceId] | None:
    row = first(connection, sa.select(refresh_tokens).where(refresh_tokens.c.hash == hashed))
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


def keep_device_code(
    connection: Connection,
    account_id: AccountId,
    device_id: DeviceId,
    hashed: str,
    expires_at_ms: int,
) -> None:
    """Keep the code that a device asked for, in place of an earlier one of the account."""
    row = {
        "account_id": account_id,
        "hash": hashed,
        "device_id": device_id,
        "expires_at_ms": expires_at_ms,
    }
    connection.execute(upsert(connection, device_codes, row, key=("account_id",)))


def use_device_code(connection: Connection, hashed: str, now_ms: int) -> AccountId | None:
    """Returns the account once, for a code that has not expired, while the device that asked for it
    is signed in."""
    row = first(connection, sa.select(device_codes).where(device_codes.c.hash == hashed))
    if row is None:
        return None
    used = sa.delete(device_codes).where(device_codes.c.hash == hashed)
    asked = device(connection, row["device_id"])
    is_used_now = connection.execute(used).rowcount == 1
    is_in = asked is not None and asked.signed_out_at_ms is None
    valid = is_used_now and is_in and row["expires_at_ms"] > now_ms
    return AccountId(row["account_id"]) if valid else None
