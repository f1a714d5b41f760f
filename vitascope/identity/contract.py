"""Accounts, profiles, devices and tokens."""

import enum
from typing import Protocol

import msgspec

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


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    id: ProfileId
    account_id: AccountId
    name: str
    kids: bool
    maturity: Maturity  # the ceiling; a kids profile never has more than KIDS_CEILING
    locale: str
    avatar: str  # one of the avatars that the web app draws: "comet"
    has_pin: bool
    autoplay: bool
    data_saver: bool


class ProfileDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may set. In a change, None leaves a field as it is; pin "" takes it off."""

    name: str | None = None
    kids: bool | None = None
    maturity: Maturity | None = None
    locale: str | None = None
    avatar: str | None = None
    pin: str | None = None  # four digits
    autoplay: bool | None = None
    data_saver: bool | None = None


class Device(msgspec.Struct, frozen=True, kw_only=True):
    id: DeviceId
    name: str  # "Chromium on Linux"
    kind: DeviceKind
    created_at_ms: int
    last_seen_at_ms: int


class DeviceDraft(msgspec.Struct, frozen=True, kw_only=True):
    name: str = "Unnamed device"
    kind: DeviceKind = DeviceKind.WEB
    id: DeviceId | None = None  # given back by a client that was here before


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str  # EdDSA JWT, 10 minutes
    expires_in_s: int
    refresh_token: str  # opaque, used once; "" when the one in hand stays good


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


class ProfileRemoved(Event, frozen=True, tag="ProfileRemoved"):
    account_id: AccountId
    profile_id: ProfileId

    @property
    def key(self) -> str:
        return self.account_id


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
    ) -> SignedIn:
        """Open an account with its first profile, and sign the device in. Raises `EmailTaken`,
        `WeakPassword`, `Invalid`."""
        ...

    async def sign_in(
        self, email: str, password: str, device: DeviceDraft, address: str
    ) -> SignedIn:
        """Sign a device in. Raises `WrongCredentials`, `SignInThrottled`."""
        ...

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Returns new tokens for a refresh token that was not used yet. A second use revokes the
        family. Raises `TokenRefused`. The profile chosen stays chosen."""
        ...

    async def choose_profile(
        self, principal: Principal, profile_id: ProfileId, pin: str | None
    ) -> SignedIn:
        """Returns tokens that act for this profile. Raises `NoSuchProfile`, `PinNeeded`,
        `WrongPin`, `SignInThrottled`."""
        ...

    async def sign_out(self, principal: Principal) -> None: ...

    async def sign_out_everywhere(self, account_id: AccountId) -> None: ...

    async def read_token(self, access_token: str) -> Principal:
        """Returns who the token says is asking. Raises `TokenRefused`."""
        ...

    async def account(self, account_id: AccountId) -> Account:
        """Returns the account. Raises `NotFound`."""
        ...

    async def devices(self, account_id: AccountId) -> list[Device]: ...

    async def revoke_device(self, account_id: AccountId, device_id: DeviceId) -> None:
        """Sign a device out. Its refresh tokens end at once, its access token within ten minutes.
        Raises `NoSuchDevice`."""
        ...

    async def profiles(self, account_id: AccountId) -> list[Profile]: ...

    async def add_profile(self, account_id: AccountId, draft: ProfileDraft) -> Profile:
        """Add a profile. Raises `TooManyProfiles` (five), `Invalid`."""
        ...

    async def change_profile(
        self, principal: Principal, profile_id: ProfileId, draft: ProfileDraft
    ) -> Profile:
        """Change a profile. One with limits may not lift them, nor change another profile. Raises
        `NoSuchProfile`, `Forbidden`, `Invalid`."""
        ...

    async def remove_profile(self, principal: Principal, profile_id: ProfileId) -> None:
        """Remove a profile. Raises `NoSuchProfile`, `Forbidden` from a kids profile, `Conflict` for
        the last one."""
        ...
