"""Ranking edges."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.steering.dispatcher import Dispatcher


async def provide(engines: Engines) -> Offer:
    dispatcher = Dispatcher(clock=engines.clock, settings=engines.settings.steering)
    return Offer(contracts={"steering": dispatcher})
