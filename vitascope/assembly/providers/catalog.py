"""Titles, artwork and availability."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog.memory import CatalogMemory
from vitascope.catalog.rows_catalog import RowsCatalog
from vitascope.catalog.rows_published_assets import RowsPublishedAssets
from vitascope.catalog.rows_title_records import RowsTitleRecords
from vitascope.catalog.store import TitleStore


async def provide(engines: Engines) -> Offer:
    rows, outbox = await engines.announcing("catalog")
    memory = CatalogMemory(TitleStore(rows), engines.clock)
    records = RowsTitleRecords(
        rows=rows, memory=memory, outbox=outbox, blobs=engines.blobs, clock=engines.clock
    )
    catalog = RowsCatalog(memory=memory, clock=engines.clock)
    return Offer(
        contracts={
            "catalog": catalog,
            "title_records": records,
            "published_assets": RowsPublishedAssets(rows),
        }
    )
