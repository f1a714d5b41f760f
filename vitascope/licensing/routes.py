"""Licences over HTTP. The licence token is all the permission there is: no session cookie and no
access token is looked at, so that a player on any device speaks to this the same way."""

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from vitascope.engines.http import refusals
from vitascope.kernel.ids import KeyId
from vitascope.licensing.contract import (
    ClearKeyAnswer,
    ClearKeyRequest,
    KeyWithheld,
    LicenceTokenRefused,
    Licensing,
    NoSuchKey,
)

_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}

TokenHeader = Annotated[str, HeaderParameter(name="X-Licence-Token", required=False)]


def routes(licensing: Licensing) -> Router:
    @post(
        "/clearkey",
        status_code=200,
        summary="W3C ClearKey licence",
        operation_id="ClearKey",
        responses=refusals(LicenceTokenRefused, KeyWithheld),
    )
    async def clear_key(
        data: JSONBody[ClearKeyRequest], licence_token: TokenHeader = ""
    ) -> Response[ClearKeyAnswer]:
        """The keys asked for that are within the token's policy."""
        answer = await licensing.clear_key(licence_token, data)
        return Response(answer, headers=_NEVER_KEPT)

    @get(
        "/key/{key_id:str}",
        media_type="application/octet-stream",
        summary="One content key as 16 bytes",
        operation_id="RawKey",
        responses=refusals(LicenceTokenRefused, KeyWithheld, NoSuchKey),
    )
    async def raw_key(
        key_id: FromPath[str],
        licence_token: TokenHeader = "",
        token: Annotated[str, QueryParameter(required=False, max_length=4096)] = "",
    ) -> Response[bytes]:
        """For HLS with identity keys. A native player cannot set headers: it has the token in the
        address."""
        key = await licensing.raw_key(licence_token or token, KeyId(key_id))
        return Response(key, headers=_NEVER_KEPT, media_type="application/octet-stream")

    return Router("/api/licence", route_handlers=[clear_key, raw_key], tags=["licensing"])
