"""Titles, artwork and availability."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog.shelf import CatalogShelf


async def provide(engines: Engines) -> Offer:
    rows, outbox = await engines.announcing("catalog")
    shelf = CatalogShelf(rows=rows, outbox=outbox, blobs=engines.blobs, clock=engines.clock)
    return Offer(contracts={"catalog": shelf})
