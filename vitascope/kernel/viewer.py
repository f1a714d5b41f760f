"""Who is asking: what the gateway learned from the token, passed down as a value."""

import enum

import msgspec

from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId
from vitascope.kernel.maturity import Maturity


class Role(enum.StrEnum):
    VIEWER = "viewer"
    PARTNER = "partner"
    OPERATOR = "operator"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """An account on a device. `viewer` is there once a profile was chosen. Who acts in the
    catalogue of another has its `account_id`, and is `acting_id`."""

    account_id: AccountId
    device_id: DeviceId
    role: Role
    viewer: "Viewer | None" = None
    acting_id: AccountId | None = None


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """A profile, and all that decides what it may see. Every read path filters by this."""

    account_id: AccountId
    profile_id: ProfileId
    device_id: DeviceId
    country: Country
    maturity: Maturity
    kids: bool
    locale: str  # BCP 47: "fr", "pt-BR"

    @property
    def is_restricted(self) -> bool:
        """Returns True for a child's or a teenager's profile."""
        return self.kids or self.maturity < Maturity.EIGHTEEN
