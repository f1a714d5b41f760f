"""The end that asks: connections to one process."""

from collections.abc import AsyncIterator
from typing import Protocol

import httpx
import msgspec
import structlog
from opentelemetry import propagate

from vitascope.engines import guard
from vitascope.engines.wire.failures import MEDIA_TYPE, CutOff, NotReached
from vitascope.engines.wire.keys import digest_of, signed
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.errors import DeadlineExceeded

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_SILENCE_S = 60.0  # of a stream whose bytes nobody takes


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call, as it goes out."""

    path: str
    body: bytes
    caller: str
    key: bytes
    repeatable: bool = False
    stream: AsyncIterator[bytes] | None = None


class Asks(Protocol):
    """What can be asked: one process, or several that do the same."""

    async def ask(self, call: Call) -> httpx.Response:
        """Raises `Unavailable`, `DeadlineExceeded`."""
        ...

    async def close(self) -> None: ...


class Line:
    """A connection pool to one process. Opens nothing before the first call."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        timeout_s: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._clock = clock or SystemClock()
        self._timeout_s = timeout_s
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self.in_flight = 0

    async def ask(self, call: Call) -> httpx.Response:
        """Raises `NotReached`, `CutOff`, `DeadlineExceeded`."""
        self.in_flight += 1
        try:
            return await self._within(call)
        finally:
            self.in_flight -= 1

    async def _within(self, call: Call) -> httpx.Response:
        if call.stream is not None:
            return await self._send(call, "")
        left = guard.remaining(self._clock)
        limit = self._timeout_s if left is None else min(left, self._timeout_s)
        if limit <= 0:
            raise DeadlineExceeded("The deadline passed before the request was sent.")
        deadline_ms = str(max(1, int(limit * 1000)))
        return await guard.timeout(lambda: self._send(call, deadline_ms), self._clock, limit)

    async def is_ready(self, timeout_s: float = 1.0) -> bool:
        """Returns True if the process says so at `/readyz`."""
        try:
            answer = await self._opened().get(f"{self.url}/readyz", timeout=timeout_s)
        except httpx.HTTPError:
            return False
        return answer.is_success

    async def _send(self, call: Call, deadline_ms: str) -> httpx.Response:
        now_ms = self._clock.now_ms()
        digest = digest_of(call.body)
        headers = {
            "content-type": MEDIA_TYPE,
            "x-vita-caller": call.caller,
            "x-vita-deadline-ms": deadline_ms,
            "x-vita-body": digest,
            "x-vita-signature": signed(call.key, call.path, deadline_ms, digest, now_ms),
        }
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        if request_id is not None:
            headers["x-request-id"] = request_id
        propagate.inject(headers)
        url = self.url + call.path
        try:
            if call.stream is None:
                return await self._opened().post(url, content=call.body, headers=headers)
            timeout = httpx.Timeout(None, connect=5.0, write=_SILENCE_S)
            content = _framed(call.body, call.stream)
            return await self._opened().post(
                f"{url}/stream", content=content, headers=headers, timeout=timeout
            )
        except _NOT_SENT as error:
            raise NotReached(f"The process at {self.url} cannot be reached.") from error
        except httpx.TransportError as error:
            raise CutOff(f"The process at {self.url} broke the connection.") from error

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            transport = self._transport or httpx.AsyncHTTPTransport(
                limits=httpx.Limits(max_connections=200, max_keepalive_connections=50),
                retries=1,  # of connecting only: a call that was sent is never sent again
            )
            self._client = httpx.AsyncClient(transport=transport, timeout=None, trust_env=False)
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None


async def _framed(body: bytes, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield len(body).to_bytes(4, "big") + body
    async for piece in stream:
        yield piece
