"""The catalogue over HTTP: browsing for viewers, the studio for partners, pictures for everyone."""

import asyncio
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from vitascope.catalog import imports, picture_sizes, pictures
from vitascope.catalog.contract.catalog import CardPage, Catalog, Genre, Sort
from vitascope.catalog.contract.errors import BadLine, BadTitle, NoSuchTitle, NotADraft, NotYours
from vitascope.catalog.contract.title import Title, TitleKind, TitleState
from vitascope.catalog.contract.title_records import (
    Preview,
    RecordsPage,
    Saved,
    TitleFilter,
    TitleRecords,
)
from vitascope.catalog.drafts import TitleDraft, changed, new_title
from vitascope.catalog.picture_widths import PictureWidths
from vitascope.engines.blobs import Blobs
from vitascope.engines.guard import Bulkhead
from vitascope.engines.http import (
    NOT_CHANGED,
    AnyRequest,
    IdList,
    OtherProfile,
    PageToken,
    ProfileNeeded,
    SomeId,
    SomeText,
    check_profile,
    refusals,
    require,
    viewer,
)
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, TooLarge
from vitascope.kernel.ids import TitleId
from vitascope.kernel.pages import BadPageToken
from vitascope.kernel.viewer import Role

A_PART = ResponseSpec(data_container=None, description="The part that was asked for.")
_WAITING = 16
FOR_EVER = "public, max-age=31536000, immutable"


def routes(catalog: Catalog, records: TitleRecords, blobs: Blobs, clock: Clock) -> Router:
    @get(
        "/api/catalog",
        operation_id="Browse",
        summary="Titles, filtered, in pages",
        responses=refusals(Invalid, BadPageToken, ProfileNeeded, OtherProfile),
    )
    async def browse(
        request: AnyRequest,
        genre: SomeId = None,
        kind: FromQuery[TitleKind | None] = None,
        sort: FromQuery[Sort] = Sort.NEW,
        page_token: PageToken = None,
        profile_id: SomeId = None,
    ) -> CardPage:
        """Returns a page. `profile_id` may be left out: it is the profile of the token, and no
        other."""
        who = viewer(request)
        check_profile(who, profile_id)
        return await catalog.browse(who, genre=genre, kind=kind, sort=sort, page_token=page_token)

    @get("/api/genres", operation_id="Genres", summary="Genres that have titles for this profile")
    async def genres(request: AnyRequest) -> list[Genre]:
        return await catalog.genres(viewer(request))

    return Router(
        "/",
        route_handlers=[browse, genres, _artwork(blobs), _studio(records, clock)],
        tags=["catalog"],
    )


def _artwork(blobs: Blobs) -> HTTPRouteHandler:
    widths = PictureWidths(blobs)

    @get(
        "/artwork/{name:str}",
        operation_id="Artwork",
        summary="A picture; its name is its content, so it may be kept for ever",
        media_type="image/webp",
        responses={**refusals(NoSuchTitle, BadTitle), 206: A_PART, 304: NOT_CHANGED},
    )
    async def artwork(
        request: AnyRequest, name: FromPath[str], width: FromQuery[int | None] = None
    ) -> Response[bytes]:
        """With `width`, in pixels, as a WebP of this width: one of 160, 240, 320, 480, 640, 960 and
        1280. Never wider than the picture is."""
        tag = f'"{name}-{width}"' if width else f'"{name}"'
        headers = {"Cache-Control": FOR_EVER, "ETag": tag, "Accept-Ranges": "bytes"}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(b"", status_code=304, headers=headers)
        content, media_type = await (
            pictures.picture(blobs, name) if width is None else widths.picture(name, width)
        )
        if part := pictures.asked_for(request.headers.get("Range"), len(content)):
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(content)}"
            some = content[part.start : part.stop]
            return Response(some, status_code=206, media_type=media_type, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    return artwork


def _studio(records: TitleRecords, clock: Clock) -> Router:
    press = Bulkhead(1, queue=_WAITING)  # a large picture takes some hundred MiB while it is read

    async def own(request: AnyRequest, title_id: str) -> Title:
        """A partner's own title; any title for an operator."""
        who = require(request, Role.PARTNER, Role.OPERATOR)
        found = await records.titles([TitleId(title_id)])
        if not found or (who.role is Role.PARTNER and found[0].partner_id != who.account_id):
            raise NoSuchTitle("You have no such title.")
        return found[0]

    @get(
        "/",
        operation_id="StudioTitles",
        summary="The partner's titles, newest first, in pages; an operator's are everybody's",
        responses=refusals(Invalid, BadPageToken),
    )
    async def listed(
        request: AnyRequest,
        title_id: IdList = None,
        name: SomeText = "",
        exact: FromQuery[bool] = False,
        of_state: Annotated[TitleState | None, QueryParameter(name="state")] = None,
        page_token: PageToken = None,
        limit: FromQuery[int] = 40,
    ) -> RecordsPage:
        """Those whose name in some language has `name` in it, or is it, letter by letter, with
        `exact`; of `state`; these alone where `title_id` is given, at most 100 times. `limit` is
        at most 100."""
        who = require(request, Role.PARTNER, Role.OPERATOR)
        partner = who.account_id if who.role is Role.PARTNER else None
        ids = tuple(map(TitleId, title_id or ()))
        wanted = TitleFilter(ids=ids, name=name, exact=exact, state=of_state)
        return await records.titles_of(partner, wanted, page_token=page_token, limit=limit)

    @post(
        "/",
        operation_id="AddTitle",
        summary="A new title, a draft until it is announced or can be played",
        responses=refusals(BadTitle),
    )
    async def add(request: AnyRequest, data: JSONBody[TitleDraft]) -> Title:
        who = require(request, Role.PARTNER, Role.OPERATOR)
        return await records.save(new_title(data, who.account_id, clock.now_ms()))

    @post(
        "/import",
        operation_id="ImportTitles",
        summary="Many titles, one a line as JSON: all are saved, or none",
        responses=refusals(BadLine, NotYours, TooLarge),
        status_code=200,
        request_max_body_size=imports.LARGEST,
    )
    async def import_lines(
        request: AnyRequest, first_line: FromQuery[int] = 1, dry_run: FromQuery[bool] = False
    ) -> Saved:
        """Save many titles. `first_line` is the number of the first line in the file, for messages
        about a line. With `dry_run` they are checked and not saved; the answer is empty."""
        who = require(request, Role.PARTNER, Role.OPERATOR)
        content = await request.body()
        lines = await asyncio.to_thread(imports.read_lines, content, first_line)
        there = await records.titles([TitleId(line.given.id) for line in lines])
        known = {title.id: title for title in there}
        partner = who.account_id if who.role is Role.PARTNER else None
        titles = await asyncio.to_thread(
            imports.imported, lines, known, partner, who.account_id, clock.now_ms()
        )
        return Saved() if dry_run else await records.save_all(titles)

    @get(
        "/{title_id:str}",
        operation_id="StudioTitle",
        summary="One title, whole",
        responses=refusals(NoSuchTitle),
    )
    async def one(request: AnyRequest, title_id: FromPath[str]) -> Title:
        return await own(request, title_id)

    @get(
        "/{title_id:str}/preview",
        operation_id="PreviewTitle",
        summary="The title's page as viewers will see it, whatever its state",
        responses=refusals(NoSuchTitle),
    )
    async def preview(
        request: AnyRequest, title_id: FromPath[str], locale: SomeId = None
    ) -> Preview:
        return await records.preview((await own(request, title_id)).id, locale or "en")

    @put(
        "/{title_id:str}",
        operation_id="ChangeTitle",
        summary="Change what is given",
        responses=refusals(BadTitle, NoSuchTitle),
    )
    async def change(
        request: AnyRequest, title_id: FromPath[str], data: JSONBody[TitleDraft]
    ) -> Title:
        return await records.save(changed(await own(request, title_id), data))

    @put(
        "/{title_id:str}/artwork/{field:str}",
        operation_id="SetArtwork",
        summary="Show a picture of one's own: the body is a JPEG, PNG or WebP file",
        responses=refusals(BadTitle, NoSuchTitle, TooLarge),
        request_max_body_size=pictures.LARGEST,
    )
    async def draw(
        request: AnyRequest, title_id: FromPath[str], field: FromPath[str], crop: SomeId = None
    ) -> Title:
        """Show a picture, or the part of it that `crop` names: left, top, width and height, as
        shares of the picture. It must have the shape of the field: 2:3 for `poster`, 16:9 for
        `landscape` and `billboard`."""
        title = await own(request, title_id)
        content = await request.body()
        part = picture_sizes.PicturePart.read(crop) if crop else None
        picture = await press.run(
            lambda: asyncio.to_thread(picture_sizes.resized, content, field, part)
        )
        name = await records.keep_picture(picture, "webp")
        artwork = msgspec.structs.replace(title.artwork, **{field: name})
        await records.set_artwork(title.id, artwork)
        return await own(request, title_id)

    @get(
        "/api/studio/genres",
        operation_id="KnownGenres",
        summary="Every genre that a title may have: its slug, then its name in each language",
    )
    async def genres(request: AnyRequest) -> dict[str, dict[str, str]]:
        require(request, Role.PARTNER, Role.OPERATOR)
        return await records.genre_names()

    @post(
        "/{title_id:str}/take-down",
        operation_id="TakeDownTitle",
        summary="Nobody sees it from now on",
        responses=refusals(NoSuchTitle),
        status_code=204,
    )
    async def take_down(request: AnyRequest, title_id: FromPath[str]) -> None:
        await records.take_down((await own(request, title_id)).id)

    @post(
        "/{title_id:str}/restore",
        operation_id="RestoreTitle",
        summary="Undo a take-down: what can be played is published again, the rest is a draft",
        responses=refusals(NoSuchTitle),
        status_code=200,
    )
    async def restore(request: AnyRequest, title_id: FromPath[str]) -> Title:
        await records.restore((await own(request, title_id)).id)
        return await own(request, title_id)

    @delete(
        "/{title_id:str}",
        operation_id="DeleteTitle",
        summary="Delete a draft; its jobs are cancelled",
        responses=refusals(NoSuchTitle, NotADraft),
        status_code=204,
    )
    async def drop(request: AnyRequest, title_id: FromPath[str]) -> None:
        await records.delete((await own(request, title_id)).id)

    titles = Router(
        "/api/studio/titles",
        route_handlers=[
            *(listed, add, import_lines, one, preview, change),
            *(draw, take_down, restore, drop),
        ],
    )
    return Router("/", route_handlers=[titles, genres], tags=["studio"])
