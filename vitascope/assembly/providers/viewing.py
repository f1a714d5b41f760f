"""Progress, history, my list and thumbs."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.viewing.diary import ViewingDiary


async def provide(engines: Engines) -> Offer:
    rows, outbox = await engines.announcing("viewing")
    diary = ViewingDiary(rows=rows, outbox=outbox, clock=engines.clock)
    return Offer(contracts={"viewing": diary})
