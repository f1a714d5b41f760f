"""Turn errors into RFC 9457 problem bodies: ours, Litestar's, and unexpected ones."""

import http
import re
import traceback
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from vitascope.engines.http import PROBLEM_TYPE
from vitascope.engines.trace import get_log, request_id
from vitascope.kernel.errors import VitascopeError

_log = get_log("gateway")

_CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    422: "unprocessable",
}
_TOO_LONG = re.compile(r"Expected `(str|array|object)` of length <= (\d+)")
_DISCONNECTED = "client disconnected prematurely"


def body_of(status: int, code: str, detail: str, extra: Mapping[str, Any] | None = None) -> bytes:
    """Returns a problem's body. Members of RFC 9457 win over extra ones of the same name."""
    said = {
        **(extra or {}),
        "type": f"/problems/{code}",
        "title": _title(status, code),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id() or "",
    }
    return msgspec.json.encode(said, order="deterministic")


def _title(status: int, code: str) -> str:
    """Returns the status in words; of one that HTTP itself does not name (tus has 460), the
    code."""
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return code.replace("-", " ").capitalize()


def headers_of(status: int, extra: dict[str, Any] | None = None) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    wait_s = (extra or {}).get("retry_after_s")
    if wait_s is not None:
        headers["Retry-After"] = str(wait_s)
    return headers


def _response(status: int, content: bytes, extra: dict[str, Any] | None = None) -> Response[bytes]:
    return Response(
        content, status_code=status, media_type=PROBLEM_TYPE, headers=headers_of(status, extra)
    )


def service_error(_request: Request[Any, Any, Any], error: VitascopeError) -> Response[bytes]:
    """Answer with an error of ours, which brings its own status, code and sentence."""
    if error.status >= 500:
        _log.warning("trouble", code=error.code, detail=error.detail)
    content = body_of(error.status, error.code, error.detail, error.extra)
    return _response(error.status, content, error.extra)


def framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what Litestar refuses: unknown paths and methods, malformed bodies."""
    if error.status_code >= 500:
        return _gone(error) or internal_error(request, error)
    code = _CODES.get(error.status_code, "refused")
    if isinstance(error, ValidationException):
        wrong = _wrong_fields(error.extra)
        detail = "; ".join(f"{w['pointer']}: {w['detail']}" for w in wrong) or error.detail
        return _response(400, body_of(400, "invalid", detail, {"errors": wrong}))
    detail = _SENTENCES.get(error.status_code, error.detail)
    if code == "invalid":
        detail = f"The body cannot be read: {detail}."
    response = _response(error.status_code, body_of(error.status_code, code, detail))
    for name, value in (error.headers or {}).items():
        if name.lower() == "allow":
            response.headers["Allow"] = value
    return response


_SENTENCES = {
    404: "Nothing was found at this address.",
    405: "This address does not support this method.",
    413: "The request body is too large.",
}


def unreadable_body(
    request: Request[Any, Any, Any], error: RecursionError | UnicodeDecodeError
) -> Response[bytes]:
    """Answer a body that is nested too deep or is not UTF-8. Litestar does not tell these from
    bugs, so look at where the error was raised."""
    frames = traceback.walk_tb(error.__traceback__)
    modules = [frame.f_globals.get("__name__", "") for frame, _ in frames]
    if not any(module.startswith("litestar.serialization") for module in modules):
        return internal_error(request, error)
    reason = "nested too deep" if isinstance(error, RecursionError) else "it is not UTF-8"
    return _response(400, body_of(400, "invalid", f"The body cannot be read: {reason}."))


def internal_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer a bug: log all that helps to find it, and give the client only the request's id."""
    _log.error("unexpected error", path=request.url.path, method=request.method, exc_info=error)
    return _response(500, body_of(500, "internal-error", "Something went wrong on our side."))


def _gone(error: HTTPException) -> Response[bytes] | None:
    """Returns the answer if the client left in the middle of its body, which is no bug."""
    if _DISCONNECTED not in error.detail:
        return None
    return _response(
        400,
        body_of(400, "disconnected", "The connection was closed before the whole body arrived."),
    )


def _wrong_fields(extra: Any) -> list[dict[str, str]]:
    """Litestar's list of messages as JSON pointers into the body, or names of parameters."""
    found: list[dict[str, str]] = []
    for each in extra if isinstance(extra, list) else []:
        key, source = str(each.get("key", "")), str(each.get("source", "body"))
        path = key.replace("[", ".").replace("]", "").replace("..", ".").strip(".")
        pointer = "#/" + path.replace(".", "/") if source in ("body", "data") else f"{source}:{key}"
        found.append({"pointer": pointer, "detail": _plainly(str(each.get("message", "")))})
    return found


def _plainly(message: str) -> str:
    """Returns a sentence for what is too long."""
    found = _TOO_LONG.fullmatch(message)
    if found is None:
        return message
    return f"At most {found[2]} {'characters' if found[1] == 'str' else 'entries'}."
