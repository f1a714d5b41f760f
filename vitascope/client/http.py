"""One server, asked as one account: requests, refusals, and tokens that are renewed in time."""

import asyncio
from typing import Any, TypeVar

import httpx
import msgspec

from vitascope.identity import SignedIn
from vitascope.kernel.errors import Unavailable, VitascopeError
from vitascope.kernel.viewer import Role

T = TypeVar("T")

PASSING = frozenset({409, 423, 429, 460, 500, 502, 503, 504})
"""Statuses after which it is worth asking again, after a pause."""


class Refused(VitascopeError):
    """The service's own refusal, as its problem body told it."""

    code = "refused"

    def __init__(self, detail: str, *, status: int, code: str, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.seen_status = status
        self.seen_code = code


class ServerUnreachable(Unavailable):
    code = "server-unreachable"


class Http:
    """A connection to `server`. `close` it."""

    def __init__(self, server: str, *, timeout_s: float) -> None:
        self.server = server.rstrip("/")
        self._http = httpx.AsyncClient(base_url=self.server, timeout=timeout_s)
        self._signed_in: SignedIn | None = None
        self._refreshing = asyncio.Lock()

    async def close(self) -> None:
        await self._http.aclose()

    def remember(self, signed_in: SignedIn) -> SignedIn:
        """Ask as this account from now on."""
        self._signed_in = signed_in
        self._http.headers["Authorization"] = f"Bearer {signed_in.tokens.access_token}"
        return signed_in

    @property
    def role(self) -> Role | None:
        """Returns what the account is; None before somebody has signed in."""
        return self._signed_in.account.role if self._signed_in else None

    async def _refresh(self, refused: SignedIn) -> None:
        """Renew the tokens, unless another request that was refused with them did so already: a
        refresh token that comes twice is taken for stolen."""
        async with self._refreshing:
            if self._signed_in is refused:
                body = {"refresh_token": refused.tokens.refresh_token}
                self.remember(await self.send("POST", "/api/refresh", SignedIn, json=body))

    async def send(self, method: str, path: str, shape: type[T], **request: Any) -> T:
        """Ask, and read the answer's JSON as `shape`. Raises as `raw`."""
        answer = await self.raw(method, path, **request)
        return msgspec.json.decode(answer.content, type=shape)

    async def raw(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Ask; `request` is what httpx takes. Raises `Refused`, `ServerUnreachable`."""
        asked_as = self._signed_in
        answer = await self._once(method, path, **request)
        if (
            answer.status_code == 401
            and asked_as is not None
            and not path.endswith(("refresh", "sign-in"))
        ):
            await self._refresh(asked_as)
            answer = await self._once(method, path, **request)
        if answer.status_code >= 400:
            raise _refusal(answer)
        return answer

    async def _once(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise ServerUnreachable(
                f"No answer from {self.server} ({type(error).__name__}). Is the service running? "
                "Start it with ./vita up, or name another with --server URL."
            ) from error


def passes(error: ServerUnreachable | Refused) -> bool:
    """Return True if the same request may succeed a little later."""
    return isinstance(error, ServerUnreachable) or error.seen_status in PASSING


def _refusal(answer: httpx.Response) -> Refused:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    known = {"type", "title", "status", "detail", "code", "request_id", "instance"}
    extra = {key: value for key, value in problem.items() if key not in known}
    detail = problem.get("detail") or f"The server answered {answer.status_code}."
    return Refused(detail, status=answer.status_code, code=problem.get("code", "error"), **extra)
