"""Accounts: signing up, signing in, and who somebody is. Devices and their refresh tokens are in
`sessions.py`, profiles in `profiles.py`."""

from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.identity import store
from vitascope.identity.access_tokens import AccessTokens
from vitascope.identity.attempts import AttemptCounter
from vitascope.identity.contract import (
    DEFAULT_COUNTRY,
    Account,
    AccountOpened,
    Device,
    DeviceDraft,
    EmailTaken,
    Profile,
    ProfileDraft,
    SignedIn,
    WrongCredentials,
)
from vitascope.identity.drafts import (
    LONGEST_PASSWORD,
    first_profile,
    valid_email,
    valid_locale,
    valid_name,
    valid_password,
)
from vitascope.identity.passwords import Passwords
from vitascope.identity.profiles import Profiles
from vitascope.identity.sessions import Sessions
from vitascope.identity.settings import IdentitySettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Invalid, NotFound
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId, new_id
from vitascope.kernel.viewer import Principal, Role


class RowsIdentity:
    """Implements `Identity`. The two secrets are 32 random bytes, the same in every process."""

    def __init__(
        self,
        *,
        rows: Rows,
        outbox: Outbox,
        signing_secret: bytes,
        refresh_secret: bytes,
        clock: Clock,
        settings: IdentitySettings,
    ) -> None:
        self._rows = rows
        self._outbox = outbox
        self._clock = clock
        self._passwords = Passwords(
            threads=settings.password_threads, queue=settings.password_queue
        )
        self._attempts = AttemptCounter(rows, clock, settings)
        self._access_tokens = AccessTokens(
            signing_secret,
            clock,
            lifetime_s=settings.access_token_s,
            key_days=settings.signing_key_days,
        )
        self._sessions = Sessions(rows, clock, settings, self._access_tokens, refresh_secret)
        self._profiles = Profiles(rows, outbox, clock, settings, self._passwords, self._attempts)

    async def close(self) -> None:
        self._passwords.close()

    # -- coming in

    async def sign_up(
        self,
        email: str,
        password: str,
        name: str,
        device: DeviceDraft,
        *,
        role: Role = Role.VIEWER,
        country: Country = DEFAULT_COUNTRY,
        locale: str = "en",
    ) -> SignedIn:
        account = Account(
            id=AccountId(new_id("acc")),
            email=valid_email(email),
            name=valid_name(name),
            role=role,
            country=country,
            locale=valid_locale(locale),
            created_at_ms=self._clock.now_ms(),
        )
        hashed = await self._passwords.hash(valid_password(password, account.email))
        token = self._sessions.new_token()
        first = first_profile(ProfileId(new_id("pro")), account.id, account.name, account.locale)
        signed_in = await self._rows.write(
            lambda connection: self._open(connection, account, hashed, first, device, token)
        )
        return self._sessions.answer(account, signed_in, None, token)

    def _open(
        self,
        connection: Connection,
        account: Account,
        hashed: str,
        first: Profile,
        device: DeviceDraft,
        token: str,
    ) -> Device:
        row = store.AccountRow(account=account, password_hash=hashed)
        if not store.add_account(connection, row):
            raise EmailTaken(
                "An account with this email already exists. Sign in instead.", field="email"
            )
        profile = store.ProfileRow(profile=first, pin_hash=None)
        store.save_profile(connection, profile, account.created_at_ms)
        self._outbox.put(connection, AccountOpened(account_id=account.id))
        return self._sessions.begin(connection, account, device, token)

    async def sign_in(
        self, email: str, password: str, device: DeviceDraft, address: str
    ) -> SignedIn:
        """Sign in. An unknown email takes the same time, the same work and the same answer as a
        wrong password."""
        try:
            valid = valid_email(email)
        except Invalid:
            valid = "nobody"
        counters = self._attempts.of_sign_in(valid, address)
        await self._attempts.charge(counters)
        row = await self._rows.read(lambda connection: store.account_by_email(connection, valid))
        known = row.password_hash if row else None
        right = await self._passwords.matches(password[: LONGEST_PASSWORD + 1], known)
        if row is None or not right:
            raise WrongCredentials("The email or the password is wrong.")
        await self._attempts.forgive(counters)
        token = self._sessions.new_token()
        account = row.account
        signed_in = await self._rows.write(
            lambda connection: self._sessions.begin(connection, account, device, token)
        )
        return self._sessions.answer(account, signed_in, None, token)

    async def refresh(self, refresh_token: str) -> SignedIn:
        return await self._sessions.refresh(refresh_token)

    async def read_token(self, access_token: str) -> Principal:
        return self._access_tokens.read(access_token)

    # -- going out

    async def sign_out(self, principal: Principal) -> None:
        await self._sessions.end(principal.account_id, principal.device_id)

    async def sign_out_everywhere(self, account_id: AccountId) -> None:
        await self._sessions.end(account_id)

    async def devices(self, account_id: AccountId) -> list[Device]:
        return await self._sessions.devices(account_id)

    async def revoke_device(self, account_id: AccountId, device_id: DeviceId) -> None:
        await self._sessions.revoke(account_id, device_id)

    # -- who is who

    async def account(self, account_id: AccountId) -> Account:
        found = await self._rows.read(lambda connection: store.account(connection, account_id))
        if found is None:
            raise NotFound("This account does not exist.")
        return found

    async def profiles(self, account_id: AccountId) -> list[Profile]:
        return await self._profiles.profiles(account_id)

    async def add_profile(self, account_id: AccountId, draft: ProfileDraft) -> Profile:
        return await self._profiles.add(account_id, draft)

    async def change_profile(
        self, principal: Principal, profile_id: ProfileId, draft: ProfileDraft
    ) -> Profile:
        return await self._profiles.change(principal, profile_id, draft)

    async def remove_profile(self, principal: Principal, profile_id: ProfileId) -> None:
        await self._profiles.remove(principal, profile_id)

    async def choose_profile(
        self, principal: Principal, profile_id: ProfileId, pin: str | None
    ) -> SignedIn:
        await self._profiles.unlock(principal.account_id, profile_id, pin)
        return await self._sessions.choose(principal, profile_id)
