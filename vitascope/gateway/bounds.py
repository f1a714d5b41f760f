"""Write the bounds of texts and lists into the OpenAPI document.

Litestar leaves out those of what is inside a list. They are read from the types of requests, which
are what is checked, so the document says neither more nor less.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Operation, Reference, Schema
from litestar.routes import HTTPRoute
from msgspec import inspect

_Lists = inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType


def complete(app: Litestar) -> None:
    """Add the bounds in all request bodies and query parameters."""
    components = app.openapi_schema.components
    writer = _Writer(components.schemas if components else {})
    for handler, operation in _operations(app):
        body = operation.request_body
        if handler.parsed_data_field is not None and not isinstance(body, Reference | None):
            kind = inspect.type_info(handler.parsed_data_field.annotation)
            for media in body.content.values():
                writer.write(media.schema, kind)
        parameters = handler.parsed_fn_signature.parameters
        for told in operation.parameters or ():
            if not isinstance(told, Reference) and told.name in parameters:
                kind = inspect.type_info(parameters[told.name].annotation)
                writer.write(told.schema, kind)


def _operations(app: Litestar) -> Iterator[tuple[HTTPRouteHandler, Operation]]:
    for route in app.routes:
        item = (app.openapi_schema.paths or {}).get(route.path_format)
        if item is not None and isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                operation = getattr(item, method.lower(), None)
                if operation is not None:
                    yield handler, operation


class _Writer:
    """Walks through a schema and the type that it describes, side by side."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._done: set[str] = set()

    def write(self, schema: Schema | Reference | None, kind: inspect.Type) -> None:
        if isinstance(schema, Reference):
            name = schema.ref.rpartition("/")[2]
            if name in self._done:
                return
            self._done.add(name)
            schema = self._schemas.get(name)
        if schema is None:
            return
        match kind:
            case inspect.UnionType():
                self._write_union(schema, kind)
            case inspect.StrType():
                schema.max_length = kind.max_length or schema.max_length
            case inspect.IntType() if kind.le is not None:
                schema.minimum, schema.maximum = kind.ge, kind.le
            case inspect.StructType():
                for field in kind.fields:
                    self.write((schema.properties or {}).get(field.encode_name), field.type)
            case inspect.DictType():
                schema.max_properties = kind.max_length or schema.max_properties
            case _ if isinstance(kind, _Lists):
                schema.max_items = kind.max_length or schema.max_items
                schema.items = _of_one(schema.items)
                self.write(schema.items, kind.item_type)

    def _write_union(self, schema: Schema, kind: inspect.UnionType) -> None:
        branches = [one for one in schema.one_of or () if not _is_null(one)]
        kinds = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        for branch, each in zip(branches, kinds, strict=False):
            self.write(branch, each)


def _is_null(schema: Schema | Reference) -> bool:
    return isinstance(schema, Schema) and schema.type == "null"


def _of_one(items: Any) -> Any:
    """Returns what a list is of: Litestar takes the dots of `tuple[str, ...]` for anything else."""
    branches = getattr(items, "one_of", None)
    return next(iter(branches)) if branches else items
