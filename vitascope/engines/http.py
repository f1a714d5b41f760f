"""What the routes of every domain need from a request: who is asking, and what they have already.

The gateway reads the access token once and leaves a `Principal` in `request.state.principal`, or
why the token was refused in `request.state.principal_error`. Routes take it from here, so that none
of them knows how a token looks, and a public route never minds a token that has expired.
"""

import hashlib
from typing import Annotated, Any, TypeVar, cast

import msgspec
from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from vitascope.kernel.bounds import ID
from vitascope.kernel.errors import Forbidden, Unauthenticated, VitascopeError
from vitascope.kernel.viewer import Principal, Role, Viewer

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
SomeId = Annotated[str | None, QueryParameter(required=False, max_length=64)]
PageToken = Annotated[str | None, QueryParameter(required=False, max_length=4096)]
SomeText = Annotated[str, QueryParameter(required=False, max_length=300)]
IdList = Annotated[list[Annotated[str, ID]] | None, QueryParameter(required=False, max_items=100)]
PROBLEM_TYPE = "application/problem+json"
NOT_CHANGED = ResponseSpec(data_container=None, description="What one has already.")


class ProfileNeeded(Forbidden):
    code = "profile-needed"


class OtherProfile(Forbidden):
    code = "other-profile"


class RoleNeeded(Forbidden):
    code = "role-needed"


def principal(request: AnyRequest) -> Principal:
    """Raises `Unauthenticated`."""
    found: Principal | None = getattr(request.state, "principal", None)
    if found is None:
        refused: VitascopeError | None = getattr(request.state, "principal_error", None)
        raise refused or Unauthenticated("Sign in to do this: an access token is required.")
    return found


def viewer(request: AnyRequest) -> Viewer:
    """Raises `Unauthenticated`, `ProfileNeeded`."""
    who = principal(request)
    if who.viewer is None:
        raise ProfileNeeded("Choose a profile first.")
    return who.viewer


def check_profile(who: Viewer, profile_id: str | None) -> None:
    """Raises `OtherProfile` where a request names a profile that is not the token's."""
    if profile_id is not None and profile_id != who.profile_id:
        raise OtherProfile(
            "The access token is for another profile. Choose this profile first, and use the "
            "token that you get."
        )


def require(request: AnyRequest, *roles: Role) -> Principal:
    """Returns the principal, if it has one of `roles`. Raises `Unauthenticated`, `RoleNeeded`."""
    who = principal(request)
    if who.role not in roles:
        wanted = " or ".join(roles)
        raise RoleNeeded(
            f"This needs a {wanted} account. You are signed in with a {who.role} account."
        )
    return who


def address(request: AnyRequest) -> str:
    """Returns the client's address, as the gateway worked it out from the trusted proxies."""
    known: str | None = getattr(request.state, "address", None)
    if known is not None:
        return known
    return request.client.host if request.client else "unknown"


def limit(request: AnyRequest, what: str) -> None:
    """Count a request of a route that has a limit of its own, however its path is spelt. Raises
    `TooMany`."""
    take = getattr(request.state, "limit", None)
    if take is not None:
        take(what)


class OtherSite(Forbidden):
    code = "other-site"


def require_same_site(request: AnyRequest) -> None:
    """Refuse what another site has a browser send here with our cookies. Raises `OtherSite`.

    `Sec-Fetch-Site` is the browser's own word; where it is missing `Origin` must name the host that
    was asked. A form of another site can send no JSON. Programs send none of the three.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        host = request.headers.get("host", "")
        own = origin in (None, f"http://{host}", f"https://{host}")
    if not own or kind != "application/json":
        raise OtherSite("Another site sent this request. Use the service's own page.")


def unless_known(request: AnyRequest, value: T) -> Response[T]:
    """Returns `value`, which a browser may keep and has to ask for again each time; or 304 without
    a body when it has this very one already."""
    content = msgspec.json.encode(value)
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'  # weak: it may be compressed yet
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = tag in request.headers.get("If-None-Match", "")
    answer = Response(b"" if known else content, status_code=304 if known else 200, headers=headers)
    return cast(Response[T], answer)


class Problem(msgspec.Struct, kw_only=True, rename={"type_": "type"}):
    """An error's body (RFC 9457, `application/problem+json`). Errors may add members of their own:
    the devices that are streaming, the seconds to wait, the fields that are wrong."""

    type_: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""


def refusals(*errors: type[VitascopeError]) -> dict[int, ResponseSpec]:
    """Returns what a route may refuse with, for the OpenAPI document: `@post(...,
    responses=refusals(EmailTaken, WeakPassword))`. The gateway adds what every route may answer
    (400, 401, 413, 429, 500, 503, 504)."""
    codes: dict[int, list[str]] = {}
    for error in errors:
        codes.setdefault(error.status, []).append(error.code)
    return {
        status: ResponseSpec(
            data_container=Problem,
            description=", ".join(f"`{code}`" for code in found),
            generate_examples=False,
            media_type=PROBLEM_TYPE,
        )
        for status, found in codes.items()
    }
