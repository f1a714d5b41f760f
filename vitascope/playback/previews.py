"""Seek previews: what the package says of its sprites."""

import msgspec

from vitascope.catalog import Asset
from vitascope.engines.cache import PACKAGES
from vitascope.playback.context import Context
from vitascope.playback.contract import Thumbnails


class _Sprites(msgspec.Struct, frozen=True, kw_only=True):
    width: int
    height: int
    columns: int
    rows: int
    interval_ms: int
    count: int


async def of(context: Context, asset: Asset) -> Thumbnails | None:
    """Returns None when the package has no previews (the quick first version has none)."""
    if "thumbnails.json" not in asset.files:
        return None
    key = f"{asset.prefix}/thumbnails.json"

    async def load() -> _Sprites:
        return msgspec.json.decode(await context.blobs.get(key), type=_Sprites)

    sprites = await context.cache.get_or_load(key, load, returns=_Sprites, tier=PACKAGES)
    return Thumbnails(url="thumbs-{index}.jpg", **msgspec.structs.asdict(sprites))
