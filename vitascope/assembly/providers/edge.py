"""An appliance that pulls from the origin and reports to steering."""

import asyncio

from vitascope.assembly.engines import Engines
from vitascope.assembly.everyone import Everyone
from vitascope.assembly.offer import Offer
from vitascope.assembly.reach import reached_at
from vitascope.edge.appliance import Appliance
from vitascope.edge.origin import HttpOrigin
from vitascope.engines.tls import files_of, server_context
from vitascope.kernel.country import Country
from vitascope.kernel.ids import EdgeId
from vitascope.operations.processes import say_ready
from vitascope.playback import EndedSessions
from vitascope.steering import Steering


async def provide(
    engines: Engines, *, steering: Everyone[Steering], ended_sessions: EndedSessions
) -> Offer:
    service, settings, tls = engines.settings.service, engines.settings.edge, engines.settings.tls

    async def origins() -> list[str]:
        return [settings.origin] if settings.origin else await engines.urls("origin")

    base_url, secure_url = reached_at(engines.settings, engines.name)
    ring = await engines.path_keys()
    appliance = Appliance(
        edge_id=EdgeId(engines.name),
        base_url=base_url,
        secure_url=secure_url,
        country=Country(service.country),
        folder=engines.data / "edges" / engines.name,
        ring=ring,
        origin=HttpOrigin(origins, ring, engines.clock, timeout_s=settings.origin_timeout_s),
        steering=steering.now,
        playback=ended_sessions,
        clock=engines.clock,
        settings=settings,
    )

    async def run() -> None:
        files = await asyncio.to_thread(files_of, tls, engines.data) if tls.port else None
        secure = (tls.port, server_context(files)) if files else None
        await appliance.run(service.host, service.port, tls=secure, ready=lambda _: say_ready())

    return Offer(tasks=(run,), leaving=(appliance.drain,), own_listener=True)
