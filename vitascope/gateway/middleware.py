"""What happens to every request before and after the application sees it.

In this order: a request id; the client's address (through trusted proxies); rate limits by address;
the access token, whose principal is left in `request.state` (and whose refusal, if it is refused:
routes that need no token never notice); rate limits by account; then the application; then headers,
one line of log, and the figures.

On draining, answers that have no end of their own (event streams) are told that the client has
gone, so that a stop need not wait for them.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import structlog

from vitascope.engines.http import PROBLEM_TYPE
from vitascope.engines.trace import Metrics, bound, continued, get_log
from vitascope.gateway.problems import body_of, headers_of
from vitascope.gateway.rates import Rate
from vitascope.gateway.settings import GatewaySettings
from vitascope.identity import Identity
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, VitascopeError
from vitascope.kernel.ids import new_id

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_log = get_log("gateway")
_GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Application(Protocol):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class RequestMiddleware:
    """Wraps an ASGI application in what every request needs: see the top of this file."""

    def __init__(
        self,
        inner: Application,
        *,
        identity: Identity | None,
        metrics: Metrics,
        clock: Clock,
        settings: GatewaySettings,
        public: bool,
        headers: dict[str, str],
    ) -> None:
        self.inner = inner
        self.draining = asyncio.Event()
        self.in_flight = 0
        self._idle = asyncio.Event()
        self._identity = identity
        self._settings = settings
        self._public = public
        self._headers = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
        self._addresses = Rate(
            clock,
            "address",
            per_second=settings.address_per_second,
            burst=settings.address_burst,
        )
        self._accounts = Rate(
            clock,
            "account",
            per_second=settings.account_per_second,
            burst=settings.account_burst,
        )
        self._sign_ups = Rate(
            clock,
            "address",
            per_second=settings.sign_up_per_second,
            burst=settings.sign_up_burst,
        )
        labels = ("method", "route", "status")
        self._count = metrics.counter("vitascope_requests", "Requests answered.", labels)
        self._took = metrics.histogram(
            "vitascope_request_seconds", "Time to answer.", ("method", "route")
        )
        self._flying = metrics.gauge("vitascope_requests_in_flight", "Requests being answered.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        headers = _headers_of(scope)
        given = headers.get("x-request-id", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else new_id("req")
        self.in_flight += 1
        self._note_idle()
        try:
            with bound(request_id=request_id), continued(headers):
                await self._answer(scope, headers, receive, send, request_id)
        finally:
            structlog.contextvars.unbind_contextvars("account_id")
            self.in_flight -= 1
            self._note_idle()

    async def drain(self, seconds: float) -> bool:
        """Refuse readiness, end event streams, and wait for what is being answered. Returns True if
        all of it was answered in time."""
        self.draining.set()
        self._note_idle()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def _note_idle(self) -> None:
        self._flying.set(self.in_flight)
        if self.in_flight == 0:
            self._idle.set()
        else:
            self._idle.clear()

    async def _answer(
        self,
        scope: Scope,
        headers: dict[str, str],
        receive: Receive,
        send: Send,
        request_id: str,
    ) -> None:
        answer = _Answer(send, [*self._headers, (b"x-request-id", request_id.encode())])
        begun = time.perf_counter()
        try:
            await self._admit(scope, headers)
            await self.inner(scope, self._receiving(receive, answer), answer)
        except VitascopeError as error:
            await _refuse(answer, error)
        finally:
            self._record(scope, answer, time.perf_counter() - begun)

    async def _admit(self, scope: Scope, headers: dict[str, str]) -> None:
        """Raises `RateLimited`, `Invalid`."""
        state = scope.setdefault("state", {})
        address = self._address(scope, headers)
        state["address"] = address
        path: str = scope["path"]
        # On the inner listener, edges and processes carry proofs of their own and share an address.
        if not self._public or path == "/healthz":
            return
        if "\x00" in path or b"%00" in scope.get("query_string", b""):
            raise Invalid("A path can't contain a zero byte.")
        self._addresses.take(address)
        if path == "/api/sign-up" and scope["method"] == "POST":
            self._sign_ups.take(address)
        await self._recognise(state, headers)

    async def _recognise(self, state: dict[str, Any], headers: dict[str, str]) -> None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._identity is None:
            return
        try:
            principal = await self._identity.read_token(token.strip())
        except VitascopeError as error:
            state["principal_error"] = error
            return
        state["principal"] = principal
        structlog.contextvars.bind_contextvars(account_id=principal.account_id)
        self._accounts.take(principal.account_id)

    def _address(self, scope: Scope, headers: dict[str, str]) -> str:
        """Returns the last hop that is not one of our proxies."""
        peer: str = scope["client"][0] if scope.get("client") else "unknown"
        trusted = self._settings.trusted_proxies
        if peer not in trusted:
            return peer
        if headers.get("x-forwarded-proto") in ("http", "https"):
            scope["scheme"] = headers["x-forwarded-proto"]
        hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        foreign = [hop for hop in hops if hop not in trusted]
        return foreign[-1][:64] if foreign else peer

    def _receiving(self, receive: Receive, answer: "_Answer") -> Receive:
        """`receive`, which for an event stream also comes back when draining begins."""

        async def received() -> Message:
            if not answer.is_event_stream:
                return await receive()
            message = asyncio.ensure_future(receive())
            stop = asyncio.ensure_future(self.draining.wait())
            try:
                await asyncio.wait({message, stop}, return_when=asyncio.FIRST_COMPLETED)
                return message.result() if message.done() else {"type": "http.disconnect"}
            finally:
                for waiting in (message, stop):
                    waiting.cancel()

        return received

    def _record(self, scope: Scope, answer: "_Answer", seconds: float) -> None:
        route = scope.get("path_template") or "none"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status = answer.status or 499
        self._count.labels(method, route, status).inc()
        if answer.is_event_stream:
            return
        self._took.labels(method, route).observe(seconds)
        slow = seconds * 1000 > self._settings.slow_request_ms
        say = _log.warning if status >= 500 or slow else _log.debug
        took_ms = round(seconds * 1000, 1)
        say("request", method=method, path=scope["path"], status=status, took_ms=took_ms)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class _Answer:
    """`send`, which adds headers to the start of a response and remembers how it went."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._extra = headers
        self.status = 0
        self.is_event_stream = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", []))
            present = {name.lower() for name, _ in headers}
            self.is_event_stream = any(
                name.lower() == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in headers
            )
            headers += [(name, value) for name, value in self._extra if name not in present]
            message = {**message, "headers": headers}
        await self._send(message)


async def _refuse(answer: _Answer, error: VitascopeError) -> None:
    if answer.status:
        raise error  # it had begun to answer already
    content = body_of(error.status, error.code, error.detail, error.extra)
    headers = {
        "content-type": PROBLEM_TYPE,
        "content-length": str(len(content)),
        **headers_of(error.status, error.extra),
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await answer({"type": "http.response.start", "status": error.status, "headers": raw})
    await answer({"type": "http.response.body", "body": content, "more_body": False})


def _headers_of(scope: Scope) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
