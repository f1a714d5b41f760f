"""Section 2: every text, list, map and number of a request is bounded; the document says how."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.gateway.application import application, client_of, sign_up
from vitascope.catalog.imports import ImportedTitle
from vitascope.kernel.clock import HeldClock

DOCUMENT = Path(__file__).parents[2] / "web" / "openapi.json"  # `vita check` keeps it fresh
_BOUNDS = {
    "string": "maxLength",
    "array": "maxItems",
    "object": "maxProperties",
    "integer": "maximum",
}
_CLOSED = ("enum", "const", "format")


def unbounded(
    schema: dict[str, Any], schemas: dict[str, Any], place: str, seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """What in `schema` may be as long as one likes. A bound of a choice is one of its branches."""
    if (name := schema.get("$ref", "").rpartition("/")[2]) != "":
        if name not in seen:
            yield from unbounded(schemas[name], schemas, f"{place} {name}", seen | {name})
        return
    bounds = {key: schema[key] for key in _BOUNDS.values() if key in schema}
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from unbounded(bounds | branch, schemas, place, seen)
    for kind in kinds_of(schema):
        if _BOUNDS[kind] not in schema and not any(key in schema for key in _CLOSED):
            yield f"{place}: {kind}"
    if "items" in schema:
        yield from unbounded(schema["items"], schemas, f"{place}[]", seen)
    for field, inner in schema.get("properties", {}).items():
        yield from unbounded(inner, schemas, f"{place}.{field}", seen)


def kinds_of(schema: dict[str, Any]) -> list[str]:
    """Which of the types that have a length it may be."""
    said = schema.get("type", [])
    kinds = [said] if isinstance(said, str) else said
    is_map = schema.get("additionalProperties", False) is not False
    return [kind for kind in kinds if kind in _BOUNDS and (kind != "object" or is_map)]


def of_requests(document: dict[str, Any]) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            place = f"{verb.upper()} {path}"
            for told in operation.get("parameters", ()):
                if told["in"] == "query":
                    found = unbounded(told["schema"], schemas, f"{place} ?{told['name']}")
                    yield from (each for each in found if not each.endswith(": integer"))
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield from unbounded(media["schema"], schemas, place)


def test_every_text_list_map_and_number_of_a_request_is_bounded() -> None:
    """Give a new field a bound of `vitascope/kernel/bounds.py`. Numbers in an address have 64 bits,
    and domains bound them."""
    document = msgspec.json.decode(DOCUMENT.read_bytes())
    assert list(of_requests(document)) == []
    assert len(document["paths"]) > 50


def test_every_field_of_an_imported_line_is_bounded() -> None:
    (schema,), schemas = msgspec.json.schema_components([ImportedTitle])
    assert list(unbounded(schema, schemas, "line")) == []


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "string"}, ["x: string"]),
        ({"type": "string", "maxLength": 3}, []),
        ({"type": "integer"}, ["x: integer"]),
        ({"type": "integer", "maximum": 9}, []),
        ({"type": "string", "enum": ["a"]}, []),
        ({"maxLength": 3, "oneOf": [{"type": "string"}, {"type": "null"}]}, []),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, ["x: string"]),
        ({"type": "array", "items": {"type": "boolean"}}, ["x: array"]),
        ({"type": "array", "maxItems": 1, "items": {"type": "string"}}, ["x[]: string"]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, ["x: object"]),
        ({"$ref": "#/components/schemas/S"}, ["x S.a: string"]),
    ],
)
def test_the_rule_finds_what_has_no_bound(schema: dict[str, Any], found: list[str]) -> None:
    schemas = {"S": {"type": "object", "properties": {"a": {"type": "string"}}}}
    assert list(unbounded(schema, schemas, "x")) == found


async def test_what_is_too_long_is_refused_in_plain_words(data: Path, clock: HeldClock) -> None:
    async with application(data, clock) as (app, _), client_of(app) as client:
        long_name = {"email": "a@example.org", "password": "x" * 12, "name": "n" * 301}
        refused = await client.post("/api/sign-up", json=long_name)
        assert refused.status_code == 400
        assert refused.json()["errors"] == [
            {"pointer": "#/name", "detail": "At most 300 characters."}
        ]


@pytest.mark.parametrize("path", ["/api/" + "a" * 4000, "/api/plans?x=" + "a" * 20_000])
async def test_an_address_has_an_end(data: Path, clock: HeldClock, path: str) -> None:
    async with application(data, clock) as (app, _), client_of(app) as client:
        await sign_up(client)
        answer: httpx.Response = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
