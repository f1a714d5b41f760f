"""What an operator may set about plans."""

import msgspec


class BillingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Plans and the built-in test provider, which charges nobody."""

    first_plan: str = "standard"
    """The plan on which the test provider starts every new account; empty to start none."""

    currency: str = "EUR"
    """Currency (ISO 4217) of the prices shown."""
