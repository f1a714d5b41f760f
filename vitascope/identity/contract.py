"""Accounts, profiles, devices and tokens."""

import enum
from typing import Annotated, Literal, Protocol

import msgspec

from vitascope.kernel.bounds import ID, NAME
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from vitascope.kernel.events import Event
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Principal, Role

DEFAULT_COUNTRY = Country("FR")


class WrongCredentials(Unauthenticated):
    code = "wrong-credentials"


class TokenRefused(Unauthenticated):
    """Expired, altered, foreign, or already used (in which case its whole family is revoked)."""

    code = "token-refused"


class AccountSuspended(Forbidden):
    """An operator suspended the account. Its owner cannot sign in until an operator lifts that."""

    code = "account-suspended"


class WrongPassword(Forbidden):
    """Who is signed in gave another password than that of the account."""

    code = "wrong-password"


class WrongCode(Forbidden):
    """Wrong, expired, or used already."""

    code = "wrong-code"


class EmailTaken(Conflict):
    code = "email-taken"


class WeakPassword(Invalid):
    code = "weak-password"


class TooManyProfiles(Conflict):
    code = "too-many-profiles"


class WrongPin(Forbidden):
    code = "wrong-pin"


class PinNeeded(Forbidden):
    code = "pin-needed"


class SignInThrottled(TooMany):
    code = "sign-in-throttled"


class NoSuchProfile(NotFound):
    code = "no-such-profile"


class NoSuchDevice(NotFound):
    code = "no-such-device"


class NoSuchCatalogue(NotFound):
    """Unknown, or not for this account: the answer does not tell which."""

    code = "no-such-catalogue"


class DeviceKind(enum.StrEnum):
    WEB = "web"
    PHONE = "phone"
    TELEVISION = "television"
    PROBE = "probe"  # an operator's synthetic viewer, a partner's command line


class Account(msgspec.Struct, frozen=True, kw_only=True):
    id: AccountId
    email: str
    name: str
    role: Role
    country: Country
    locale: str
    created_at_ms: int
    suspended_at_ms: int | None = None


class ResetCode(msgspec.Struct, frozen=True, kw_only=True):
    """With it an account is given a new password, once."""

    code: str  # "7h2k-9wqm-x4tn"
    expires_at_ms: int


class DeviceCode(msgspec.Struct, frozen=True, kw_only=True):
    """With it another device is signed in to the account, once, without the password."""

    code: str  # "7h2k-9wqm-x4tn"
    expires_in_s: int


class AccountFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts an operator looks for. `text` is part of an email or a name, or an id."""

    text: str = ""
    role: Role | None = None
    suspended: bool | None = None


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts, newest first."""

    accounts: tuple[Account, ...]
    next_page_token: str | None = None


class AccountChange(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator changes about an account. None leaves it as it is."""

    role: Role | None = None
    suspended: bool | None = None


Avatar = Literal["comet", "lantern", "fern", "kite", "moon", "reel", "wave", "ember"]
"""The pictures of profiles, which the web app draws."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    id: ProfileId
    account_id: AccountId
    name: str
    kids: bool
    maturity: Maturity  # the ceiling; a kids profile never has more than KIDS_CEILING
    locale: str
    avatar: Avatar
    has_pin: bool
    autoplay: bool
    data_saver: bool


class ProfileDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may set. In a change, None leaves a field as it is; pin "" takes it off."""

    name: Annotated[str, NAME] | None = None
    kids: bool | None = None
    maturity: Maturity | None = None
    locale: Annotated[str, ID] | None = None
    avatar: Avatar | None = None
    pin: Annotated[str, ID] | None = None  # four digits
    current_pin: Annotated[str, ID] | None = (
        None  # to change one that is set; or the account's password
    )
    password: Annotated[str, NAME] | None = None
    autoplay: bool | None = None
    data_saver: bool | None = None


class Device(msgspec.Struct, frozen=True, kw_only=True):
    id: DeviceId
    name: str  # "Chromium on Linux"
    kind: DeviceKind
    created_at_ms: int
    last_seen_at_ms: int


class DeviceDraft(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, NAME] = "Unnamed device"
    kind: DeviceKind = DeviceKind.WEB
    id: Annotated[DeviceId, ID] | None = None  # given back by a client that was here before
    browser: Annotated[str, ID] | None = None
    """Drawn once by a browser: an account has one device in each."""


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str  # EdDSA JWT, 10 minutes
    expires_in_s: int
    refresh_token: str  # opaque, used once; "" when the one in hand stays good
    profile_token: str = ""
    """Names the profile at the next refresh, where several tabs share a device."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    account: Account
    device: Device
    tokens: Tokens
    profile: Profile | None = None


class AccountOpened(Event, frozen=True, tag="AccountOpened"):
    account_id: AccountId

    @property
    def key(self) -> str:
        return self.account_id


class AccountSignedOut(Event, frozen=True, tag="AccountSignedOut"):
    """All devices of an account were signed out, but for `kept_device_id`."""

    account_id: AccountId
    kept_device_id: DeviceId | None = None

    @property
    def key(self) -> str:
        return self.account_id


class ProfileRemoved(Event, frozen=True, tag="ProfileRemoved"):
    account_id: AccountId
    profile_id: ProfileId

    @property
    def key(self) -> str:
        return self.account_id


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The titles of one partner, and all that belongs to them. Its id and its name are those of
    this partner's account."""

    id: AccountId
    name: str


class Identity(Protocol):
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
        """Open an account with its first profile, and sign the device in. Raises `EmailTaken`,
        `WeakPassword`, `Invalid`, and `SignInThrottled` for an address that named many emails which
        are taken."""
        ...

    async def sign_in(
        self, email: str, password: str, device: DeviceDraft, address: str
    ) -> SignedIn:
        """Sign a device in. Raises `WrongCredentials`, `SignInThrottled`, `AccountSuspended`."""
        ...

    async def device_code(self, principal: Principal) -> DeviceCode:
        """Make a code by which another device is signed in. It replaces an earlier one of the
        account, and ends with the sign-in of the device that asked. Raises `Forbidden` for
        operators."""
        ...

    async def sign_in_by_code(self, code: str, device: DeviceDraft, address: str) -> SignedIn:
        """Sign a device in by such a code. Raises `WrongCode`, `SignInThrottled`,
        `AccountSuspended`."""
        ...

    async def refresh(self, refresh_token: str, profile_token: str | None = None) -> SignedIn:
        """Returns new tokens for a refresh token that was not used yet. A second use revokes the
        family. Raises `TokenRefused`. The profile is that of the profile token, or else the one
        chosen last on the device."""
        ...

    async def choose_profile(
        self, principal: Principal, profile_id: ProfileId, pin: str | None
    ) -> SignedIn:
        """Returns tokens that act for this profile. Raises `NoSuchProfile`, `PinNeeded`,
        `WrongPin`, `SignInThrottled`."""
        ...

    async def check_manager(self, principal: Principal) -> None:
        """Raises `Forbidden` from a profile with limits, and `ProfileNeeded` where no profile was
        chosen yet and one of the account has limits: neither manages profiles, devices or the
        plan."""
        ...

    async def sign_out(self, principal: Principal) -> None: ...

    async def sign_out_everywhere(self, account_id: AccountId) -> None: ...

    async def read_token(self, access_token: str) -> Principal:
        """Returns who the token says is asking. Raises `TokenRefused`, also when its device was
        signed out, or its profile's limits changed, at the latest after `token_check_s`."""
        ...

    async def account(self, account_id: AccountId) -> Account:
        """Returns the account. Raises `NotFound`."""
        ...

    async def accounts(
        self, wanted: AccountFilter, *, page_token: str | None = None, limit: int = 50
    ) -> AccountPage:
        """Returns a page of accounts, for operators. `limit` is at most 100. A `text` is looked
        for in every account. Raises `Invalid`, `BadPageToken`."""
        ...

    async def change_account(self, account_id: AccountId, change: AccountChange) -> Account:
        """Change an account's role, suspend it, or lift that. Unless nothing changes, all its
        devices are signed out. Raises `NotFound`."""
        ...

    async def catalogues(self, principal: Principal) -> list[Catalogue]:
        """Returns the catalogues that somebody may act in, their own first, at most 100: an
        operator those of all partners, a viewer none."""
        ...

    async def check_catalogue(self, principal: Principal, catalogue_id: AccountId) -> None:
        """Raises `NoSuchCatalogue` unless the principal may act in it."""
        ...

    async def open_catalogue(self, account_id: AccountId, catalogue_id: AccountId) -> None:
        """Let a partner work in the catalogue of another; harmless when it may. Raises
        `NotFound`."""
        ...

    async def close_catalogue(self, account_id: AccountId, catalogue_id: AccountId) -> None:
        """End that, at once; harmless when it is so."""
        ...

    async def catalogue_accounts(self, catalogue_id: AccountId) -> list[Account]:
        """Returns the other partners who may work in a catalogue, at most 100."""
        ...

    async def change_password(self, principal: Principal, password: str, new: str) -> None:
        """Change the password, given the present one, and sign out all other devices. Raises
        `WrongPassword`, `SignInThrottled`, `WeakPassword`."""
        ...

    async def change_email(self, principal: Principal, password: str, email: str) -> Account:
        """Change the email, given the password, and sign out all other devices. Raises
        `WrongPassword`, `SignInThrottled`, `EmailTaken`, `Invalid`."""
        ...

    async def forgot_password(self, email: str, address: str) -> None:
        """Mail a code to the owner of the account, if there is one and mail can be sent. Says
        nothing of either. Raises `SignInThrottled`."""
        ...

    async def reset_code(self, account_id: AccountId) -> ResetCode:
        """Make a code for an operator to hand on; it replaces an earlier one. Raises `NotFound`."""
        ...

    async def reset_password(self, email: str, code: str, new: str, address: str) -> None:
        """Change the password by a code, and sign out all devices. Raises `WrongCode`,
        `SignInThrottled`, `WeakPassword`."""
        ...

    async def devices(self, account_id: AccountId) -> list[Device]: ...

    async def revoke_device(self, account_id: AccountId, device_id: DeviceId) -> None:
        """Sign a device out. Its refresh tokens end at once, its access tokens within 15 s.
        Raises `NoSuchDevice`."""
        ...

    async def profiles(self, account_id: AccountId) -> list[Profile]: ...

    async def add_profile(self, account_id: AccountId, draft: ProfileDraft) -> Profile:
        """Add a profile. Raises `TooManyProfiles` (five), `Invalid`."""
        ...

    async def change_profile(
        self, principal: Principal, profile_id: ProfileId, draft: ProfileDraft
    ) -> Profile:
        """Change a profile. One with limits may not lift them, nor change another profile; a PIN is
        changed with the PIN or the account's password. Raises `NoSuchProfile`, `Forbidden`,
        `PinNeeded`, `WrongPin`, `SignInThrottled`, `Invalid`."""
        ...

    async def remove_profile(self, principal: Principal, profile_id: ProfileId) -> None:
        """Remove a profile. Raises `NoSuchProfile`, `Forbidden` from a kids profile, `Conflict` for
        the last one."""
        ...
