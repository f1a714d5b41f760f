"""The origin over HTTP. Edges carry tokens of their own: no account is looked at."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery, HeaderParameter
from litestar.response import Stream

from vitascope.kernel.ids import AssetId
from vitascope.origin.files import PublishedFiles

_NEVER_KEPT = {"Cache-Control": "no-store"}

Authorization = Annotated[str, HeaderParameter(name="Authorization", required=False)]
Asked = Annotated[str | None, HeaderParameter(name="Range", required=False)]


def routes(files: PublishedFiles) -> Router:
    @get("/published", operation_id="OriginPublished")
    async def published(
        after: FromQuery[int] = 0, limit: FromQuery[int] = 100, authorization: Authorization = ""
    ) -> Response[bytes]:
        return _sealed(*await files.published(after, limit, authorization))

    @get("/{asset_id:str}/{version:str}", operation_id="OriginPackage")
    async def package(
        asset_id: FromPath[str], version: FromPath[str], authorization: Authorization = ""
    ) -> Response[bytes]:
        return _sealed(*await files.package(AssetId(asset_id), version, authorization))

    @get("/{asset_id:str}/{version:str}/{name:str}", operation_id="OriginFile")
    async def read(
        asset_id: FromPath[str],
        version: FromPath[str],
        name: FromPath[str],
        authorization: Authorization = "",
        asked: Asked = None,
    ) -> Stream:
        found = await files.read(AssetId(asset_id), version, name, authorization, asked)
        headers = {"Content-Length": str(found.length), "Accept-Ranges": "bytes", **_NEVER_KEPT}
        if found.partial:
            last = found.start + found.length - 1
            headers["Content-Range"] = f"bytes {found.start}-{last}/{found.size}"
        return Stream(
            found.chunks,
            status_code=206 if found.partial else 200,
            media_type="application/octet-stream",
            headers=headers,
        )

    handlers = [published, package, read]
    return Router("/origin", route_handlers=handlers, include_in_schema=False)


def _sealed(body: bytes, seal: str) -> Response[bytes]:
    headers = {"X-Vitascope-Seal": seal, **_NEVER_KEPT}
    return Response(body, media_type="application/json", headers=headers)
