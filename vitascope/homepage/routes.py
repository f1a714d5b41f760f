"""The pages of the browsing part of the web app, one answer each."""

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery

from vitascope.catalog import NoSuchTitle
from vitascope.engines.http import NOT_CHANGED, AnyRequest, refusals, unless_known, viewer
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
from vitascope.kernel.ids import TitleId
from vitascope.kernel.pages import BadPageToken


def routes(homepage: Homepage) -> Router:
    @get(
        "/homepage",
        operation_id="Home",
        summary="The page a profile comes home to",
        responses={**refusals(BadPageToken), 304: NOT_CHANGED},
    )
    async def home(
        request: AnyRequest,
        page_token: FromQuery[str | None] = None,
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
    async def row(request: AnyRequest, page_token: FromQuery[str]) -> HomeRow:
        return await homepage.row(viewer(request), page_token)

    @get(
        "/titles/{title_id:str}",
        operation_id="Title",
        summary="A title's own page",
        responses={**refusals(NoSuchTitle), 304: NOT_CHANGED},
    )
    async def title(request: AnyRequest, title_id: FromPath[str]) -> Response[TitleView]:
        return unless_known(request, await homepage.title(viewer(request), TitleId(title_id)))

    @get("/search", operation_id="Search", summary="Titles by what one types")
    async def search(request: AnyRequest, q: FromQuery[str] = "") -> SearchView:
        return await homepage.search(viewer(request), q)

    @get("/my-list", operation_id="MyList", summary="What the profile put aside")
    async def my_list(request: AnyRequest) -> MyListView:
        return await homepage.my_list(viewer(request))

    @get(
        "/history",
        operation_id="History",
        summary="What the profile watched",
        responses=refusals(BadPageToken),
    )
    async def history(request: AnyRequest, page_token: FromQuery[str | None] = None) -> HistoryView:
        return await homepage.history(viewer(request), page_token=page_token)

    return Router(
        "/api", route_handlers=[home, row, title, search, my_list, history], tags=["browsing"]
    )
