"""Partners, and the rights of others to work in their catalogues."""

import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import upsert
from vitascope.identity.contract import Account
from vitascope.identity.store.accounts import accounts_by
from vitascope.identity.store.tables import accounts, catalogue_rights
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Role


def partners(connection: Connection, limit: int) -> list[Account]:
    """Returns the partners, by name."""
    query = sa.select(accounts).where(accounts.c.role == Role.PARTNER.value)
    return accounts_by(connection, query.order_by(accounts.c.name, accounts.c.id).limit(limit))


def opened_to(connection: Connection, account_id: AccountId, limit: int) -> list[Account]:
    """Returns the partners in whose catalogues an account may work."""
    rights = catalogue_rights
    query = sa.select(accounts).join(rights, rights.c.catalogue_id == accounts.c.id)
    mine = rights.c.account_id == account_id
    return accounts_by(
        connection, query.where(mine).order_by(accounts.c.name, accounts.c.id).limit(limit)
    )


def who_may(connection: Connection, catalogue_id: AccountId, limit: int) -> list[Account]:
    """Returns the other accounts that may work in a catalogue."""
    rights = catalogue_rights
    query = sa.select(accounts).join(rights, rights.c.account_id == accounts.c.id)
    theirs = rights.c.catalogue_id == catalogue_id
    return accounts_by(connection, query.where(theirs).order_by(accounts.c.name).limit(limit))


def is_open(connection: Connection, account_id: AccountId, catalogue_id: AccountId) -> bool:
    query = sa.select(catalogue_rights).where(*_right(account_id, catalogue_id))
    return connection.execute(query).first() is not None


def open_catalogue(connection: Connection, account_id: AccountId, catalogue_id: AccountId) -> None:
    row = {"account_id": account_id, "catalogue_id": catalogue_id}
    key = ("account_id", "catalogue_id")
    connection.execute(upsert(connection, catalogue_rights, row, key=key, update=[]))


def close_catalogue(connection: Connection, account_id: AccountId, catalogue_id: AccountId) -> None:
    connection.execute(sa.delete(catalogue_rights).where(*_right(account_id, catalogue_id)))


def _right(account_id: AccountId, catalogue_id: AccountId) -> tuple[sa.ColumnElement[bool], ...]:
    rights = catalogue_rights
    return rights.c.account_id == account_id, rights.c.catalogue_id == catalogue_id
