"""Look up again what access tokens say: that the device is signed in, and account and profile are
as the token has them.

A token is read without a database, so that identity is no hard dependency of every request. What it
says is looked up again every `token_check_s`, once for all requests with it. While the database
does not answer, tokens are believed as long as they last.
"""

from collections import OrderedDict

from vitascope.engines.rows import Connection, Rows
from vitascope.engines.trace import get_log
from vitascope.identity import store
from vitascope.identity.contract import TokenRefused
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Principal

REMEMBERED = 20_000  # accounts

_log = get_log("identity")


class Liveness:
    def __init__(self, rows: Rows, clock: Clock, *, every_s: float) -> None:
        self._rows = rows
        self._clock = clock
        self._every_s = every_s
        self._seen: OrderedDict[AccountId, dict[Principal, float]] = OrderedDict()
        """When each was found to hold, by account."""

    async def check(self, principal: Principal) -> None:
        """Raises `TokenRefused` when the device was signed out, or when role, country or limits
        have changed: a fresh token says the new ones."""
        now, seen = self._clock.monotonic(), self._seen.get(principal.account_id, {})
        if now - seen.get(principal, float("-inf")) < self._every_s:
            return
        try:
            holds = await self._rows.read(lambda connection: _holds(connection, principal))
        except VitascopeError as error:
            _log.warning("token_not_checked", why=error.detail)
            holds = True
        if not holds:
            self.forget(principal.account_id)
            raise TokenRefused(
                "This device was signed out, or your account changed. Sign in again."
            )
        fresh = {one: at for one, at in seen.items() if now - at < self._every_s}
        self._seen[principal.account_id] = fresh | {principal: now}
        self._seen.move_to_end(principal.account_id)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def forget(self, account_id: AccountId) -> None:
        """Look what its tokens say up again: somebody was signed out, or a profile changed."""
        self._seen.pop(account_id, None)


def _holds(connection: Connection, principal: Principal) -> bool:
    device = store.device(connection, principal.device_id)
    account = store.account(connection, principal.account_id)
    if device is None or account is None or device.signed_out_at_ms is not None:
        return False
    if device.account_id != principal.account_id or account.role is not principal.role:
        return False
    viewer = principal.viewer
    if viewer is None:
        return True
    row = store.profile(connection, principal.account_id, viewer.profile_id)
    if row is None or account.country != viewer.country:
        return False
    return (row.profile.maturity, row.profile.kids) == (viewer.maturity, viewer.kids)
