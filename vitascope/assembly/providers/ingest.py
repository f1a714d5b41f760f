"""Masters from partners."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.ingest import jobs
from vitascope.ingest.upload import RowsIngest


async def provide(engines: Engines, *, title_records: TitleRecords) -> Offer:
    rows, outbox = await engines.announcing("ingest")
    ingest = RowsIngest(
        rows=rows,
        outbox=outbox,
        blobs=engines.blobs,
        catalog=title_records,
        folder=engines.data / "uploads",
        clock=engines.clock,
        settings=engines.settings.ingest,
    )
    engines.stack.push_async_callback(ingest.close)
    return Offer(
        contracts={"ingest": ingest},
        tasks=(lambda: jobs.keep_tidy(ingest, engines.clock),),
    )
