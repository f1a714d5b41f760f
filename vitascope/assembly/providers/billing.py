"""Plans and subscriptions."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.billing import jobs
from vitascope.billing.rows_billing import RowsBilling


async def provide(engines: Engines) -> Offer:
    rows = await engines.rows("billing")
    ledger = RowsBilling(rows=rows, clock=engines.clock, settings=engines.settings.billing)
    jobs.listen(await engines.bus(), ledger)
    return Offer(contracts={"billing": ledger})
