"""An amount in the smallest unit of a currency."""

import msgspec


class Money(msgspec.Struct, frozen=True, kw_only=True):
    minor: int  # cents, öre, yen
    currency: str  # ISO 4217: "EUR"
