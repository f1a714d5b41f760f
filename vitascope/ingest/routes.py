"""tus 1.0 at /api/uploads, and what the studio shows of uploads."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, head, patch, post, put, route
from litestar.exceptions import InternalServerException
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from vitascope.catalog import NoSuchTitle
from vitascope.engines.http import AnyRequest, RoleNeeded, SomeText, refusals, require
from vitascope.engines.trust import (
    NoneHasSandbox,
    NoSandbox,
    is_operator,
    some_has_sandbox,
    supplier,
)
from vitascope.ingest import tus
from vitascope.ingest.contract import (
    AlreadyLive,
    ChecksumMismatch,
    Ingest,
    JoinedByService,
    NoLiveVersion,
    NoSuchSubtitles,
    NoSuchUpload,
    NotYourTitle,
    NotYourUpload,
    OffsetConflict,
    PieceMissing,
    Quota,
    QuotaExceeded,
    SoundAlreadyThere,
    SubtitleDraft,
    SubtitleKind,
    Subtitles,
    UnsupportedTusVersion,
    Upload,
    UploadBusy,
    UploadExpired,
    UploadState,
    UploadTooLarge,
)
from vitascope.ingest.receive import Silence
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.subtitles import LARGEST
from vitascope.kernel.errors import Conflict, Invalid, TooLarge
from vitascope.kernel.ids import AccountId, ContentId, TitleId, UploadId
from vitascope.kernel.media import Language
from vitascope.kernel.viewer import Role

_ANY = (RoleNeeded, UnsupportedTusVersion)
_KNOWN = (*_ANY, NoSuchUpload, NotYourUpload, UploadExpired)
_CREATED = (
    *(*_ANY, NoSandbox, NoSuchTitle, NotYourTitle, QuotaExceeded, UploadTooLarge, OffsetConflict),
    *(AlreadyLive, NoLiveVersion, SoundAlreadyThere, PieceMissing, NoSuchUpload, NotYourUpload),
)
_BYTES = (UploadBusy, ChecksumMismatch, Silence)
_APPENDED = (*_KNOWN, *_BYTES, NoSandbox, OffsetConflict, UploadTooLarge, JoinedByService)


def routes(
    ingest: Ingest,
    settings: IngestSettings,
    none_has_sandbox: NoneHasSandbox = some_has_sandbox,
) -> Router:
    """Returns everything for partners, and for operators who act as one."""

    @route("/", http_method=["OPTIONS"], status_code=204, include_in_schema=False)
    async def ask() -> Response[None]:
        """What this server can do. Needs no account."""
        limit = round(settings.max_upload_gib * (1 << 30))
        return Response(None, status_code=204, headers=tus.capabilities(limit))

    @post(
        "/",
        status_code=201,
        request_max_body_size=None,
        responses=refusals(*_CREATED, *_BYTES),
    )
    async def create(request: AnyRequest) -> Response[None]:
        """Begin an upload; with a body, its first bytes. Upload-Metadata holds `filename`,
        `title_id`, `content_id` (an episode) and `priority`. `replaces` (yes) is needed where the
        film or episode is live already. `publish` is `ready` (as soon as it is), `asked` (when its
        partner says) or a date with its offset. With `sound_language` the file is a sound track for
        what is published: `sound_role` (main, description or commentary), `sound_label`, and
        `sound_replaces` (yes) to put it in the place of the one that is there.

        A file may be sent in pieces, several at once: each with `Upload-Concat: partial` and no
        metadata; then `Upload-Concat: final;` with the addresses of the pieces and the metadata, as
        tus has it. The final one has an Upload-Offset when the service has put it together."""
        tus.refuse_other_versions(request.headers)
        partner_id = await supplier(request, none_has_sandbox)
        told = msgspec.structs.replace(tus.draft(request.headers), by_operator=is_operator(request))
        upload = await ingest.create(partner_id, told)
        place = f"{tus.PLACE}{upload.id}"
        if tus.has_body(request.headers):
            checksum = tus.checksum(request.headers)
            chunks = _arriving(request)
            upload = await ingest.append(partner_id, upload.id, 0, chunks, checksum=checksum)
        return Response(None, status_code=201, headers={"Location": place, **tus.progress(upload)})

    @head("/{upload_id:str}", status_code=200, responses=refusals(*_KNOWN))
    async def ask_offset(request: AnyRequest, upload_id: FromPath[UploadId]) -> Response[None]:
        """How far an upload is."""
        upload = await ingest.upload(_partner(request), upload_id)
        told = {**tus.progress(upload), **tus.description(upload), "Cache-Control": "no-store"}
        return Response(None, status_code=200, headers=told)

    @patch(
        "/{upload_id:str}",
        status_code=204,
        request_max_body_size=None,
        responses=refusals(*_APPENDED),
    )
    async def append(request: AnyRequest, upload_id: FromPath[UploadId]) -> Response[None]:
        """Add bytes at Upload-Offset."""
        tus.refuse_other_versions(request.headers)
        partner_id = await supplier(request, none_has_sandbox)
        tus.refuse_other_bodies(request.headers)
        upload = await ingest.append(
            partner_id,
            upload_id,
            tus.number(request.headers, "Upload-Offset"),
            _arriving(request),
            checksum=tus.checksum(request.headers),
        )
        return Response(None, status_code=204, headers=tus.progress(upload))

    @delete("/{upload_id:str}", status_code=204, responses=refusals(*_KNOWN, Conflict))
    async def terminate(request: AnyRequest, upload_id: FromPath[UploadId]) -> None:
        """End an upload and free its quota."""
        await ingest.terminate(_partner(request), upload_id)

    @get("/api/studio/uploads", responses=refusals(RoleNeeded, Invalid))
    async def uploads(
        request: AnyRequest,
        wanted: Annotated[UploadState | None, QueryParameter(name="state")] = None,
    ) -> Sequence[Upload]:
        """The partner's uploads, newest first; those in one state, where it is named."""
        partner_id = require(request, Role.PARTNER, Role.OPERATOR).account_id
        return await ingest.uploads(partner_id, wanted)

    @get("/api/studio/quota", responses=refusals(RoleNeeded))
    async def quota(request: AnyRequest) -> Quota:
        """What the partner may hold, and holds."""
        quota = await ingest.quota(require(request, Role.PARTNER, Role.OPERATOR).account_id)
        trouble = "no-sandbox" if await none_has_sandbox() else None
        return msgspec.structs.replace(quota, trouble=trouble)

    @get(
        "/{title_id:str}/contents/{content_id:str}/subtitles",
        operation_id="Subtitles",
        summary="The subtitle files of a film or episode that came beside its master",
        responses=refusals(RoleNeeded, NoSuchTitle, NotYourTitle),
    )
    async def subtitles(
        request: AnyRequest, title_id: FromPath[TitleId], content_id: FromPath[ContentId]
    ) -> Sequence[Subtitles]:
        return await ingest.subtitles(_supplier(request), title_id, content_id)

    @put(
        "/{title_id:str}/contents/{content_id:str}/subtitles/{language:str}",
        operation_id="PutSubtitles",
        summary="Give subtitles in one language: SRT, WebVTT, ASS, TTML, SCC, EBU STL",
        responses=refusals(RoleNeeded, NoSandbox, NoSuchTitle, NotYourTitle, Invalid, TooLarge),
        request_max_body_size=LARGEST,
    )
    async def put_subtitles(
        request: AnyRequest,
        title_id: FromPath[TitleId],
        content_id: FromPath[ContentId],
        language: FromPath[Language],
        file_name: SomeText = "subtitles.srt",
        kind: FromQuery[SubtitleKind] = "full",
        moved_ms: FromQuery[int] = 0,
    ) -> Sequence[Subtitles]:
        draft = SubtitleDraft(
            title_id=title_id,
            content_id=content_id,
            language=language,
            file_name=file_name,
            kind=kind,
            moved_ms=moved_ms,
            by_operator=is_operator(request),
        )
        partner_id = await supplier(request, none_has_sandbox)
        return await ingest.put_subtitles(partner_id, draft, await request.body())

    @patch(
        "/{title_id:str}/contents/{content_id:str}/subtitles/{language:str}",
        operation_id="MoveSubtitles",
        summary="Show subtitles later or earlier than they say, at once where a film is live",
        responses=refusals(RoleNeeded, NoSuchTitle, NotYourTitle, NoSuchSubtitles, Invalid),
    )
    async def move_subtitles(
        request: AnyRequest,
        title_id: FromPath[TitleId],
        content_id: FromPath[ContentId],
        language: FromPath[Language],
        moved_ms: FromQuery[int],
        kind: FromQuery[SubtitleKind] = "full",
    ) -> Sequence[Subtitles]:
        draft = SubtitleDraft(
            title_id=title_id,
            content_id=content_id,
            language=language,
            file_name="",
            kind=kind,
            moved_ms=moved_ms,
            by_operator=is_operator(request),
        )
        return await ingest.move_subtitles(_supplier(request), draft)

    @delete(
        "/{title_id:str}/contents/{content_id:str}/subtitles/{language:str}",
        operation_id="DropSubtitles",
        summary="Leave these subtitles out, at once where the film is live",
        responses=refusals(RoleNeeded, NoSuchTitle, NotYourTitle),
        status_code=200,
    )
    async def drop_subtitles(
        request: AnyRequest,
        title_id: FromPath[TitleId],
        content_id: FromPath[ContentId],
        language: FromPath[Language],
        kind: FromQuery[SubtitleKind] = "full",
    ) -> Sequence[Subtitles]:
        partner_id = _supplier(request)
        return await ingest.drop_subtitles(partner_id, title_id, content_id, language, kind)

    subtitle_files = Router(
        "/api/studio/titles",
        route_handlers=[subtitles, put_subtitles, move_subtitles, drop_subtitles],
        tags=["studio"],
    )
    resumable = Router(
        path="/api/uploads",
        route_handlers=[ask, create, ask_offset, append, terminate],
        middleware=[_speaks_tus],
        tags=["uploads"],
    )
    return Router(
        path="/", route_handlers=[resumable, subtitle_files, uploads, quota], tags=["uploads"]
    )


def _supplier(request: AnyRequest) -> AccountId:
    return require(request, Role.PARTNER, Role.OPERATOR).account_id


def _partner(request: AnyRequest) -> AccountId:
    tus.refuse_other_versions(request.headers)
    return require(request, Role.PARTNER, Role.OPERATOR).account_id


async def _arriving(request: AnyRequest) -> AsyncIterator[bytes]:
    """The body as it comes. A client that goes away ends it: what came is kept by its offset."""
    try:
        async for chunk in request.stream():
            yield chunk
    except InternalServerException as gone:
        if request.headers.get("upload-checksum"):
            raise ConnectionAbortedError("the client left before the end") from gone


def _speaks_tus(app: ASGIApp) -> ASGIApp:
    """Every answer names the protocol's version, refusals too."""

    async def speak(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Any] = [*message["headers"], (b"tus-resumable", b"1.0.0")]
                if message["status"] == 412:
                    headers.append((b"tus-version", b"1.0.0"))
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, send_named)

    return speak
