"""The versions that titles play, for those who serve their files."""

from typing import Protocol

import msgspec

from vitascope.catalog.contract.title import Asset
from vitascope.kernel.ids import AssetId


class PublishedVersion(msgspec.Struct, frozen=True, kw_only=True):
    asset_id: AssetId
    version: str


class PublishedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The versions that titles play now. Those after `upto` are in the next page."""

    upto: int
    versions: tuple[PublishedVersion, ...] = ()
    more: bool = False


class PublishedAssets(Protocol):
    """The versions that were published, for whoever serves their files."""

    async def published(self, asset_id: AssetId, version: str) -> Asset | None:
        """Returns the version, or None if it was never published, or its title is taken down. A
        version that a newer one has replaced is still found: who plays it plays it to the end."""
        ...

    async def published_since(self, after: int, *, limit: int = 100) -> PublishedPage:
        """Returns the versions of the next `limit` titles that changed after this point; 0 is
        before all. A title that changed again comes again, later. `limit` is at most 500. Raises
        `Invalid`."""
        ...
