"""Ranking edges."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.steering.memory import MemorySteering


async def provide(engines: Engines) -> Offer:
    steering = MemorySteering(clock=engines.clock, settings=engines.settings.steering)
    return Offer(contracts={"steering": steering})
