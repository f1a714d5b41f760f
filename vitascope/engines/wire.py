"""A domain's contract carried over HTTP, so that it may live in a process of its own.

    POST /wire/<domain>/<method>      body: MessagePack map of the arguments by name
    X-Vita-Deadline-Ms: 1500          what is left of the caller's deadline (no clocks compared)
    X-Vita-Signature: t=<ms>,v1=<HMAC-SHA256 of the call under the secret that both processes share>

Nothing is written per domain: both ends read the Protocol's own annotations, so whatever msgspec
can express travels (structs, sequences, dicts with typed keys, sets, bytes, tuples, None).
Arguments go by name and unknown ones are ignored, so that processes of neighbouring versions
understand each other. Methods that are not coroutines (async iterators, properties) do not travel.

An error of the domain arrives as the same class with its `detail` and `extra`. A surprise at the
far end arrives as `RemoteFault`, a far end that cannot be reached as `Unavailable`.
A call in process costs under a microsecond, one through here about a millisecond: contracts batch.
"""

import hashlib
import hmac
import inspect
import types
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast, get_type_hints

import httpx
import msgspec
import structlog
from litestar import Request, Response, Router, post
from litestar.params import FromPath
from opentelemetry import propagate

from vitascope.engines import guard
from vitascope.kernel import errors as kernel_errors
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.errors import (
    DeadlineExceeded,
    NotFound,
    Refusal,
    Trouble,
    Unavailable,
    VitascopeError,
)

T = TypeVar("T")

MEDIA_TYPE = "application/msgpack"
LARGEST_CALL = 64 * 1024 * 1024  # bytes
FRESH_MS = 30_000  # a signed call is good for so long, both ways: clocks may differ a little

_log = structlog.get_logger("wire")

_BY_STATUS: dict[int, type[VitascopeError]] = {
    error.status: error
    for error in vars(kernel_errors).values()
    if isinstance(error, type) and issubclass(error, Refusal | Trouble) and error.code != "error"
}  # of Trouble and Unavailable, both 503, the later and more precise one stays


class WireRefused(Unavailable):
    """The signature is missing, false or stale."""

    code = "wire-refused"


class RemoteFault(Unavailable):
    """The far end was surprised (a bug there), or answered something that is no answer."""

    code = "remote-fault"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An error on the wire."""

    error: str  # the class's name
    code: str
    detail: str
    extra: dict[str, Any] = {}


# -- what both ends know of a contract


class Method:
    """One coroutine method of a Protocol: how its arguments and its answer are written."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        hints = get_type_hints(function)
        parameters = list(inspect.signature(function).parameters.values())[1:]  # without self
        self.signature = inspect.Signature(parameters)
        fields = [
            (p.name, hints[p.name])
            if p.default is inspect.Parameter.empty
            else (p.name, hints[p.name], p.default)
            for p in parameters
        ]
        arguments = msgspec.defstruct(f"{name}_arguments", fields, kw_only=True, frozen=True)
        self.arguments: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(arguments)
        self.answer: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(hints["return"])

    def written(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
        """The body of a call. Raises `TypeError` as a call in process would."""
        bound = self.signature.bind(*args, **kwargs)
        return msgspec.msgpack.encode(bound.arguments)

    async def run(self, target: object, body: bytes) -> bytes:
        """Decode `body`, call `target`'s method with it, and write its answer."""
        said = self.arguments.decode(body)
        given = {name: getattr(said, name) for name in said.__struct_fields__}
        call = self.signature.bind_partial()
        call.arguments.update(given)
        answer = await getattr(target, self.name)(*call.args, **call.kwargs)
        return msgspec.msgpack.encode(answer)


def methods_of(protocol: type) -> dict[str, Method]:
    """The methods of a Protocol that travel, by name."""
    return {
        name: Method(name, function)
        for name, function in inspect.getmembers(protocol, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


def domain_of(protocol: type) -> str:
    """`vitascope.catalog.contract.Catalog` is served as `catalog`."""
    return protocol.__module__.removesuffix(".contract").rsplit(".", 1)[-1]


def served_as(protocol: type) -> str:
    """The name in a call's path; of a domain's second contract `catalog.TitleRecords`."""
    domain, name = domain_of(protocol), protocol.__name__
    is_first = name.lower() == domain or not protocol.__module__.endswith(".contract")
    return domain if is_first else f"{domain}.{name}"


def errors_of(*modules: types.ModuleType) -> list[type[VitascopeError]]:
    """Every error that `modules` (domains) know by name: what to pass to `dial`."""
    return [
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, VitascopeError)
    ]


def signed(secret: bytes, path: str, deadline_ms: str, body: bytes, at_ms: int) -> str:
    """The header `X-Vita-Signature`: it covers time, method, deadline and arguments."""
    told = "\n".join([str(at_ms), path, deadline_ms, hashlib.sha256(body).hexdigest()])
    return f"t={at_ms},v1={hmac.new(secret, told.encode(), hashlib.sha256).hexdigest()}"


def check_signature(
    secret: bytes, path: str, deadline_ms: str, body: bytes, header: str, now_ms: int
) -> None:
    """Raises `WireRefused`."""
    time = header.partition(",")[0].removeprefix("t=")
    at_ms = int(time) if time.isascii() and time.isdigit() and len(time) < 16 else 0
    wanted = signed(secret, path, deadline_ms, body, at_ms)
    if not hmac.compare_digest(wanted.encode(), header.encode()):
        raise WireRefused("This call is not signed with the secret `wire` of this installation.")
    if abs(now_ms - at_ms) > FRESH_MS:
        raise WireRefused("This call was signed too long ago: compare the two machines' clocks.")


# -- the end that answers


def wire_router(
    *served: tuple[type, object],
    secret: bytes,
    clock: Clock | None = None,
) -> Router:
    """Routes that answer for `served`: pairs of a Protocol and the object behind it."""
    time = clock or SystemClock()
    doors = {served_as(protocol): (methods_of(protocol), target) for protocol, target in served}

    @post(
        "/{domain:str}/{method:str}",
        include_in_schema=False,
        request_max_body_size=LARGEST_CALL,
        status_code=200,
    )
    async def call(
        request: Request[Any, Any, Any], domain: FromPath[str], method: FromPath[str]
    ) -> Response[bytes]:
        try:
            body = await request.body()
            deadline_ms = request.headers.get("x-vita-deadline-ms", "")
            header = request.headers.get("x-vita-signature", "")
            path = f"/wire/{domain}/{method}"
            check_signature(secret, path, deadline_ms, body, header, time.now_ms())
            known, target = doors.get(domain, ({}, None))
            if method not in known:
                raise NotFound(f"{domain}.{method} is not served here.")
            content = await _within(deadline_ms, time, known[method], target, body)
            return Response(content, media_type=MEDIA_TYPE)
        except VitascopeError as error:
            return _failed(error)
        except Exception:  # noqa: BLE001 - logged here; the caller is told that we failed
            _log.exception("wire_surprise", domain=domain, method=method)
            return _failed(RemoteFault(f"{domain}.{method} failed at the far end."))

    return Router("/wire", route_handlers=[call])


async def _within(
    deadline_ms: str, clock: Clock, method: Method, target: object, body: bytes
) -> bytes:
    if not deadline_ms.isascii() or not deadline_ms.isdigit():
        return await method.run(target, body)
    with guard.deadline(int(deadline_ms) / 1000, clock):
        return await guard.timeout(lambda: method.run(target, body), clock)


def _failed(error: VitascopeError) -> Response[bytes]:
    failure = Failure(
        error=type(error).__name__, code=error.code, detail=error.detail, extra=error.extra
    )
    return Response(
        msgspec.msgpack.encode(failure), media_type=MEDIA_TYPE, status_code=error.status
    )


# -- the end that asks


class Line:
    """A connection pool to one process. Opens nothing before the first call."""

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        clock: Clock | None = None,
        timeout_s: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._secret = secret
        self._clock = clock or SystemClock()
        self._timeout_s = timeout_s
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def ask(self, path: str, body: bytes) -> httpx.Response:
        """Raises `Unavailable`, `DeadlineExceeded`."""
        left = guard.remaining(self._clock)
        limit = self._timeout_s if left is None else min(left, self._timeout_s)
        if limit <= 0:
            raise DeadlineExceeded("There was no time left to ask.")
        return await guard.timeout(lambda: self._send(path, body, limit), self._clock, limit)

    async def _send(self, path: str, body: bytes, limit: float) -> httpx.Response:
        deadline_ms = str(max(1, int(limit * 1000)))
        headers = {
            "content-type": MEDIA_TYPE,
            "x-vita-deadline-ms": deadline_ms,
            "x-vita-signature": signed(self._secret, path, deadline_ms, body, self._clock.now_ms()),
        }
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        if request_id is not None:
            headers["x-request-id"] = request_id
        propagate.inject(headers)
        try:
            return await self._opened().post(self.url + path, content=body, headers=headers)
        except httpx.TransportError as error:
            raise Unavailable(f"The process at {self.url} cannot be reached.") from error

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


def dial(
    protocol: type[T],
    url: str | Line,
    secret: bytes = b"",
    errors: Iterable[type[VitascopeError]] = (),
) -> T:
    """An object that has `protocol`'s methods and asks the process at `url` for each of them.

    `errors` are the domain's own (`errors_of(vitascope.catalog)`). Pass a `Line` as `url` to share
    its connections among several contracts; `hang_up` closes what was dialled by URL.
    """
    line = url if isinstance(url, Line) else Line(url, secret)
    known = {e.__name__: e for e in [*errors_of(kernel_errors), WireRefused, RemoteFault, *errors]}
    known |= {e.__name__: e for e in errors_of(guard)}
    domain = served_as(protocol)
    body: dict[str, Any] = {
        name: _asking(line, domain, method, known) for name, method in methods_of(protocol).items()
    }
    body["_line"] = line
    return cast(T, type(f"{protocol.__name__}Afar", (), body)())


async def hang_up(dialled: object) -> None:
    """Close the connections of what `dial` gave."""
    line: Line = dialled._line  # type: ignore[attr-defined]  # only dial() makes these
    await line.close()


def _asking(
    line: Line, domain: str, method: Method, known: dict[str, type[VitascopeError]]
) -> Callable[..., Any]:
    async def ask(_self: object, *args: Any, **kwargs: Any) -> Any:
        body = method.written(args, kwargs)
        answer = await line.ask(f"/wire/{domain}/{method.name}", body)
        try:
            if answer.status_code == 200:
                return method.answer.decode(answer.content)
            failure = msgspec.msgpack.decode(answer.content, type=Failure)
        except msgspec.MsgspecError as error:
            raise RemoteFault(
                f"{line.url} did not answer {domain}.{method.name} as agreed (HTTP "
                f"{answer.status_code}): is it the same version, and is it Vitascope?"
            ) from error
        raise _rebuilt(failure, answer.status_code, known)

    ask.__name__ = method.name
    return ask


def _rebuilt(
    failure: Failure, status: int, known: dict[str, type[VitascopeError]]
) -> VitascopeError:
    """The error as it was raised over there; of an unknown class, the kernel's for its status."""
    found = known.get(failure.error)
    if found is None or found.code != failure.code:
        found = _BY_STATUS.get(status, RemoteFault)
    error = found.__new__(found)
    VitascopeError.__init__(error, failure.detail, **failure.extra)
    vars(error)["code"] = failure.code
    return error
