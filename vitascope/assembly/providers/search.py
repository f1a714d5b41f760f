"""Finding titles by what people type."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import Catalog
from vitascope.search import jobs
from vitascope.search.finder import SearchFinder


async def provide(engines: Engines, *, catalog: Catalog) -> Offer:
    finder = SearchFinder(rows=await engines.rows("search"), text=await engines.text())
    jobs.listen(await engines.bus(), catalog, finder)
    await jobs.catch_up(catalog, finder)
    return Offer(contracts={"search": finder})
