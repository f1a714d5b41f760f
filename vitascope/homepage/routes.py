"""The pages of the browsing part of the web app, one answer each."""

from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from vitascope.catalog import NoSuchTitle
from vitascope.engines.http import (
    NOT_CHANGED,
    AnyRequest,
    OtherProfile,
    PageToken,
    ProfileNeeded,
    SomeId,
    check_profile,
    refusals,
    unless_known,
    viewer,
)
from vitascope.homepage.contract import (
    DeviceType,
    HistoryView,
    Home,
    Homepage,
    HomeRow,
    MyListView,
    SearchView,
    TitleView,
)
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import TitleId
from vitascope.kernel.pages import BadPageToken

MOST_FOUND = 40


def routes(homepage: Homepage) -> Router:
    @get(
        "/homepage",
        operation_id="Home",
        summary="The page a profile comes home to",
        responses={**refusals(BadPageToken), 304: NOT_CHANGED},
    )
    async def home(
        request: AnyRequest,
        page_token: PageToken = None,
        device_type: FromQuery[DeviceType] = "web",
    ) -> Response[Home]:
        who = viewer(request)
        page = await homepage.home(who, page_token=page_token, device_type=device_type)
        return unless_known(request, page)

    @get(
        "/homepage/row",
        operation_id="HomeRow",
        summary="More tiles of one row",
        responses=refusals(BadPageToken),
    )
    async def row(
        request: AnyRequest, page_token: Annotated[str, QueryParameter(max_length=4096)]
    ) -> HomeRow:
        return await homepage.row(viewer(request), page_token)

    @get(
        "/titles/{title_id:str}",
        operation_id="Title",
        summary="A title's own page",
        responses={**refusals(NoSuchTitle), 304: NOT_CHANGED},
    )
    async def title(request: AnyRequest, title_id: FromPath[str]) -> Response[TitleView]:
        return unless_known(request, await homepage.title(viewer(request), TitleId(title_id)))

    @get(
        "/search",
        operation_id="Search",
        summary="Titles by what one types",
        responses=refusals(Invalid, ProfileNeeded, OtherProfile),
    )
    async def search(
        request: AnyRequest,
        q: Annotated[str | None, QueryParameter(required=False, max_length=300)] = None,
        other: Annotated[
            str | None, QueryParameter(name="query", required=False, max_length=300)
        ] = None,
        limit: FromQuery[int] = MOST_FOUND,
        profile_id: SomeId = None,
    ) -> SearchView:
        """Returns titles, best first. `query` is another name of `q`. `limit` is at most 40.
        `profile_id` may be left out: it is the profile of the token, and no other."""
        who = viewer(request)
        check_profile(who, profile_id)
        if q is not None and other is not None and q != other:
            raise Invalid("Give `q` or `query`, not both.", field="query")
        if not 0 < limit <= MOST_FOUND:
            raise Invalid(f"`limit` is from 1 to {MOST_FOUND}.", field="limit")
        found = await homepage.search(who, q if q is not None else other or "")
        return msgspec.structs.replace(found, cards=found.cards[:limit])

    @get("/my-list", operation_id="MyList", summary="What the profile put aside")
    async def my_list(request: AnyRequest) -> MyListView:
        return await homepage.my_list(viewer(request))

    @get(
        "/history",
        operation_id="History",
        summary="What the profile watched",
        responses=refusals(BadPageToken),
    )
    async def history(request: AnyRequest, page_token: PageToken = None) -> HistoryView:
        return await homepage.history(viewer(request), page_token=page_token)

    return Router(
        "/api", route_handlers=[home, row, title, search, my_list, history], tags=["browsing"]
    )
