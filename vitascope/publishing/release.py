"""What a package is to the catalog."""

from vitascope.catalog import Asset
from vitascope.encoding import Package
from vitascope.kernel.ids import ContentId, KeyId


def asset_of(package: Package, content_id: ContentId, *, partial: bool) -> Asset:
    return Asset(
        id=package.asset_id,
        content_id=content_id,
        version=package.version,
        duration_ms=package.duration_ms,
        ladder=package.ladder,
        audio=package.audio,
        text=package.text,
        key_ids={label: KeyId(key_id) for label, key_id in package.key_ids.items()},
        scheme=package.scheme,
        prefix=package.prefix,
        files=package.files,
        sizes=package.sizes,
        partial=partial,
    )
