"""What an operator sees of the edges. Viewers hear of steering only through playback, and edges
report over the wire."""

from litestar import Router, get
from litestar.params import FromQuery

from vitascope.engines.http import AnyRequest, RoleNeeded, SomeId, refusals, require
from vitascope.kernel.ids import EdgeId
from vitascope.kernel.viewer import Role
from vitascope.steering.contract import EdgePage, Steering


def routes(steering: Steering) -> Router:
    @get(
        "/edges",
        summary="Edges and how they are, by their ids",
        operation_id="Edges",
        responses=refusals(RoleNeeded),
    )
    async def edges(
        request: AnyRequest, after: SomeId = None, limit: FromQuery[int] = 100
    ) -> EdgePage:
        require(request, Role.OPERATOR)
        return await steering.edges(after=None if after is None else EdgeId(after), limit=limit)

    return Router("/api/console", route_handlers=[edges], tags=["steering"])
