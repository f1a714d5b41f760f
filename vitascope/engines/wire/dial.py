"""The end that asks: an object with a contract's methods."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar, cast

import msgspec

from vitascope.engines import guard
from vitascope.engines.wire.failures import (
    CutOff,
    Draining,
    Failure,
    NotReached,
    RemoteFault,
    rebuilt,
)
from vitascope.engines.wire.keys import WireKeys, WireRefused, keys_of
from vitascope.engines.wire.line import Asks, Call, Line
from vitascope.engines.wire.methods import Method, domain_of, errors_of, methods_of, served_as
from vitascope.kernel import errors as kernel_errors
from vitascope.kernel.errors import VitascopeError

T = TypeVar("T")

_OURS = (WireRefused, RemoteFault, Draining, NotReached, CutOff)


def dial(
    protocol: type[T],
    url: str | Asks,
    secret: bytes | WireKeys = b"",
    errors: Iterable[type[VitascopeError]] = (),
    *,
    caller: str = "",
    repeatable: Collection[str] = (),
) -> T:
    """Returns an object that has `protocol`'s methods and asks the process at `url` for each of
    them.

    `errors` are the domain's own (`errors_of(vitascope.catalog)`). `caller` is the part that asks;
    its key for the domain comes from `secret`. Methods in `repeatable` may be called twice: a
    `Pool` of several processes asks another one when the first broke off. Pass a `Line` or a
    `Pool` as `url` to share its connections among several contracts; `hang_up` closes what was
    dialled by URL.
    """
    asks = Line(url) if isinstance(url, str) else url
    known = {e.__name__: e for e in [*errors_of(kernel_errors, guard), *_OURS, *errors]}
    key = keys_of(secret).of(caller, domain_of(protocol))

    def asking(method: Method) -> Callable[..., Any]:
        async def ask(_self: object, *args: Any, **kwargs: Any) -> Any:
            body, stream = method.written(args, kwargs)
            call = Call(
                path=f"/wire/{served_as(protocol)}/{method.name}",
                body=body,
                caller=caller,
                key=key,
                repeatable=method.name in repeatable,
                stream=stream,
            )
            return await _answered(asks, call, method, known)

        ask.__name__ = method.name
        return ask

    body: dict[str, Any] = {name: asking(method) for name, method in methods_of(protocol).items()}
    body["_asks"] = asks
    return cast(T, type(f"{protocol.__name__}Afar", (), body)())


async def hang_up(dialled: object) -> None:
    """Close the connections of what `dial` gave."""
    asks: Asks = dialled._asks  # type: ignore[attr-defined]  # only dial() makes these
    await asks.close()


async def _answered(
    asks: Asks, call: Call, method: Method, known: dict[str, type[VitascopeError]]
) -> Any:
    answer = await asks.ask(call)
    try:
        if answer.status_code == 200:
            return method.answer.decode(answer.content)
        failure = msgspec.msgpack.decode(answer.content, type=Failure)
    except msgspec.MsgspecError as error:
        raise RemoteFault(
            f"{answer.request.url} did not answer as agreed (HTTP {answer.status_code}). Is it the "
            "inner port of a Vitascope of this version? The public port answers no process."
        ) from error
    raise rebuilt(failure, answer.status_code, known)
