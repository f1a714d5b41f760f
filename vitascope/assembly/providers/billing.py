"""Plans and subscriptions."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.billing import jobs
from vitascope.billing.ledger import Ledger


async def provide(engines: Engines) -> Offer:
    rows = await engines.rows("billing")
    ledger = Ledger(rows=rows, clock=engines.clock, settings=engines.settings.billing)
    jobs.listen(await engines.bus(), ledger)
    return Offer(contracts={"billing": ledger})
