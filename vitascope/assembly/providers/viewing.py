"""Progress, history, my list and thumbs."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.store import RowsViewingStore


async def provide(engines: Engines) -> Offer:
    rows, outbox = await engines.announcing("viewing")
    store = RowsViewingStore(rows=rows, outbox=outbox)
    return Offer(contracts={"viewing": StoredViewing(store=store, clock=engines.clock)})
