"""What identity remembers: accounts, profiles, devices, refresh tokens, and failed guesses.

Every function takes the connection of a transaction that the caller runs.
"""

from vitascope.identity.store.accounts import (
    AccountRow,
    account,
    account_by_email,
    accounts_like,
    add_account,
    change_account,
    keep_code,
    password_hash,
    set_email,
    set_password,
    use_code,
)
from vitascope.identity.store.catalogues import (
    close_catalogue,
    is_open,
    open_catalogue,
    opened_to,
    partners,
    who_may,
)
from vitascope.identity.store.devices import (
    DeviceRow,
    add_link,
    device,
    devices_of,
    forget_links,
    keep_device_code,
    link,
    save_device,
    sign_out,
    use_device_code,
    use_link,
)
from vitascope.identity.store.guesses import forget_guesses, guesses_of, save_guesses
from vitascope.identity.store.profiles import (
    ProfileRow,
    profile,
    profiles_of,
    remove_profile,
    save_profile,
)
from vitascope.identity.store.tables import metadata

__all__ = [
    "AccountRow",
    "DeviceRow",
    "ProfileRow",
    "account",
    "account_by_email",
    "accounts_like",
    "add_account",
    "add_link",
    "change_account",
    "close_catalogue",
    "device",
    "devices_of",
    "forget_guesses",
    "forget_links",
    "guesses_of",
    "is_open",
    "keep_code",
    "keep_device_code",
    "link",
    "metadata",
    "open_catalogue",
    "opened_to",
    "partners",
    "password_hash",
    "profile",
    "profiles_of",
    "remove_profile",
    "save_device",
    "save_guesses",
    "save_profile",
    "set_email",
    "set_password",
    "sign_out",
    "use_code",
    "use_device_code",
    "use_link",
    "who_may",
]
