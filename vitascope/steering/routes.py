"""What an operator sees of the edges. Viewers hear of steering only through playback, and edges
report over the wire."""

from litestar import Router, get

from vitascope.engines.http import AnyRequest, RoleNeeded, refusals, require
from vitascope.kernel.viewer import Role
from vitascope.steering.contract import EdgeStatus, Steering


def routes(steering: Steering) -> Router:
    @get(
        "/edges",
        summary="All edges and how they are",
        operation_id="Edges",
        responses=refusals(RoleNeeded),
    )
    async def edges(request: AnyRequest) -> list[EdgeStatus]:
        require(request, Role.OPERATOR)
        return await steering.edges()

    return Router("/api/console", route_handlers=[edges], tags=["steering"])
