"""Schemathesis over the OpenAPI document: no 500, no undocumented status, answers as described.

`check_every_route(app, asker)` takes any application that `build` made: here a small one of
accounts and plans, in tests/journeys the assembled one.
"""

from pathlib import Path

import pytest
from schemathesis.core.failures import Failure

from tests.gateway.application import application, client_of, sign_up
from tests.gateway.schema_check import Asker, check_every_route
from vitascope.kernel.clock import HeldClock


@pytest.mark.long
async def test_no_route_answers_what_it_did_not_say(data: Path, clock: HeldClock) -> None:
    async with application(data, clock) as (app, _), client_of(app) as client:
        await sign_up(client)
        asker = Asker({"Authorization": client.headers["Authorization"]})
        leave = ["/api/try/", "/api/sign-out"]
        checked = await check_every_route(app, asker, examples=8, leave=leave)
        assert checked >= 12


@pytest.mark.parametrize("route", ["/api/try/fail", "/api/try/liar"])
async def test_a_planted_surprise_and_a_planted_lie_are_found(
    data: Path, clock: HeldClock, route: str
) -> None:
    async with application(data, clock) as (app, _):
        with pytest.raises((BaseExceptionGroup, Failure)) as found:
            await check_every_route(app, Asker({}, only=route), examples=3)
    failures = getattr(
        found.value, "exceptions", [found.value]
    )  # from Python 3.12 on a plain group
    assert all(isinstance(each, Failure) for each in failures)


async def test_the_document_tells_every_refusal_as_a_problem(data: Path, clock: HeldClock) -> None:
    async with application(data, clock) as (app, _), client_of(app) as client:
        document = (await client.get("/api/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    operations = [
        (path, verb, operation)
        for path, item in document["paths"].items()
        for verb, operation in item.items()
    ]
    assert len(operations) > 14
    for path, verb, operation in operations:
        assert operation.get("description") or path.startswith("/api/try"), f"{verb} {path}"
        for status in ("400", "401", "429", "503"):
            problem = operation["responses"][status]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
    sign_up_statuses = document["paths"]["/api/sign-up"]["post"]["responses"]
    assert "`email-taken`" in sign_up_statuses["409"]["description"]
    assert "`weak-password`" in sign_up_statuses["400"]["description"]
