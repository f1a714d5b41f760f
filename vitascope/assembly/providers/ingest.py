"""Masters from partners."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import Catalog
from vitascope.ingest import jobs
from vitascope.ingest.upload import MasterDesk


async def provide(engines: Engines, *, catalog: Catalog) -> Offer:
    rows, outbox = await engines.announcing("ingest")
    desk = MasterDesk(
        rows=rows,
        outbox=outbox,
        blobs=engines.blobs,
        catalog=catalog,
        folder=engines.data / "uploads",
        clock=engines.clock,
        settings=engines.settings.ingest,
    )
    return Offer(
        contracts={"ingest": desk},
        tasks=(lambda: jobs.keep_tidy(desk, engines.clock),),
    )
