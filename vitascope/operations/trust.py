"""How a device comes to trust this service: what the page `/trust` tells, and the authority's
certificate as a file. Answered over plain HTTP too, to whoever asks: none of it is a secret."""

from typing import Any

import msgspec
from litestar import Response, Router, get

from vitascope.engines.http import AnyRequest, refusals
from vitascope.engines.secrets import Secrets
from vitascope.engines.tls import AUTHORITY, TlsSettings, as_der, fingerprint
from vitascope.kernel.errors import NotFound

_FILE = "vitascope"


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """`sha256` is that of the authority's certificate, as systems show it; None where devices trust
    the service's certificate already, or there is none. Ports are None where nothing listens."""

    secure: bool  # this page came over TLS
    plain_port: int
    secure_port: int | None
    sha256: str | None


def routes(secrets: Secrets, *, port: int, tls: TlsSettings) -> Router:
    async def authority() -> bytes:
        """Raises `NotFound`."""
        if not tls.port or tls.certificate_file:
            raise NotFound("This service has no certificate authority of its own.")
        return await secrets.get(AUTHORITY)

    @get("/", operation_id="Trust", summary="How to reach the service over TLS")
    async def trust(request: AnyRequest) -> Response[Trust]:
        try:
            sha256 = fingerprint(await authority())
        except NotFound:
            sha256 = None
        found = Trust(
            secure=request.url.scheme == "https",
            plain_port=port,
            secure_port=tls.port or None,
            sha256=sha256,
        )
        return Response(found, headers={"Cache-Control": "no-store"})

    @get(
        "/authority.crt",
        operation_id="AuthorityDer",
        summary="The authority's certificate, for Android, iOS, macOS and Windows",
        media_type="application/x-x509-ca-cert",
        responses=refusals(NotFound),
    )
    async def der() -> Response[bytes]:
        return _file(as_der(await authority()), "crt", "application/x-x509-ca-cert")

    @get(
        "/authority.pem",
        operation_id="AuthorityPem",
        summary="The authority's certificate as text, for Linux and Firefox",
        media_type="application/x-pem-file",
        responses=refusals(NotFound),
    )
    async def pem() -> Response[bytes]:
        return _file(await authority(), "pem", "application/x-pem-file")

    return Router("/api/trust", route_handlers=[trust, der, pem], tags=["trust"])


def _file(content: bytes, suffix: str, media_type: str) -> Response[Any]:
    name = f'attachment; filename="{_FILE}.{suffix}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": name})
