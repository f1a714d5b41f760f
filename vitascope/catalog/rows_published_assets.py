"""The versions that were published, read from the catalogue's rows."""

from vitascope.catalog import store
from vitascope.catalog.contract.published_assets import PublishedPage
from vitascope.catalog.contract.title import Asset
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AssetId

_MOST = 500


class RowsPublishedAssets:
    """Implements `PublishedAssets`. A title's change number orders its versions: the numbers are
    committed in their order, so that who has seen one misses nothing before it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def published(self, asset_id: AssetId, version: str) -> Asset | None:
        return await self._rows.read(
            lambda connection: store.published(connection, asset_id, version)
        )

    async def published_since(self, after: int, *, limit: int = 100) -> PublishedPage:
        if not 0 < limit <= _MOST:
            raise Invalid(f"A page has the versions of from 1 to {_MOST} titles.")

        def work(connection: Connection) -> PublishedPage:
            changes = store.changes_after(connection, after, limit + 1)
            if not changes:
                return PublishedPage(upto=after)
            upto = changes[:limit][-1]
            versions = store.published_between(connection, changes[0], upto)
            return PublishedPage(upto=upto, versions=tuple(versions), more=len(changes) > limit)

        return await self._rows.read(work)
