"""My list, thumbs and removal from history over HTTP. Progress comes through playback's beats."""

from collections.abc import Awaitable, Callable

import msgspec
from litestar import Router, delete, post, put
from litestar.params import FromPath, JSONBody

from vitascope.engines.http import AnyRequest, refusals, viewer
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import TitleId
from vitascope.kernel.viewer import Viewer
from vitascope.viewing.contract import ListFull, Thumb, Viewing

MaySee = Callable[[TitleId, Viewer], Awaitable[None]]
"""Raises when the title is not for the viewer; given by whoever knows the catalogue."""


class ThumbBody(msgspec.Struct, frozen=True, kw_only=True):
    """`null` takes the thumb back."""

    thumb: Thumb | None


def routes(viewing: Viewing, may_see: MaySee) -> Router:
    @put(
        "/my-list/{title_id:str}",
        operation_id="AddToList",
        status_code=204,
        responses=refusals(NotFound, ListFull),
    )
    async def add(request: AnyRequest, title_id: FromPath[str]) -> None:
        """Put a title on my list."""
        who = viewer(request)
        await may_see(TitleId(title_id), who)
        await viewing.add_to_list(who.profile_id, TitleId(title_id))

    @delete("/my-list/{title_id:str}", operation_id="RemoveFromList", status_code=204)
    async def remove(request: AnyRequest, title_id: FromPath[str]) -> None:
        """Take a title off my list."""
        await viewing.remove_from_list(viewer(request).profile_id, TitleId(title_id))

    @put(
        "/thumbs/{title_id:str}",
        operation_id="GiveThumb",
        status_code=204,
        responses=refusals(NotFound),
    )
    async def thumb(
        request: AnyRequest, title_id: FromPath[str], data: JSONBody[ThumbBody]
    ) -> None:
        """Say how one liked a title."""
        who = viewer(request)
        await may_see(TitleId(title_id), who)
        await viewing.give_thumb(who.profile_id, TitleId(title_id), data.thumb)

    @delete("/history/{title_id:str}", operation_id="ForgetTitle", status_code=204)
    async def forget(request: AnyRequest, title_id: FromPath[str]) -> None:
        """Remove a title from history and from continue watching."""
        await viewing.forget(viewer(request).profile_id, TitleId(title_id))

    @post("/history/clear", operation_id="ClearHistory", status_code=204)
    async def clear(request: AnyRequest) -> None:
        """Remove all titles from history and from continue watching."""
        await viewing.clear_history(viewer(request).profile_id)

    return Router("/api", route_handlers=[add, remove, thumb, forget, clear], tags=["viewing"])
