"""What edges pull from: the bill of an asset version, sealed, and its files by range.

An edge proves itself with a path token for the origin, signed under the ring that both hold. The
hashes on the bill are those that publishing recorded, not what happens to lie in the store: an
edge finds out when a file there was damaged.
"""

import re
from collections.abc import AsyncIterator

import msgspec

from vitascope.catalog import Asset
from vitascope.engines.blobs import Blobs
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import NotFound, VitascopeError
from vitascope.kernel.path_tokens import KeyRing, PathTokenRefused
from vitascope.playback.session import prefix_of
from vitascope.playback.store import SessionStore

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})", re.ASCII)


class OriginRangeRefused(VitascopeError):
    status = 416
    code = "range-not-satisfiable"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """`length` bytes from `start` on, of `size` in all."""

    start: int
    length: int
    size: int
    partial: bool
    chunks: AsyncIterator[bytes]


class OriginDesk:
    """Serves edges. Safe to share between tasks."""

    def __init__(
        self, *, sessions: SessionStore, blobs: Blobs, ring: KeyRing, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._blobs = blobs
        self._ring = ring
        self._clock = clock

    async def bill(self, asset_id: str, version: str, authorization: str) -> tuple[bytes, str]:
        """The bill as JSON, and its seal. Raises `PathTokenRefused`, `NotFound`."""
        asset = await self._admitted(asset_id, version, authorization)
        files = {
            name: {"sha256": sha256, "size": asset.sizes[name]}
            for name, sha256 in asset.files.items()
        }
        body = msgspec.json.encode({"prefix": prefix_of(asset), "files": files})
        return body, path_tokens.seal_body(self._ring, prefix_of(asset), body)

    async def read(
        self, asset_id: str, version: str, name: str, authorization: str, asked: str | None
    ) -> Content:
        """Raises `PathTokenRefused`, `NotFound`, `OriginRangeRefused`."""
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

    async def _admitted(self, asset_id: str, version: str, authorization: str) -> Asset:
        scheme, _, token = authorization.partition(" ")
        if scheme != "Vitascope-Edge":
            raise PathTokenRefused("The origin answers edges only.")
        path_tokens.check(
            self._ring,
            path_tokens.ORIGIN,
            f"{asset_id}/{version}",
            token,
            self._clock.now_ms(),
        )
        asset = await self._sessions.package(asset_id, version)
        if asset is None:
            raise NotFound("There is no such asset version.")
        return asset


def _span(asked: str | None, size: int) -> tuple[int, int]:
    if asked is None:
        return 0, size
    form = _RANGE.fullmatch(asked)
    start = int(form[1]) if form else size
    last = min(int(form[2]) if form and form[2] else size - 1, size - 1)
    if start >= size or last < start:
        raise OriginRangeRefused(f"This file has {size} bytes; ask for one range within them.")
    return start, last - start + 1
