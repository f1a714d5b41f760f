"""What both ends know of a contract: its methods, and how arguments and answers are written."""

import inspect
import types
from collections.abc import AsyncIterator, Callable
from typing import Any, get_type_hints

import msgspec

from vitascope.kernel.errors import VitascopeError


class Method:
    """One coroutine method of a Protocol. A parameter of the type `AsyncIterator[bytes]` is its
    `stream`: it travels behind the other arguments, piece by piece."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        hints = get_type_hints(function)
        parameters = list(inspect.signature(function).parameters.values())[1:]  # without self
        self.signature = inspect.Signature(parameters)
        streams = [p.name for p in parameters if hints[p.name] == AsyncIterator[bytes]]
        self.stream = streams[0] if streams else ""
        fields = [
            (p.name, hints[p.name])
            if p.default is inspect.Parameter.empty
            else (p.name, hints[p.name], p.default)
            for p in parameters
            if p.name != self.stream
        ]
        arguments = msgspec.defstruct(f"{name}_arguments", fields, kw_only=True, frozen=True)
        self.arguments: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(arguments)
        self.answer: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(hints["return"])

    def written(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[bytes, AsyncIterator[bytes] | None]:
        """Yields the arguments of a call, and its stream. Raises `TypeError` as a plain call
        would."""
        bound = self.signature.bind(*args, **kwargs)
        stream = bound.arguments.pop(self.stream, None)
        return msgspec.msgpack.encode(bound.arguments), stream

    async def run(
        self, target: object, body: bytes, stream: AsyncIterator[bytes] | None = None
    ) -> bytes:
        """Decode `body`, call `target`'s method with it, and write its answer."""
        said = self.arguments.decode(body)
        given = {name: getattr(said, name) for name in said.__struct_fields__}
        if self.stream:
            given[self.stream] = stream
        call = self.signature.bind_partial()
        call.arguments.update({p: given[p] for p in self.signature.parameters if p in given})
        answer = await getattr(target, self.name)(*call.args, **call.kwargs)
        return msgspec.msgpack.encode(answer)


def methods_of(protocol: type) -> dict[str, Method]:
    """Returns the methods of a Protocol that travel, by name."""
    return {
        name: Method(name, function)
        for name, function in inspect.getmembers(protocol, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


def domain_of(protocol: type) -> str:
    """Returns the domain of a contract: `catalog` for one in `vitascope.catalog.contract.catalog`
    or `vitascope.catalog.contract`."""
    return protocol.__module__.partition(".contract")[0].rsplit(".", 1)[-1]


def served_as(protocol: type) -> str:
    """Returns the name in a call's path; of a domain's second contract `catalog.TitleRecords`."""
    domain, name = domain_of(protocol), protocol.__name__
    is_first = name.lower() == domain or ".contract" not in protocol.__module__
    return domain if is_first else f"{domain}.{name}"


def errors_of(*modules: types.ModuleType) -> list[type[VitascopeError]]:
    """Returns every error that `modules` (domains) know by name: what to pass to `dial`."""
    return [
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, VitascopeError)
    ]
