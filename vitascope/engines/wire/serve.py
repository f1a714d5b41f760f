"""The end that answers: routes for contracts and the objects behind them."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import structlog
from litestar import Request, Response, Router, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from vitascope.engines import guard
from vitascope.engines.wire.failures import MEDIA_TYPE, Draining, Failure, RemoteFault
from vitascope.engines.wire.keys import (
    WireKeys,
    WireRefused,
    check_body,
    check_signature,
    keys_of,
    length_in,
)
from vitascope.engines.wire.methods import Method, methods_of, served_as
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.errors import NotFound, TooLarge, VitascopeError

LARGEST_CALL = 64 * 1024 * 1024  # bytes of arguments
May = Callable[[str, str, str], bool]
"""True if a caller may call a method, given as (caller, contract as it is served, method)."""

_log = structlog.get_logger("wire")
_LENGTH = 4  # bytes before the arguments that say how many follow, where a stream comes behind them


def wire_router(
    *served: tuple[type, object],
    secret: bytes | WireKeys,
    clock: Clock | None = None,
    may: May = lambda _caller, _domain, _method: True,
    is_draining: Callable[[], bool] = lambda: False,
) -> Router:
    """Returns routes that answer for `served`: pairs of a Protocol and the object behind it."""
    end = _End(secret, clock or SystemClock(), may, is_draining)
    for protocol, target in served:
        end.add(protocol, target)

    @post(
        ["/{domain:str}/{method:str}", "/{domain:str}/{method:str}/stream"],
        include_in_schema=False,
        request_max_body_size=None,  # of arguments, we count ourselves; a stream has no limit
        status_code=200,
    )
    async def call(
        request: Request[Any, Any, Any], domain: FromPath[str], method: FromPath[str]
    ) -> Response[bytes]:
        try:
            return Response(await end.answer(request, domain, method), media_type=MEDIA_TYPE)
        except VitascopeError as error:
            return _failed(error)
        except Exception:  # noqa: BLE001 - logged here; the caller is told that we failed
            _log.exception("wire_failed", domain=domain, method=method)
            return _failed(RemoteFault(f"{domain}.{method} failed at the far end."))

    return Router("/wire", route_handlers=[call])


class _End:
    def __init__(
        self,
        secret: bytes | WireKeys,
        clock: Clock,
        may: May,
        is_draining: Callable[[], bool],
    ) -> None:
        self._methods: dict[tuple[str, str], tuple[Method, object]] = {}
        self._keys = keys_of(secret)
        self._clock = clock
        self._may = may
        self._is_draining = is_draining

    def add(self, protocol: type, target: object) -> None:
        for name, method in methods_of(protocol).items():
            self._methods[served_as(protocol), name] = method, target

    async def answer(self, request: Request[Any, Any, Any], domain: str, name: str) -> bytes:
        """Raises what the method raises, `WireRefused`, `NotFound`, `TooLarge`, `Draining`."""
        deadline_ms = request.headers.get("x-vita-deadline-ms", "")
        digest = request.headers.get("x-vita-body", "")
        self._admit(request, domain, name, digest, deadline_ms)
        pieces = request.stream()
        streamed = request.url.path.endswith("/stream")
        body, rest = await (_split if streamed else _whole)(pieces, length_in(digest))
        check_body(digest, body)
        if self._is_draining():
            raise Draining("This process is about to stop.", retry_after_s=1)
        if (domain, name) not in self._methods:
            raise NotFound(f"{domain}.{name} is not served here.")
        method, target = self._methods[domain, name]
        stream = _until_gone(rest, pieces) if streamed else None
        if not deadline_ms.isascii() or not deadline_ms.isdigit():
            return await method.run(target, body, stream)
        with guard.deadline(int(deadline_ms) / 1000, self._clock):
            return await guard.timeout(lambda: method.run(target, body, stream), self._clock)

    def _admit(
        self,
        request: Request[Any, Any, Any],
        domain: str,
        name: str,
        digest: str,
        deadline_ms: str,
    ) -> None:
        """By the head alone: of a stranger's call no argument is read. Raises `WireRefused`,
        `TooLarge`."""
        caller = request.headers.get("x-vita-caller", "")
        header = request.headers.get("x-vita-signature", "")
        key = self._keys.of(caller, domain.partition(".")[0])
        path = f"/wire/{domain}/{name}"
        check_signature(key, path, deadline_ms, digest, header, self._clock.now_ms())
        if not self._may(caller, domain, name):
            raise WireRefused(f"{caller or 'This caller'} may not call {domain}.{name}.")
        if length_in(digest) > LARGEST_CALL:
            raise TooLarge(f"The arguments of a call have at most {LARGEST_CALL} bytes.")


async def _whole(pieces: AsyncIterator[bytes], length: int) -> tuple[bytes, bytes]:
    """Returns all the arguments. Raises `WireRefused` when there are more than were signed."""
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > length:
            raise _LONGER
    return bytes(body), b""


async def _split(pieces: AsyncIterator[bytes], length: int) -> tuple[bytes, bytes]:
    """Returns the arguments, and what came of the stream with them. Raises `WireRefused`."""
    read = bytearray()
    async for piece in pieces:
        read += piece
        if len(read) >= _LENGTH and int.from_bytes(read[:_LENGTH], "big") != length:
            raise _LONGER
        if len(read) >= _LENGTH + length:
            return bytes(read[_LENGTH : _LENGTH + length]), bytes(read[_LENGTH + length :])
    raise RemoteFault("The call ended before its arguments did.")


_LONGER = WireRefused("The arguments of this call are not those that were signed.")


async def _until_gone(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream. Raises `ConnectionAbortedError` when the caller goes before its end."""
    if first:
        yield first
    try:
        async for piece in pieces:
            yield piece
    except HTTPException as gone:
        raise ConnectionAbortedError("the caller left before the end") from gone


def _failed(error: VitascopeError) -> Response[bytes]:
    failure = Failure(
        error=type(error).__name__, code=error.code, detail=error.detail, extra=error.extra
    )
    return Response(
        msgspec.msgpack.encode(failure), media_type=MEDIA_TYPE, status_code=error.status
    )
