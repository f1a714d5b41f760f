"""Devices and the chains of refresh tokens that keep them signed in."""

import base64
import hashlib

import msgspec

from vitascope.engines.rows import Connection, Rows
from vitascope.engines.trace import get_log
from vitascope.identity import profile_tokens, store
from vitascope.identity.access_tokens import AccessTokens
from vitascope.identity.contract import (
    Account,
    Device,
    DeviceDraft,
    NoSuchDevice,
    Profile,
    SignedIn,
    TokenRefused,
    Tokens,
)
from vitascope.identity.drafts import shown_device_name
from vitascope.identity.liveness import Liveness
from vitascope.identity.refresh_tokens import Link, Verdict, first, following, hash_of, verdict
from vitascope.identity.settings import IdentitySettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId, new_id
from vitascope.kernel.viewer import Principal

_log = get_log("identity")

_DAY_MS = 86_400_000
_KEPT_MS = 2 * _DAY_MS  # how long a used token is remembered, to recognise a thief by it
_REFUSED = "This refresh token is invalid or expired. Sign in again."


class _Refreshed(msgspec.Struct, frozen=True):
    verdict: Verdict
    account: Account | None = None
    device: Device | None = None
    profile: Profile | None = None


class Sessions:
    def __init__(
        self,
        rows: Rows,
        clock: Clock,
        settings: IdentitySettings,
        access_tokens: AccessTokens,
        refresh_secret: bytes,
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._settings = settings
        self._access_tokens = access_tokens
        self._refresh_secret = refresh_secret
        self._liveness = Liveness(rows, clock, every_s=settings.token_check_s)

    async def read(self, access_token: str) -> Principal:
        """Returns who the token says is asking. Raises `TokenRefused`."""
        principal = self._access_tokens.read(access_token)
        await self._liveness.check(principal)
        return principal

    def look_again(self, account_id: AccountId) -> None:
        """Believe no token of the account any longer without looking it up."""
        self._liveness.forget(account_id)

    async def known(self, email: str, device_id: str | None) -> DeviceId | None:
        """Returns the device if it was signed in before to the account with this email."""
        if not _is_an_id(device_id):
            return None

        def work(connection: Connection) -> DeviceId | None:
            row = store.device(connection, DeviceId(device_id or ""))
            account = store.account_by_email(connection, email)
            if row is None or account is None or row.account_id != account.account.id:
                return None
            return row.device.id

        return await self._rows.read(work)

    # -- beginning

    def begin(
        self, connection: Connection, account: Account, draft: DeviceDraft, token: str
    ) -> Device:
        """Sign a device in, within the caller's transaction: `token` begins its chain."""
        now_ms = self._clock.now_ms()
        before = store.device(connection, draft.id) if _is_an_id(draft.id) else None
        if before is not None and before.account_id != account.id:
            before = None  # somebody else was here: that is another device to us
        if before is None and draft.browser:
            before = store.device(connection, _in_browser(account.id, draft.browser))
        device = Device(
            id=before.device.id if before else _fresh_id(account.id, draft.browser),
            name=shown_device_name(draft.name),
            kind=draft.kind,
            created_at_ms=before.device.created_at_ms if before else now_ms,
            last_seen_at_ms=now_ms,
        )
        store.sign_out(connection, [device.id], now_ms)
        row = store.DeviceRow(
            device=device, account_id=account.id, profile_id=None, signed_out_at_ms=None
        )
        store.save_device(connection, row)
        store.add_link(connection, self._link(token), device.id)
        return device

    def answer(
        self, account: Account, device: Device, profile: Profile | None, refresh_token: str
    ) -> SignedIn:
        access_token = self._access_tokens.write(
            account.id, device.id, account.role, account.country, profile
        )
        tokens = Tokens(
            access_token=access_token,
            expires_in_s=self._access_tokens.lifetime_s,
            refresh_token=refresh_token,
            profile_token=profile_tokens.written(self._refresh_secret, device.id, profile.id)
            if profile
            else "",
        )
        return SignedIn(account=account, device=device, tokens=tokens, profile=profile)

    @staticmethod
    def new_token() -> str:
        return first()

    # -- going on

    async def refresh(self, token: str, profile_token: str | None) -> SignedIn:
        """Raises `TokenRefused`. A stolen chain is ended before that is raised."""
        following_token = following(self._refresh_secret, token)

        def work(connection: Connection) -> _Refreshed:
            return self._refreshed(connection, token, following_token, profile_token)

        done = await self._rows.write(work)
        if done.verdict is Verdict.STOLEN:
            if done.account is not None:
                self.look_again(done.account.id)
            _log.warning("refresh_token_reused", device_id=done.device and done.device.id)
        if done.account is None or done.device is None:
            raise TokenRefused(_REFUSED)
        return self.answer(done.account, done.device, done.profile, following_token)

    def _refreshed(
        self,
        connection: Connection,
        token: str,
        following_token: str,
        profile_token: str | None,
    ) -> _Refreshed:
        found = store.link(connection, hash_of(token))
        successor = store.link(connection, hash_of(following_token))
        now_ms = self._clock.now_ms()
        judged = verdict(
            found and found[0], successor and successor[0], now_ms, self._settings.reuse_grace_s
        )
        row = store.device(connection, found[1]) if found else None
        if row is None or judged is Verdict.UNKNOWN:
            return _Refreshed(Verdict.UNKNOWN)
        if judged is Verdict.STOLEN:
            store.sign_out(connection, [row.device.id], now_ms)
            return _Refreshed(judged, store.account(connection, row.account_id))
        if judged is Verdict.FRESH:
            self._move_on(connection, row, hash_of(token), following_token)
        account = store.account(connection, row.account_id)
        profile = self._profile(connection, row, profile_token)
        return _Refreshed(judged, account, row.device, profile)

    def _profile(
        self, connection: Connection, row: store.DeviceRow, token: str | None
    ) -> Profile | None:
        """Returns the profile that the token names, or else the one chosen last on the device."""
        named = profile_tokens.read(self._refresh_secret, row.device.id, token) if token else None
        for profile_id in (named, row.profile_id):
            found = store.profile(connection, row.account_id, profile_id)
            if found:
                return found.profile
        return None

    def _move_on(
        self, connection: Connection, row: store.DeviceRow, used: str, following_token: str
    ) -> None:
        now_ms = self._clock.now_ms()
        store.use_link(connection, used, now_ms)
        store.add_link(connection, self._link(following_token), row.device.id)
        store.forget_links(connection, row.device.id, now_ms - _KEPT_MS)
        seen = msgspec.structs.replace(row.device, last_seen_at_ms=now_ms)
        store.save_device(connection, msgspec.structs.replace(row, device=seen))

    async def choose(self, principal: Principal, profile_id: ProfileId) -> SignedIn:
        """Raises `TokenRefused` when the device was signed out meanwhile. The refresh token in
        hand stays good: an access token alone must not be worth a new one."""

        def work(connection: Connection) -> _Refreshed:
            row = store.device(connection, principal.device_id)
            chosen = store.profile(connection, principal.account_id, profile_id)
            if row is None or row.signed_out_at_ms is not None or chosen is None:
                return _Refreshed(Verdict.UNKNOWN)
            kept = msgspec.structs.replace(row, profile_id=profile_id)
            store.save_device(connection, kept)
            account = store.account(connection, principal.account_id)
            return _Refreshed(Verdict.FRESH, account, row.device, chosen.profile)

        done = await self._rows.write(work)
        if done.account is None or done.device is None:
            raise TokenRefused("This device was signed out. Sign in again.")
        return self.answer(done.account, done.device, done.profile, "")

    # -- ending

    async def devices(self, account_id: AccountId) -> list[Device]:
        def work(connection: Connection) -> list[store.DeviceRow]:
            return store.devices_of(connection, account_id)

        return [row.device for row in await self._rows.read(work)]

    async def revoke(self, account_id: AccountId, device_id: DeviceId) -> None:
        """Raises `NoSuchDevice`."""

        def work(connection: Connection) -> bool:
            row = store.device(connection, device_id)
            if row is None or row.account_id != account_id or row.signed_out_at_ms is not None:
                return False
            store.sign_out(connection, [device_id], self._clock.now_ms())
            return True

        if not await self._rows.write(work):
            raise NoSuchDevice("This account has no such device.")
        self.look_again(account_id)

    async def end(self, account_id: AccountId, device_id: DeviceId) -> None:
        """Sign out a device of the account; harmless when it is done already."""

        def work(connection: Connection) -> None:
            rows = store.devices_of(connection, account_id)
            ids = [r.device.id for r in rows if r.device.id == device_id]
            store.sign_out(connection, ids, self._clock.now_ms())

        await self._rows.write(work)
        self.look_again(account_id)

    def _link(self, token: str) -> Link:
        expires_at_ms = self._clock.now_ms() + self._settings.refresh_token_days * _DAY_MS
        return Link(hash=hash_of(token), expires_at_ms=expires_at_ms, used_at_ms=None)


def _is_an_id(given: str | None) -> bool:
    """Returns True if it can be one of ours; databases do not take every string."""
    return given is not None and given.isascii() and given.isprintable() and len(given) < 64


def _fresh_id(account_id: AccountId, browser: str | None) -> DeviceId:
    return _in_browser(account_id, browser) if browser else DeviceId(new_id("dev"))


def _in_browser(account_id: AccountId, browser: str) -> DeviceId:
    """Returns the id of an account's device in a browser: the same whenever it signs in there, and
    no other account's."""
    digest = hashlib.sha256(f"{account_id} {browser}".encode()).digest()
    return DeviceId(f"dev_{base64.b32encode(digest)[:26].decode().lower()}")
