"""An appliance that pulls from the API and reports to steering."""

from vitascope.assembly.process import Process
from vitascope.edge.appliance import Appliance
from vitascope.edge.origin import HttpOrigin
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId
from vitascope.operations.processes import say_ready


class Edge(Process):
    async def open(self, name: str, port: int) -> None:
        """Raises `Invalid` when no setting says where the API is."""
        settings = self.settings.edge
        origin = settings.origin or self.settings.wire.api
        if not origin:
            raise Invalid(
                "An edge pulls from the API and reports to it: say where it is, with [wire] api "
                "or VITASCOPE_WIRE__API=http://HOST:PORT."
            )
        ring = await self.path_keys()
        steering = await self.steering_afar(self.elsewhere("steering") or origin)
        appliance = Appliance(
            edge_id=EdgeId(name),
            base_url=f"http://{name}.localhost:{port}",
            country=Country(self.settings.house.country),
            folder=self.data / "edges" / name,
            ring=ring,
            origin=HttpOrigin(origin, ring, self.clock, timeout_s=settings.origin_timeout_s),
            report=steering.report,
            clock=self.clock,
            settings=settings,
        )

        async def run() -> None:
            await appliance.run(self.settings.house.host, port, ready=lambda _: say_ready())

        self.endless.append(run)
