"""Devices that are signed in, and the chains of refresh tokens that keep them so."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import upsert
from vitascope.identity.contract import Device, DeviceKind
from vitascope.identity.refresh_tokens import Link
from vitascope.identity.store.tables import devices, first, refresh_tokens, values_of
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
