"""Asking every route of an application all sorts of things, as its OpenAPI document describes them.

Schemathesis makes the cases, good ones and bad ones, in a thread; the application answers them on
loopback from the event loop in which its databases live.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Err
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contracts.here_and_apart import serving_asgi
from vitascope.gateway.app import serve
from vitascope.gateway.middleware import RequestMiddleware

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


class Asker(NamedTuple):
    """Somebody who asks."""

    headers: Mapping[str, str]

    only: str = "/"
    """Paths that begin with it."""

    known: Mapping[str, str] = MappingProxyType({})
    """Ids that are there, by the name of their parameter: what has one is asked for it as well."""


async def check_every_route(
    app: RequestMiddleware, asker: Asker, *, examples: int = 10, leave: Sequence[str] = ()
) -> int:
    """Send `examples` good and as many bad requests to every operation. Returns the number of
    operations that were asked: all but those whose paths begin with one of `leave` (event streams,
    signing out). Raises what Schemathesis found."""
    stop = asyncio.Event()
    async with serving_asgi(
        lambda port: serve(app, host="127.0.0.1", port=port, stop=stop, drain_s=2)
    ) as (url, running):
        (asked,) = await asyncio.to_thread(
            ask_every_route, url, [asker], examples=examples, leave=leave
        )
        stop.set()
        await running
    return asked


def ask_every_route(
    url: str, askers: Sequence[Asker], *, examples: int, leave: Sequence[str] = ()
) -> list[int]:
    """As `check_every_route`, of an application that runs at `url`, by several who ask the same:
    to think of a request takes much longer than to answer it. Returns a number for each."""
    document = httpx.get(f"{url}/api/openapi.json", timeout=120).json()
    asked = [0 for _ in askers]
    for operation in _operations(document):
        allowed = [asker for asker in askers if operation.path.startswith(asker.only)]
        if not allowed or operation.path.startswith(tuple(leave)):
            continue
        asked = [n + (asker in allowed) for n, asker in zip(asked, askers, strict=True)]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(operation, mode, url, allowed, examples, {})
        for asker in allowed:
            known = asker.known.items()
            if there := {name: id for name, id in known if f"{{{name}}}" in operation.path}:
                _ask(operation, GenerationMode.POSITIVE, url, [asker], examples, there)
    return asked


def _operations(document: dict[str, Any]) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        if isinstance(found, Err):
            raise found.err()
        yield found.ok()


def _ask(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    url: str,
    askers: Sequence[Asker],
    examples: int,
    there: Mapping[str, str],
) -> None:
    def one(case: Case[Any]) -> None:
        case.path_parameters.update(there)
        for asker in askers:
            headers = dict(asker.headers)
            case.call_and_validate(base_url=url, headers=headers, checks=_CHECKS, timeout=120)

    bounded = settings(
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=True,
        verbosity=Verbosity.quiet,
    )
    # What takes no parameters cannot be asked wrongly.
    with suppress(Unsatisfiable):
        bounded(given(operation.as_strategy(generation_mode=mode))(one))()
