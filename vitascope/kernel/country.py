"""Where a viewer is, and until when a title may be shown there."""

from typing import NewType

import msgspec

Country = NewType("Country", str)  # ISO 3166-1 alpha-2, upper case: "FR"

EVERYWHERE = Country("*")


class Window(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A title may be shown in `country` from `from_ms` (inclusive) to `until_ms` (exclusive)."""

    country: Country = EVERYWHERE
    from_ms: int = 0
    until_ms: int | None = None

    def is_open(self, country: Country, now_ms: float) -> bool:
        here = self.country in (EVERYWHERE, country)
        return here and self.from_ms <= now_ms and (self.until_ms is None or now_ms < self.until_ms)
