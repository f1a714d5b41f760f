"""What is streaming in the whole service, for operators."""

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery

from vitascope.engines.http import AnyRequest, PageToken, RoleNeeded, refusals, require
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import SessionId
from vitascope.kernel.pages import BadPageToken
from vitascope.kernel.viewer import Role
from vitascope.playback.contract import Playback, PlayingPage, SessionEnded


def routes(playback: Playback) -> Router:
    @get(
        "/",
        operation_id="AllStreams",
        summary="What is streaming now, newest first, in pages",
        responses=refusals(RoleNeeded, Invalid, BadPageToken),
    )
    async def streams(
        request: AnyRequest, page_token: PageToken = None, limit: FromQuery[int] = 50
    ) -> PlayingPage:
        """Returns a page. `limit` is at most 100."""
        require(request, Role.OPERATOR)
        return await playback.playing(page_token=page_token, limit=limit)

    @post(
        "/{session_id:str}/stop",
        operation_id="StopAnyStream",
        summary="Stop a stream of any account",
        status_code=204,
        responses=refusals(RoleNeeded, SessionEnded),
    )
    async def stop(request: AnyRequest, session_id: FromPath[str]) -> None:
        require(request, Role.OPERATOR)
        await playback.end(SessionId(session_id))

    return Router("/api/console/streams", route_handlers=[streams, stop], tags=["operator"])
