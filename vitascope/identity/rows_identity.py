"""Accounts: signing up, signing in, and who somebody is. Devices and their refresh tokens are in
`sessions.py`, profiles in `profiles.py`."""

import asyncio

from vitascope.engines.bus import Outbox
from vitascope.engines.mail import Mail
from vitascope.engines.rows import Connection, Rows
from vitascope.identity import store
from vitascope.identity.access_tokens import AccessTokens
from vitascope.identity.administration import Administration
from vitascope.identity.attempts import AttemptCounter
from vitascope.identity.catalogues import Catalogues
from vitascope.identity.codes import hash_of, new_code
from vitascope.identity.contract import (
    DEFAULT_COUNTRY,
    Account,
    AccountChange,
    AccountFilter,
    AccountOpened,
    AccountPage,
    AccountSuspended,
    Catalogue,
    Device,
    DeviceCode,
    DeviceDraft,
    EmailTaken,
    Profile,
    ProfileDraft,
    ResetCode,
    SignedIn,
    WrongCode,
    WrongCredentials,
)
from vitascope.identity.credentials import Credentials
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
from vitascope.kernel.errors import Forbidden, Invalid, NotFound
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId, new_id
from vitascope.kernel.viewer import Principal, Role

_CODE_S = 180


class RowsIdentity:
    """Implements `Identity`. The two secrets are 32 random bytes, the same in every process.
    `passwords` is closed with it."""

    def __init__(
        self,
        *,
        rows: Rows,
        outbox: Outbox,
        signing_secret: bytes,
        refresh_secret: bytes,
        clock: Clock,
        settings: IdentitySettings,
        mail: Mail | None = None,
        public_url: str = "",
        passwords: Passwords | None = None,
    ) -> None:
        self._rows = rows
        self._outbox = outbox
        self._clock = clock
        self._passwords = passwords or Passwords(
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
        self._administration = Administration(rows, outbox, clock)
        self._catalogues = Catalogues(rows)
        self._credentials = Credentials(
            rows, clock, self._passwords, self._attempts, self._administration, mail, public_url
        )

    async def close(self) -> None:
        await self._credentials.close()
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
        address: str = "",
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
        strong = await asyncio.to_thread(valid_password, password, account.email)
        counters = self._attempts.of_sign_up(address)
        await self._attempts.charge(counters)
        hashed = await self._passwords.hash(strong)
        token = self._sessions.new_token()
        first = first_profile(ProfileId(new_id("pro")), account.id, account.name, account.locale)
        signed_in = await self._rows.write(
            lambda connection: self._open(connection, account, hashed, first, device, token)
        )
        await self._attempts.forgive(counters, clear=False)
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
        known_device = await self._sessions.known(valid, device.id)
        counters = self._attempts.of_sign_in(valid, address, known_device)
        await self._attempts.charge(counters)
        row = await self._rows.read(lambda connection: store.account_by_email(connection, valid))
        known = row.password_hash if row else None
        right = await self._passwords.matches(password[: LONGEST_PASSWORD + 1], known)
        if row is None or not right:
            raise WrongCredentials("The email or the password is wrong.")
        await self._attempts.forgive(counters)
        token, account_id = self._sessions.new_token(), row.account.id
        account, signed_in = await self._rows.write(
            lambda connection: self._enter(connection, account_id, device, token)
        )
        return self._sessions.answer(account, signed_in, None, token)

    def _enter(
        self, connection: Connection, account_id: AccountId, device: DeviceDraft, token: str
    ) -> tuple[Account, Device]:
        account = store.account(connection, account_id)
        if account is None or account.suspended_at_ms is not None:
            raise AccountSuspended(
                "This account is suspended. Ask whoever runs this service to lift that."
            )
        return account, self._sessions.begin(connection, account, device, token)

    async def device_code(self, principal: Principal) -> DeviceCode:
        if principal.role is Role.OPERATOR:
            raise Forbidden("Operators sign in with their password on every device.")
        until_ms = self._clock.now_ms() + _CODE_S * 1000
        made = DeviceCode(code=new_code(), expires_in_s=_CODE_S)
        who, asked_on, hashed = principal.account_id, principal.device_id, hash_of(made.code)
        await self._rows.write(
            lambda connection: store.keep_device_code(connection, who, asked_on, hashed, until_ms)
        )
        return made

    async def sign_in_by_code(self, code: str, device: DeviceDraft, address: str) -> SignedIn:
        counters = self._attempts.of_code(address)
        await self._attempts.charge(counters)
        token, now_ms = self._sessions.new_token(), self._clock.now_ms()

        def work(connection: Connection) -> tuple[Account, Device] | None:
            account_id = store.use_device_code(connection, hash_of(code), now_ms)
            return self._enter(connection, account_id, device, token) if account_id else None

        entered = await self._rows.write(work)
        if entered is None:
            raise WrongCode("This code is wrong, was used, or has expired. Ask for another one.")
        await self._attempts.forgive(counters, clear=False)
        account, signed_in = entered
        return self._sessions.answer(account, signed_in, None, token)

    async def refresh(self, refresh_token: str, profile_token: str | None = None) -> SignedIn:
        return await self._sessions.refresh(refresh_token, profile_token)

    async def read_token(self, access_token: str) -> Principal:
        return await self._sessions.read(access_token)

    # -- going out

    async def sign_out(self, principal: Principal) -> None:
        await self._sessions.end(principal.account_id, principal.device_id)

    async def sign_out_everywhere(self, account_id: AccountId) -> None:
        await self._administration.sign_out(account_id)
        self._sessions.look_again(account_id)

    # -- password and email

    async def change_password(self, principal: Principal, password: str, new: str) -> None:
        await self._credentials.change_password(principal, password, new)
        self._sessions.look_again(principal.account_id)

    async def change_email(self, principal: Principal, password: str, email: str) -> Account:
        account = await self._credentials.change_email(principal, password, email)
        self._sessions.look_again(account.id)
        return account

    async def forgot_password(self, email: str, address: str) -> None:
        await self._credentials.forgot(email, address)

    async def reset_code(self, account_id: AccountId) -> ResetCode:
        return await self._credentials.code(account_id)

    async def reset_password(self, email: str, code: str, new: str, address: str) -> None:
        self._sessions.look_again(await self._credentials.reset(email, code, new, address))

    # -- for operators

    async def accounts(
        self, wanted: AccountFilter, *, page_token: str | None = None, limit: int = 50
    ) -> AccountPage:
        return await self._administration.page(wanted, page_token, limit)

    async def change_account(self, account_id: AccountId, change: AccountChange) -> Account:
        account = await self._administration.change(account_id, change)
        self._sessions.look_again(account_id)
        return account

    async def catalogues(self, principal: Principal) -> list[Catalogue]:
        return await self._catalogues.of(principal)

    async def check_catalogue(self, principal: Principal, catalogue_id: AccountId) -> None:
        await self._catalogues.check(principal, catalogue_id)

    async def open_catalogue(self, account_id: AccountId, catalogue_id: AccountId) -> None:
        await self._catalogues.open(account_id, catalogue_id)

    async def close_catalogue(self, account_id: AccountId, catalogue_id: AccountId) -> None:
        await self._catalogues.close(account_id, catalogue_id)

    async def catalogue_accounts(self, catalogue_id: AccountId) -> list[Account]:
        return await self._catalogues.open_to(catalogue_id)

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

    async def check_manager(self, principal: Principal) -> None:
        await self._profiles.check_manager(principal)

    async def add_profile(self, account_id: AccountId, draft: ProfileDraft) -> Profile:
        return await self._profiles.add(account_id, draft)

    async def change_profile(
        self, principal: Principal, profile_id: ProfileId, draft: ProfileDraft
    ) -> Profile:
        changed = await self._profiles.change(principal, profile_id, draft)
        self._sessions.look_again(principal.account_id)
        return changed

    async def remove_profile(self, principal: Principal, profile_id: ProfileId) -> None:
        await self._profiles.remove(principal, profile_id)
        self._sessions.look_again(principal.account_id)

    async def choose_profile(
        self, principal: Principal, profile_id: ProfileId, pin: str | None
    ) -> SignedIn:
        await self._profiles.unlock(principal.account_id, profile_id, pin)
        return await self._sessions.choose(principal, profile_id)
