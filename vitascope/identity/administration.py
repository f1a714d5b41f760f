"""What operators see and change of accounts, and signing out all devices of one."""

import msgspec

from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.identity import store
from vitascope.identity.contract import (
    Account,
    AccountChange,
    AccountFilter,
    AccountPage,
    AccountSignedOut,
)
from vitascope.kernel.characters import has_control_characters
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, NotFound
from vitascope.kernel.ids import AccountId, DeviceId
from vitascope.kernel.pages import BadPageToken, place_of
from vitascope.kernel.pages import page_token as token_of

_LARGEST_PAGE = 100
_LONGEST_TEXT = 254


class Administration:
    def __init__(self, rows: Rows, outbox: Outbox, clock: Clock) -> None:
        self._rows = rows
        self._outbox = outbox
        self._clock = clock

    async def page(self, wanted: AccountFilter, page_token: str | None, limit: int) -> AccountPage:
        """Raises `Invalid`, `BadPageToken`."""
        if not 0 < limit <= _LARGEST_PAGE:
            raise Invalid(f"A page has from 1 to {_LARGEST_PAGE} accounts.", field="limit")
        if len(wanted.text) > _LONGEST_TEXT or has_control_characters(wanted.text):
            raise Invalid("This can't be part of an email or a name.", field="text")
        before = None if page_token is None else _account_in(page_token)
        found = await self._rows.read(
            lambda connection: store.accounts_like(connection, wanted, before, limit + 1)
        )
        more = token_of(found[limit - 1].id) if len(found) > limit else None
        return AccountPage(accounts=tuple(found[:limit]), next_page_token=more)

    async def change(self, account_id: AccountId, change: AccountChange) -> Account:
        """Raises `NotFound`."""

        def work(connection: Connection) -> Account | None:
            before = store.account(connection, account_id)
            if before is None:
                return None
            after = self._changed(before, change)
            if after != before:
                store.change_account(connection, after)
                # Tokens say the role, and keep a suspended account in: they end with it.
                self.end_devices(connection, account_id)
            return after

        after = await self._rows.write(work)
        if after is None:
            raise NotFound("There is no such account.")
        return after

    async def sign_out(self, account_id: AccountId) -> None:
        """Sign out all devices of the account; harmless when none is signed in."""
        await self._rows.write(lambda connection: self.end_devices(connection, account_id))

    def end_devices(
        self, connection: Connection, account_id: AccountId, *, but: DeviceId | None = None
    ) -> None:
        """Sign out the account's devices within the caller's transaction, and announce it."""
        rows = store.devices_of(connection, account_id)
        ids = [row.device.id for row in rows if row.device.id != but]
        store.sign_out(connection, ids, self._clock.now_ms())
        self._outbox.put(connection, AccountSignedOut(account_id=account_id, kept_device_id=but))

    def _changed(self, account: Account, change: AccountChange) -> Account:
        since = account.suspended_at_ms
        if change.suspended is False:
            since = None
        elif change.suspended and since is None:
            since = self._clock.now_ms()
        role = account.role if change.role is None else change.role
        return msgspec.structs.replace(account, role=role, suspended_at_ms=since)


def _account_in(page_token: str) -> AccountId:
    """Raises `BadPageToken`."""
    place = place_of(page_token, str)
    if has_control_characters(place):
        raise BadPageToken("This page token is invalid. Start again without one.")
    return AccountId(place)
