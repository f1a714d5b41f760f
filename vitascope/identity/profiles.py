"""The profiles of an account: five people at most, some of them children."""

from collections.abc import Iterable

import msgspec

from vitascope.engines.bus import Outbox
from vitascope.engines.http import ProfileNeeded
from vitascope.engines.rows import Connection, Rows
from vitascope.identity import store
from vitascope.identity.attempts import AttemptCounter
from vitascope.identity.contract import (
    NoSuchProfile,
    PinNeeded,
    Profile,
    ProfileDraft,
    ProfileRemoved,
    TooManyProfiles,
    WrongPin,
)
from vitascope.identity.drafts import LONGEST_PASSWORD, changed, first_profile, lifts_limits
from vitascope.identity.passwords import Passwords
from vitascope.identity.settings import IdentitySettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Conflict, Forbidden, NotFound
from vitascope.kernel.ids import AccountId, ProfileId, new_id
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Principal

_NO_SUCH = "This account has no such profile."
_LIMITED = "A restricted profile can't change this. Switch to an unrestricted profile."


class Profiles:
    def __init__(
        self,
        rows: Rows,
        outbox: Outbox,
        clock: Clock,
        settings: IdentitySettings,
        passwords: Passwords,
        attempts: AttemptCounter,
    ) -> None:
        self._rows = rows
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._passwords = passwords
        self._attempts = attempts

    async def profiles(self, account_id: AccountId) -> list[Profile]:
        def work(connection: Connection) -> list[store.ProfileRow]:
            return store.profiles_of(connection, account_id)

        return [row.profile for row in await self._rows.read(work)]

    async def check_manager(self, principal: Principal) -> None:
        """Raises `Forbidden`, `ProfileNeeded`."""
        if has_limits(principal):
            raise Forbidden(_LIMITED)
        _require_profile(principal, await self.profiles(principal.account_id))

    async def unlock(self, account_id: AccountId, profile_id: ProfileId, pin: str | None) -> None:
        """Raises `NoSuchProfile`, `PinNeeded`, `WrongPin`, `SignInThrottled`."""
        row = await self._row(account_id, profile_id)
        if row.pin_hash is None:
            return
        if pin is None:
            raise PinNeeded(f"{row.profile.name} is protected by a PIN. Enter it to continue.")
        await self._prove(account_id, profile_id, pin, row.pin_hash, "Wrong PIN.")

    async def _prove(
        self, account_id: AccountId, profile_id: ProfileId, said: str, hashed: str, wrong: str
    ) -> None:
        """Raises `WrongPin`, `SignInThrottled`."""
        counters = self._attempts.of_pin(account_id, profile_id)
        await self._attempts.charge(counters)
        if not await self._passwords.matches(said[: LONGEST_PASSWORD + 1], hashed):
            raise WrongPin(wrong)
        await self._attempts.forgive(counters)

    async def _may_change_pin(
        self, principal: Principal, profile_id: ProfileId, draft: ProfileDraft
    ) -> None:
        """Raises `PinNeeded`, `WrongPin`, `SignInThrottled`."""
        row = await self._row(principal.account_id, profile_id)
        if draft.pin is None or row.pin_hash is None:
            return
        if draft.current_pin is not None:
            await self._prove(
                principal.account_id, profile_id, draft.current_pin, row.pin_hash, "Wrong PIN."
            )
        elif draft.password is not None:
            await self._prove(
                principal.account_id,
                profile_id,
                draft.password,
                await self._password_hash(principal.account_id),
                "Wrong password.",
            )
        else:
            raise PinNeeded(
                "To change or remove this PIN, enter the present one or the account's password."
            )

    async def _password_hash(self, account_id: AccountId) -> str:
        def work(connection: Connection) -> str | None:
            account = store.account(connection, account_id)
            row = account and store.account_by_email(connection, account.email)
            return row.password_hash if row else None

        found = await self._rows.read(work)
        if found is None:
            raise NotFound("This account does not exist.")
        return found

    async def add(self, account_id: AccountId, draft: ProfileDraft) -> Profile:
        pin_hash = await self._pin_hash(draft)
        profile_id = ProfileId(new_id("pro"))
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> Profile | None:
            account = store.account(connection, account_id)
            if account is None:
                raise NotFound("This account does not exist.")
            rows = store.profiles_of(connection, account_id)
            if len(rows) >= self._settings.profiles:
                return None
            fresh = first_profile(profile_id, account_id, "", account.locale, len(rows))
            profile = changed(fresh, _named(draft))
            row = store.ProfileRow(profile=profile, pin_hash=pin_hash)
            store.save_profile(connection, row, now_ms)
            return profile

        added = await self._rows.write(work)
        if added is None:
            raise TooManyProfiles(f"An account has at most {self._settings.profiles} profiles.")
        return added

    async def change(
        self, principal: Principal, profile_id: ProfileId, draft: ProfileDraft
    ) -> Profile:
        if not _is_own(principal, profile_id) or lifts_limits(draft):
            await self.check_manager(principal)
        await self._may_change_pin(principal, profile_id, draft)
        pin_hash = await self._pin_hash(draft)

        def work(connection: Connection) -> Profile | None:
            row = store.profile(connection, principal.account_id, profile_id)
            if row is None:
                return None
            profile = changed(row.profile, draft)
            kept = row.pin_hash if draft.pin is None else pin_hash
            after = store.ProfileRow(profile=profile, pin_hash=kept)
            store.save_profile(connection, after, self._clock.now_ms())
            return profile

        after = await self._rows.write(work)
        if after is None:
            raise NoSuchProfile(_NO_SUCH)
        return after

    async def remove(self, principal: Principal, profile_id: ProfileId) -> None:
        await self.check_manager(principal)
        account_id = principal.account_id

        def work(connection: Connection) -> None:
            rows = store.profiles_of(connection, account_id)
            if profile_id not in [row.profile.id for row in rows]:
                raise NoSuchProfile(_NO_SUCH)
            if len(rows) == 1:
                raise Conflict(
                    "An account needs at least one profile: the last one can't be removed."
                )
            store.remove_profile(connection, profile_id)
            gone = ProfileRemoved(account_id=account_id, profile_id=profile_id)
            self._outbox.put(connection, gone)

        await self._rows.write(work)

    async def _row(self, account_id: AccountId, profile_id: ProfileId) -> store.ProfileRow:
        def work(connection: Connection) -> store.ProfileRow | None:
            return store.profile(connection, account_id, profile_id)

        row = await self._rows.read(work)
        if row is None:
            raise NoSuchProfile(_NO_SUCH)
        return row

    async def _pin_hash(self, draft: ProfileDraft) -> str | None:
        """Made before the transaction, which must not wait. Raises `Invalid`."""
        if not draft.pin:
            return None
        changed(_ANYBODY, draft)
        return await self._passwords.hash(draft.pin)


_ANYBODY = first_profile(ProfileId(""), AccountId(""), "Anybody", "en")


def has_limits(principal: Principal) -> bool:
    """Returns True if the profile that is acting is a child's or a teenager's."""
    return principal.viewer is not None and principal.viewer.is_restricted


def _require_profile(principal: Principal, profiles: Iterable[Profile]) -> None:
    """Refuse to manage the account before a profile was chosen where one has limits: a child who
    opens the app has chosen none yet either. Raises `ProfileNeeded`."""
    limited = any(each.kids or each.maturity < Maturity.EIGHTEEN for each in profiles)
    if principal.viewer is None and limited:
        raise ProfileNeeded("Choose a profile first. One without limits can manage the account.")


def _is_own(principal: Principal, profile_id: ProfileId) -> bool:
    return principal.viewer is not None and principal.viewer.profile_id == profile_id


def _named(draft: ProfileDraft) -> ProfileDraft:
    """A new profile must be called something: no name is refused like an empty one."""
    return msgspec.structs.replace(draft, name=draft.name or "")
