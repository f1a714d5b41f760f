"""Accounts, their passwords, and the codes that let in who forgot one."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import upsert
from vitascope.identity.contract import Account, AccountFilter
from vitascope.identity.store.tables import accounts, first, reset_codes, values_of
from vitascope.kernel.ids import AccountId


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    account: Account
    password_hash: str


def add_account(connection: Connection, row: AccountRow) -> bool:
    """Returns False when the email is taken."""
    values = {**msgspec.structs.asdict(row.account), "password_hash": row.password_hash}
    statement = upsert(connection, accounts, values, key=("email",), update=())
    added = connection.execute(statement.returning(accounts.c.id))
    return added.first() is not None


def account(connection: Connection, account_id: AccountId) -> Account | None:
    row = first(connection, sa.select(accounts).where(accounts.c.id == account_id))
    return None if row is None else _account(row)


def account_by_email(connection: Connection, email: str) -> AccountRow | None:
    row = first(connection, sa.select(accounts).where(accounts.c.email == email))
    if row is None:
        return None
    return AccountRow(account=_account(row), password_hash=row["password_hash"])


def accounts_like(
    connection: Connection, wanted: AccountFilter, before: AccountId | None, limit: int
) -> list[Account]:
    """Returns accounts, newest first: ids sort by the time of making."""
    query = sa.select(accounts).order_by(accounts.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(accounts.c.id < before)
    if wanted.text:
        has_text = (accounts.c.email, accounts.c.name)
        found = (column.icontains(wanted.text, autoescape=True) for column in has_text)
        query = query.where(sa.or_(accounts.c.id == wanted.text, *found))
    if wanted.role is not None:
        query = query.where(accounts.c.role == wanted.role.value)
    if wanted.suspended is not None:
        is_active = accounts.c.suspended_at_ms.is_(None)
        query = query.where(sa.not_(is_active) if wanted.suspended else is_active)
    return [_account(values_of(row)) for row in connection.execute(query).mappings()]


def change_account(connection: Connection, account: Account) -> None:
    """Write the role of an account, and if it is suspended."""
    connection.execute(
        sa.update(accounts)
        .where(accounts.c.id == account.id)
        .values(role=account.role.value, suspended_at_ms=account.suspended_at_ms)
    )


def password_hash(connection: Connection, account_id: AccountId) -> str | None:
    query = sa.select(accounts.c.password_hash).where(accounts.c.id == account_id)
    found: str | None = connection.scalar(query)
    return found


def set_password(connection: Connection, account_id: AccountId, hashed: str) -> None:
    chosen = sa.update(accounts).where(accounts.c.id == account_id)
    connection.execute(chosen.values(password_hash=hashed))


def set_email(connection: Connection, account_id: AccountId, email: str) -> None:
    connection.execute(sa.update(accounts).where(accounts.c.id == account_id).values(email=email))


def keep_code(
    connection: Connection, account_id: AccountId, hashed: str, expires_at_ms: int
) -> None:
    """Keep a code in place of an earlier one of the account."""
    row = {"account_id": account_id, "hash": hashed, "expires_at_ms": expires_at_ms}
    connection.execute(upsert(connection, reset_codes, row, key=("account_id",)))


def use_code(connection: Connection, account_id: AccountId, hashed: str, now_ms: int) -> bool:
    """Returns True once, for the code that is kept of the account and has not expired."""
    used = sa.delete(reset_codes).where(
        reset_codes.c.account_id == account_id,
        reset_codes.c.hash == hashed,
        reset_codes.c.expires_at_ms > now_ms,
    )
    return connection.execute(used).rowcount == 1


def _account(row: Mapping[str, Any]) -> Account:
    return msgspec.convert(row, Account)


def accounts_by(connection: Connection, query: sa.Select[Any]) -> list[Account]:
    """Returns the accounts that a query of their table finds, in its order."""
    return [_account(values_of(row)) for row in connection.execute(query).mappings()]
