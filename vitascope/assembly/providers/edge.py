"""An appliance that pulls from the origin and reports to steering."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.edge.appliance import Appliance
from vitascope.edge.origin import HttpOrigin
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId
from vitascope.operations.processes import say_ready
from vitascope.steering import Steering


async def provide(engines: Engines, *, steering: Steering) -> Offer:
    """Raises `Invalid` when no setting says where the API is."""
    house, settings = engines.settings.house, engines.settings.edge
    origin = settings.origin or engines.settings.wire.api
    if not origin:
        raise Invalid(
            "An edge pulls from the API and reports to it: say where it is, with [wire] api "
            "or VITASCOPE_WIRE__API=http://HOST:PORT."
        )
    ring = await engines.path_keys()
    appliance = Appliance(
        edge_id=EdgeId(engines.name),
        base_url=f"http://{engines.name}.localhost:{house.port}",
        country=Country(house.country),
        folder=engines.data / "edges" / engines.name,
        ring=ring,
        origin=HttpOrigin(origin, ring, engines.clock, timeout_s=settings.origin_timeout_s),
        steering=[steering],
        clock=engines.clock,
        settings=settings,
    )

    async def run() -> None:
        await appliance.run(house.host, house.port, ready=lambda _: say_ready())

    return Offer(tasks=(run,), own_listener=True)
