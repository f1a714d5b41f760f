"""Where a viewer is, and until when a title may be shown there."""

from typing import NewType

import msgspec

Region = NewType("Region", str)  # ISO 3166-1 alpha-2, upper case: "FR"

EVERYWHERE = Region("*")


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A title may be shown in `region` from `from_ms` (inclusive) to `until_ms` (exclusive)."""

    region: Region = EVERYWHERE
    from_ms: int = 0
    until_ms: int | None = None

    def is_open(self, region: Region, now_ms: int) -> bool:
        here = self.region in (EVERYWHERE, region)
        return here and self.from_ms <= now_ms and (self.until_ms is None or now_ms < self.until_ms)
