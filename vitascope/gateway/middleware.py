"""What happens to every request before and after the application sees it.

In this order: a request id; the client's address (through trusted proxies); rate limits by address;
the access token, whose principal is left in `request.state` (and whose refusal, if it is refused:
routes that need no token never notice); rate limits by account; then the application; then headers,
one line of log, and the figures.

Answers that have no end of their own (event streams) are told that the client has gone when the
service drains, so that a stop need not wait for them, and when their token is no longer good.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import msgspec
import structlog

from vitascope.engines.http import PROBLEM_TYPE
from vitascope.engines.trace import Metrics, bound, continued, get_log
from vitascope.gateway import deadlines
from vitascope.gateway.event_streams import EventStreams
from vitascope.gateway.problems import body_of, headers_of
from vitascope.gateway.rates import Rate
from vitascope.gateway.settings import GatewaySettings
from vitascope.identity import Identity
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, VitascopeError
from vitascope.kernel.ids import AccountId, new_id
from vitascope.kernel.networks import network_of
from vitascope.kernel.viewer import Principal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_log = get_log("gateway")
_LONGEST_PATH = 2_000
_LONGEST_QUERY = 16_000  # a hundred ids, several times over
_HOST = re.compile(r"(?:[\w.-]{0,253}|\[[0-9a-fA-F:.]{2,45}\])(?::(\d{1,5}))?", re.ASCII)
_MOST_UNLISTED = 100
_FORWARDING = frozenset(
    {
        *("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip"),
        *("cf-connecting-ip", "true-client-ip"),
    }
)
"""Headers by which proxies tell for whom they ask."""
_OF_PARTNERS = re.compile(r"/api/(studio/(?!catalogues)|uploads)")
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
        self._clock = clock
        self.settings = settings
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
        self._streams = EventStreams(clock, most=settings.event_streams)
        labels = ("method", "route", "status")
        self._count = metrics.counter("vitascope_requests", "Requests answered.", labels)
        self._took = metrics.histogram(
            "vitascope_request_seconds", "Time to answer.", ("method", "route")
        )
        self._unlisted: set[str] = set()
        self._proxies = metrics.gauge(
            "vitascope_unlisted_proxies",
            "Peers that forward for others and are not in trusted_proxies.",
            ("peer",),
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
            receive = self._in_time(receive, headers)
            await self.inner(scope, self._receiving(scope, receive, answer), answer)
        except VitascopeError as error:
            await _refuse(answer, error)
        finally:
            if holder := scope["state"].get("event_stream_of"):
                self._streams.release(holder)
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
        query = scope.get("query_string", b"")
        if len(path) > _LONGEST_PATH or len(query) > _LONGEST_QUERY:
            raise Invalid("This address is too long.")
        host = _HOST.fullmatch(headers.get("host", ""))
        if host is None or int(host[1] or 0) > 65_535:
            raise Invalid("The header Host must be a host, and a port if it has one.")
        if "\x00" in path or b"%00" in query:
            raise Invalid("A path can't contain a zero byte.")
        network = network_of(address)
        self._addresses.take(network)
        limits = {
            "sign-up": lambda: self._sign_ups.take(network),
            "event-stream": lambda: self._hold_stream(state),
        }
        state["limit"] = lambda what: limits[what]()
        await self._recognise(state, headers, path)

    def _hold_stream(self, state: dict[str, Any]) -> None:
        """Raises `TooManyEventStreams`."""
        principal = state.get("principal")
        if principal is not None and "event_stream_of" not in state:
            self._streams.take(principal.account_id)
            state["event_stream_of"] = principal.account_id

    async def _recognise(self, state: dict[str, Any], headers: dict[str, str], path: str) -> None:
        """Leave who is asking in `state`. What a partner asks for in the catalogue of another is
        asked as that other, if it may."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._identity is None:
            return
        identity, token = self._identity, token.strip()
        catalogue = headers.get("x-catalogue") if _OF_PARTNERS.match(path) else None

        async def acting() -> Principal:
            return await _acting(identity, await identity.read_token(token), catalogue)

        try:
            principal = await identity.read_token(token)
            state["principal"] = await _acting(identity, principal, catalogue)
        except VitascopeError as error:
            state["principal_error"] = error
            return
        state["look_again"] = acting
        structlog.contextvars.bind_contextvars(account_id=principal.account_id)
        self._accounts.take(principal.account_id)

    def _address(self, scope: Scope, headers: dict[str, str]) -> str:
        """Returns the last hop that is not one of our proxies."""
        peer: str = scope["client"][0] if scope.get("client") else "unknown"
        trusted = self.settings.trusted_proxies
        if peer not in trusted:
            if self._public and not _FORWARDING.isdisjoint(headers):
                self._note_unlisted(peer)
            return peer
        if headers.get("x-forwarded-proto") in ("http", "https"):
            scope["scheme"] = headers["x-forwarded-proto"]
        hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        foreign = [hop for hop in hops if hop not in trusted]
        return foreign[-1][:64] if foreign else peer

    def _note_unlisted(self, peer: str) -> None:
        """Say once of each peer that it looks like a proxy: unless it is named, all who come
        through it are one address, and wait for each other's wrong passwords."""
        if peer not in self._unlisted and len(self._unlisted) < _MOST_UNLISTED:
            self._unlisted.add(peer)
            self._proxies.labels(peer).set(1)
            _log.warning(
                "forwarded_by_unlisted_proxy",
                peer=peer,
                advice="If this is your proxy, name it in trusted_proxies of [gateway].",
            )

    def _in_time(self, receive: Receive, headers: dict[str, str]) -> Receive:
        """`receive` with a deadline for the body. On the inner listener only what is signed is
        read, and a stream there waits for whoever feeds it."""
        if not self._public or not deadlines.has_body(headers):
            return receive
        return deadlines.within(
            receive,
            self._clock,
            patience_s=self.settings.body_s,
            bytes_per_second=self.settings.body_bytes_per_second,
        )

    def _receiving(self, scope: Scope, receive: Receive, answer: "_Answer") -> Receive:
        """`receive`, which for an event stream also comes back when draining begins, or when its
        token is no longer good."""
        look = scope["state"].get("look_again")

        async def received() -> Message:
            if not answer.is_event_stream:
                return await receive()
            message = asyncio.ensure_future(receive())
            ends = [message, asyncio.ensure_future(self.draining.wait())]
            if look is not None:
                ends.append(asyncio.ensure_future(self._streams.until_refused(look)))
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                return message.result() if message.done() else {"type": "http.disconnect"}
            finally:
                for waiting in ends:
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
        slow = seconds * 1000 > self.settings.slow_request_ms
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


async def _acting(identity: Identity, principal: Principal, catalogue: str | None) -> Principal:
    """Returns who acts: the partner whose catalogue is named, if the principal may. Raises
    `NoSuchCatalogue`."""
    if catalogue is None:
        return principal
    catalogue_id = AccountId(catalogue)
    await identity.check_catalogue(principal, catalogue_id)
    acting_id = principal.account_id
    return msgspec.structs.replace(principal, account_id=catalogue_id, acting_id=acting_id)


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
