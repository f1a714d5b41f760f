"""An appliance that pulls from the origin and reports to steering."""

import asyncio

from vitascope.assembly.engines import Engines
from vitascope.assembly.everyone import Everyone
from vitascope.assembly.offer import Offer
from vitascope.edge.appliance import Appliance
from vitascope.edge.origin import HttpOrigin
from vitascope.engines.tls import files_of, is_loopback, server_context
from vitascope.kernel.country import Country
from vitascope.kernel.ids import EdgeId
from vitascope.operations.processes import say_ready
from vitascope.playback import EndedSessions
from vitascope.settings import Settings
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

    return Offer(tasks=(run,), own_listener=True)


def reached_at(settings: Settings, name: str) -> tuple[str, str]:
    """Returns where viewers reach the edge called `name`, and where those do whose page came over
    TLS; `{host}` in it is the host of their page. A name of its own, below `localhost`, is known to
    browsers on this machine alone."""
    service, edge, tls = settings.service, settings.edge, settings.tls
    host = f"{name}.localhost" if is_loopback(service.host) and not tls.port else "{host}"
    secure = f"https://{{host}}:{tls.port}" if tls.port and not edge.public_url else ""
    return edge.public_url or f"http://{host}:{service.port}", edge.secure_url or secure
