"""Progress, history, my list and thumbs."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.positions import CachedPositions
from vitascope.viewing.storage import ViewingStore
from vitascope.viewing.store import RowsViewingStore


async def provide(engines: Engines) -> Offer:
    rows, outbox = await engines.announcing("viewing")
    store: ViewingStore = RowsViewingStore(rows=rows, outbox=outbox)
    if engines.cache.shared:
        store = CachedPositions(store, engines.cache)
    return Offer(contracts={"viewing": StoredViewing(store=store, clock=engines.clock)})
