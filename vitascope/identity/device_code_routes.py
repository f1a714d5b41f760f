"""A code by which another device is signed in, over HTTP: where it is entered, and drawn."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, Router, post

from vitascope.engines import qr
from vitascope.engines.http import ProfileNeeded, principal, refusals, require_same_site
from vitascope.engines.tls import is_loopback
from vitascope.identity.contract import Identity
from vitascope.kernel.errors import Forbidden

AnyRequest = Request[Any, Any, Any]

FindAddresses = Callable[[], Awaitable[Sequence[str]]]
"""Returns where other devices open the service, likeliest first; nothing if none reaches it."""


class ShownCode(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is the page that another device opens, with the code in it, and `squares` the rows
    of its QR code, "1" for a dark one. Without an address no other device reaches the service."""

    code: str
    expires_in_s: int
    page: str | None  # where the code is entered by hand
    address: str | None
    squares: tuple[str, ...]


def routes(identity: Identity, find_addresses: FindAddresses) -> Router:
    @post(
        "/device-code",
        operation_id="MakeDeviceCode",
        summary="Make a code by which another device is signed in",
        status_code=200,
        responses=refusals(Forbidden, ProfileNeeded),
    )
    async def make(request: AnyRequest) -> Response[ShownCode]:
        """Returns a code that works once, within three minutes, and replaces an earlier one."""
        require_same_site(request)
        who = principal(request)
        await identity.check_manager(who)
        page = await _page(request)
        made = await identity.device_code(who)
        # behind the #, which browsers send to nobody
        address = f"{page}#{made.code.replace('-', '')}" if page else None
        shown = ShownCode(
            code=made.code,
            expires_in_s=made.expires_in_s,
            page=page,
            address=address,
            squares=tuple(qr.squares(address)) if address else (),
        )
        return Response(shown, headers={"Cache-Control": "no-store"})

    async def _page(request: AnyRequest) -> str | None:
        """Returns the page by the address at which this one came, unless only this machine knows
        it."""
        host = request.url.hostname or ""
        if host and not is_loopback(host) and not host.endswith(".localhost"):
            return f"{request.url.scheme}://{request.url.netloc}/enter"
        found = await find_addresses()
        return f"{found[0]}/enter" if found else None

    return Router("/api", route_handlers=[make], tags=["Account"])
