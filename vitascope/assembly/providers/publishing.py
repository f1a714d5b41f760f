"""From a master received to a title published: where partners follow their jobs."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.publishing import jobs
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.ledger import Ledger


async def provide(engines: Engines, *, title_records: TitleRecords) -> Offer:
    rows, outbox = await engines.announcing("publishing")
    ledger = Ledger(rows=rows, outbox=outbox, clock=engines.clock)
    publishing = DurablePublishing(
        rows=rows, ledger=ledger, work=engines.work(), catalog=title_records
    )
    jobs.subscribe(await engines.bus(), publishing)
    return Offer(
        contracts={"publishing": publishing},
        tasks=(lambda: jobs.reconcile(publishing, engines.clock),),
    )
