"""An appliance that pulls from the origin and reports to steering."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.everyone import Everyone
from vitascope.assembly.offer import Offer
from vitascope.edge.appliance import Appliance
from vitascope.edge.origin import HttpOrigin
from vitascope.kernel.country import Country
from vitascope.kernel.ids import EdgeId
from vitascope.operations.processes import say_ready
from vitascope.settings import Settings
from vitascope.steering import Steering


async def provide(engines: Engines, *, steering: Everyone[Steering]) -> Offer:
    service, settings = engines.settings.service, engines.settings.edge

    async def origins() -> list[str]:
        return [settings.origin] if settings.origin else await engines.urls("origin")

    ring = await engines.path_keys()
    appliance = Appliance(
        edge_id=EdgeId(engines.name),
        base_url=reached_at(engines.settings, engines.name),
        country=Country(service.country),
        folder=engines.data / "edges" / engines.name,
        ring=ring,
        origin=HttpOrigin(origins, ring, engines.clock, timeout_s=settings.origin_timeout_s),
        steering=steering.now,
        clock=engines.clock,
        settings=settings,
    )

    async def run() -> None:
        await appliance.run(service.host, service.port, ready=lambda _: say_ready())

    return Offer(tasks=(run,), own_listener=True)


def reached_at(settings: Settings, name: str) -> str:
    """Returns where viewers reach the edge called `name`."""
    return settings.edge.public_url or f"http://{name}.localhost:{settings.service.port}"
