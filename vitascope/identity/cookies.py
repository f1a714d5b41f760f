"""The cookie that keeps a browser signed in: a refresh token that scripts cannot read.

Over HTTPS its name begins with `__Host-`: a browser then takes it from this very host alone, and
never over plain HTTP. Over plain HTTP, as on the machine itself, it has the plain name. A browser
that was signed in before there were two names moves to the new one when it refreshes.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

PLAIN = "vita_refresh"
OF_HOST = "__Host-vita_refresh"

AnyRequest = Request[Any, Any, Any]


class RefreshCookies:
    def __init__(self, *, days: int, always_secure: bool) -> None:
        """`always_secure` when viewers come over HTTPS, whatever a proxy says of a request."""
        self._kept_s = days * 86_400
        self._always_secure = always_secure

    def given(self, request: AnyRequest) -> str | None:
        """Returns the refresh token that the browser sent."""
        names = (OF_HOST, PLAIN) if self._is_secure(request) else (PLAIN,)
        return next((request.cookies[name] for name in names if request.cookies.get(name)), None)

    def set(self, request: AnyRequest, token: str) -> Sequence[Cookie]:
        """Returns the cookies that keep `token`, or with "" drop what there is."""
        if not self._is_secure(request):
            return [self._cookie(PLAIN, token)]
        older = [self._cookie(PLAIN, "")] if PLAIN in request.cookies else []
        return [self._cookie(OF_HOST, token), *older]

    def _is_secure(self, request: AnyRequest) -> bool:
        return self._always_secure or request.url.scheme == "https"

    def _cookie(self, name: str, token: str) -> Cookie:
        of_host = name == OF_HOST
        return Cookie(
            key=name,
            value=token,
            path="/" if of_host else "/api",
            httponly=True,
            samesite="strict",
            secure=of_host,
            max_age=self._kept_s if token else 0,
        )
