"""Section 2: every text, list, map and number of a request is bounded; the document says how."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.gateway.application import application, client_of, sign_up
from vitascope.catalog import BadLine
from vitascope.catalog.imports import ImportedTitle, read_lines
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


def schemas_of_requests(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the schema of each parameter of a query, "?name", and of each body, "PUT /path"."""
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            for told in operation.get("parameters", ()):
                if told["in"] == "query":
                    yield f"?{told['name']}", told["schema"]
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{verb.upper()} {path}", media["schema"]


def of_requests(document: dict[str, Any]) -> Iterator[str]:
    for place, schema in schemas_of_requests(document):
        found = unbounded(schema, document["components"]["schemas"], place)
        yield from (each for each in found if place[0] != "?" or not each.endswith(": integer"))


def test_every_text_list_map_and_number_of_a_request_is_bounded() -> None:
    """Give a new field a bound of `vitascope/kernel/bounds.py`. Numbers in an address have 64 bits,
    and domains bound them."""
    document = msgspec.json.decode(DOCUMENT.read_bytes())
    assert list(of_requests(document)) == []
    assert len(document["paths"]) > 50


PROMISED = {
    2000: "SeasonDraft.episodes",
    86_400_000: "FilmTold.duration_ms",
    8192: "FilmTold.width FilmTold.height",
    240: "FilmTold.frame_rate",
    500: "TitleDraft.countries TitleDraft.credits TitleDraft.seasons TitleDraft.windows",
    100: "TitleDraft.tags TitleDraft.tags[] TitleDraft.genres[] Capabilities.drm[] ?account_id "
    "?title_id MasterRules.rules MasterRules.rules[]",
    300: "TitleDraft.name TitleDraft.tagline CreditDraft.name CreditDraft.character "
    "EpisodeDraft.name DeviceDraft.name PlayForm.device_name PreviewForm.device_name "
    "ProfileDraft.name ProfileDraft.password SignUpForm.name SignUpForm.email SignUpForm.password "
    "SignInForm.email SignInForm.password EmailChange.email EmailChange.password "
    "PasswordChange.password PasswordChange.new_password ForgottenPassword.email "
    "NewPassword.email NewPassword.new_password ?file_name ?name ?q ?query ?text ?_DASH_pathway "
    "?_DASH_throughput ?_HLS_pathway ?_HLS_throughput",
    5000: "TitleDraft.synopsis TitleDraft.licence_note EpisodeDraft.synopsis Reason.reason "
    "Decision.reason",
    4096: "RefreshForm.profile_token RefreshForm.refresh_token ?page_token ?token",
    100_000: "TitleDraft.year SeasonDraft.number EpisodeDraft.number Capabilities.max_height",
    2**53: "WindowDraft.from_ms WindowDraft.until_ms When.publish_at_ms ProgressForm.position_ms "
    "ProgressForm.sequence",
}
"""How much a request may hold; what is not named, 64: ids, codes, and lists of them. Whoever raises
one has looked at what it costs."""


def bounds(
    schema: dict[str, Any], schemas: dict[str, Any], place: str, seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, int]]:
    """Yields what has a bound in `schema`, and which."""
    if (name := schema.get("$ref", "").rpartition("/")[2]) != "":
        if name not in seen:
            yield from bounds(schemas[name], schemas, name, seen | {name})
        return
    yield from ((place, schema[key]) for key in _BOUNDS.values() if key in schema)
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from bounds(branch, schemas, place, seen)
    if "items" in schema:
        yield from bounds(schema["items"], schemas, f"{place}[]", seen)
    for field, inner in schema.get("properties", {}).items():
        yield from bounds(inner, schemas, f"{place}.{field}", seen)


def test_the_bounds_are_those_that_are_promised() -> None:
    """Of the code as it is; the document on the disk may be older."""
    said = subprocess.run(
        [sys.executable, "-m", "checkout", "openapi"], check=True, capture_output=True
    ).stdout
    document = msgspec.json.decode(said)
    promised = {(name, most) for most, names in PROMISED.items() for name in names.split()}
    named = {name for name, _ in promised} - {"?title_id"}  # one, or a list of them
    found = {
        each
        for place, schema in schemas_of_requests(document)
        for each in bounds(schema, document["components"]["schemas"], place)
    }
    assert {each for each in found if each[1] != 64 or each[0] in named} == promised


@pytest.mark.parametrize(
    ("field", "most"),
    [("name", 300), ("synopsis", 5000), ("genres", 64), ("credits", 500), ("countries", 500)],
)
def test_the_bounds_of_an_imported_line_are_those_that_are_promised(field: str, most: int) -> None:
    one: dict[str, Any] = {"credits": [{"name": "A", "role": "cast"}], "genres": ["drama"]}
    value = one.get(field, ["FR"] if field == "countries" else "x")

    def line(count: int) -> bytes:
        return msgspec.json.encode({"id": "w1", "name": "A", field: value * count})

    read_lines(line(most))
    with pytest.raises(BadLine, match="of length <="):
        read_lines(line(most + 1))


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


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/" + "a" * 4000, {}),
        ("/api/plans?x=" + "a" * 20_000, {}),
        *(("/api/device-code", {"Host": host}) for host in ("a" * 254, "a:99999999", "::", "[")),
    ],
)
async def test_an_address_has_an_end(
    data: Path, clock: HeldClock, path: str, headers: dict[str, str]
) -> None:
    async with application(data, clock) as (app, _), client_of(app) as client:
        await sign_up(client)
        method = "POST" if headers else "GET"
        answer: httpx.Response = await client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
