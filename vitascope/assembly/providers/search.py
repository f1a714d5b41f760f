"""Finding titles by what people type."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.search import jobs
from vitascope.search.finder import SearchFinder


async def provide(engines: Engines, *, title_records: TitleRecords) -> Offer:
    finder = SearchFinder(rows=await engines.rows("search"), text=await engines.text())
    jobs.listen(await engines.bus(), title_records, finder)
    await jobs.catch_up(title_records, finder)
    return Offer(contracts={"search": finder})
