"""Answers edges: which versions there are, which files each consists of, and their bytes.

The hashes are those that publishing recorded, not of what happens to lie in the store: an edge
finds out when a file there was damaged. An answer about files is sealed under the ring that origin
and edges hold, so that nobody between them can plant one. Whether a version may be read is asked of
the catalogue each time, which is a query by key.
"""

import re

import msgspec

from vitascope.catalog import Asset, PublishedAssets
from vitascope.engines.blobs import Blobs
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import AssetId
from vitascope.kernel.packages import PackageFile, PackageListing, PackagePage
from vitascope.kernel.path_tokens import KeyRing, PathTokenRefused
from vitascope.origin.contract import Content, NoSuchPackage, OriginRangeRefused

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})", re.ASCII)


class PublishedFiles:
    """Safe to share between tasks. `authorization` is the header of an edge: `Vitascope-Edge` and
    a path token for the origin."""

    def __init__(
        self, *, assets: PublishedAssets, blobs: Blobs, ring: KeyRing, clock: Clock
    ) -> None:
        self._assets = assets
        self._blobs = blobs
        self._ring = ring
        self._clock = clock

    async def published(self, after: int, limit: int, authorization: str) -> tuple[bytes, str]:
        """Returns a `PackagePage` as JSON, and its seal. Raises `PathTokenRefused`, `Invalid`."""
        self._admit(path_tokens.ALL_PACKAGES, authorization)
        page = await self._assets.published_since(after, limit=limit)
        prefixes = tuple(f"{each.asset_id}/{each.version}" for each in page.versions)
        told = PackagePage(upto=page.upto, prefixes=prefixes, more=page.more)
        return self._sealed(path_tokens.ALL_PACKAGES, told)

    async def package(
        self, asset_id: AssetId, version: str, authorization: str
    ) -> tuple[bytes, str]:
        """Returns a `PackageListing` as JSON, and its seal. Raises `PathTokenRefused`,
        `NoSuchPackage`."""
        asset = await self._admitted(asset_id, version, authorization)
        files = {
            name: PackageFile(sha256=sha256, size=asset.sizes[name])
            for name, sha256 in asset.files.items()
        }
        prefix = f"{asset_id}/{version}"
        return self._sealed(prefix, PackageListing(prefix=prefix, files=files))

    async def read(
        self, asset_id: AssetId, version: str, name: str, authorization: str, asked: str | None
    ) -> Content:
        """Returns a file or a range of it. `asked` is the value of the header Range. Raises
        `PathTokenRefused`, `NoSuchPackage`, `NotFound`, `OriginRangeRefused`."""
        asset = await self._admitted(asset_id, version, authorization)
        if name not in asset.files:
            raise NotFound("There is no such file.")
        size = asset.sizes[name]
        start, length = _span(asked, size)
        return Content(
            start=start,
            length=length,
            size=size,
            partial=asked is not None,
            chunks=self._blobs.stream(f"{asset.prefix}/{name}", start, length),
        )

    async def _admitted(self, asset_id: AssetId, version: str, authorization: str) -> Asset:
        self._admit(f"{asset_id}/{version}", authorization)
        asset = await self._assets.published(asset_id, version)
        if asset is None:
            raise NoSuchPackage("There is no such version of an asset.")
        return asset

    def _admit(self, prefix: str, authorization: str) -> None:
        scheme, _, token = authorization.partition(" ")
        if scheme != "Vitascope-Edge":
            raise PathTokenRefused("The origin answers edges only.")
        path_tokens.check(self._ring, path_tokens.ORIGIN, prefix, token, self._clock.now_ms())

    def _sealed(self, subject: str, told: PackageListing | PackagePage) -> tuple[bytes, str]:
        body = msgspec.json.encode(told)
        return body, path_tokens.seal_body(self._ring, subject, body)


def _span(asked: str | None, size: int) -> tuple[int, int]:
    """Returns the first byte and how many."""
    if asked is None:
        return 0, size
    form = _RANGE.fullmatch(asked)
    start = int(form[1]) if form else size
    last = min(int(form[2]) if form and form[2] else size - 1, size - 1)
    if last < start:
        raise OriginRangeRefused(f"This file has {size} bytes; ask for one range within them.")
    return start, last - start + 1
