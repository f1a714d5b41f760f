"""A small application for the gateway's tests: accounts, billing, and routes made to misbehave."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery, JSONBody
from litestar.response import Stream

from tests.conftest import opened
from tests.identity.conftest import accounts_on
from vitascope.billing.routes import PlanChoice
from vitascope.billing.routes import routes as billing_routes
from vitascope.billing.rows_billing import RowsBilling
from vitascope.engines.http import limit, refusals
from vitascope.engines.trace import Metrics
from vitascope.engines.wire import wire_router
from vitascope.gateway.app import build
from vitascope.gateway.health import Check
from vitascope.gateway.middleware import RequestMiddleware
from vitascope.gateway.settings import GatewaySettings
from vitascope.identity import Identity
from vitascope.identity.device_code_routes import routes as device_code_routes
from vitascope.identity.routes import routes as identity_routes
from vitascope.identity.rows_identity import RowsIdentity
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Conflict, Unavailable

WIRE_SECRET = b"w" * 32
PASSWORD = "correct horse battery"


class Taken(Conflict):
    code = "taken"


def trying_routes(seen: list[Any], go_on: asyncio.Event) -> Router:
    @get("/fail", responses=refusals(Taken))
    async def fail(how: FromQuery[str]) -> dict[str, str]:
        if how == "taken":
            raise Taken("Somebody has it.", by=["Ada"], status="not a status")
        if how == "away":
            raise Unavailable("Away.", retry_after_s=3)
        raise KeyError("a bug, with vrt_0123456789abcdefghij in it")

    @get("/liar")
    async def liar() -> Response[None]:
        return Response(None, status_code=418)

    @get("/state")
    async def state(request: Request[Any, Any, Any]) -> dict[str, str]:
        return {"address": request.state.address, "scheme": request.url.scheme}

    @get("/large")
    async def large() -> list[str]:
        return ["the same words again and again"] * 200

    @post("/echo", status_code=200)
    async def echo(data: JSONBody[PlanChoice]) -> PlanChoice:
        return data

    @get("/events")
    async def events() -> Response[Any]:
        async def told() -> AsyncIterator[str]:
            try:
                for number in range(1000):
                    yield f"id: {number}\n\n"
                    await asyncio.sleep(0.02)
            finally:
                seen.append("ended")

        return Stream(told(), media_type="text/event-stream")

    @get("/stream")
    async def stream(request: Request[Any, Any, Any]) -> Stream:
        limit(request, "event-stream")

        async def told() -> AsyncIterator[str]:
            try:
                yield "id: 0\n\n"
                await asyncio.Event().wait()
            finally:
                seen.append("ended")

        return Stream(told(), media_type="text/event-stream")

    @get("/slowly")
    async def slowly() -> str:
        seen.append("begun")
        await go_on.wait()
        seen.append("answered")
        return "done"

    return Router(
        "/api/try", route_handlers=[fail, liar, state, large, echo, events, stream, slowly]
    )


@asynccontextmanager
async def application(
    data: Path,
    clock: HeldClock,
    *,
    settings: GatewaySettings | None = None,
    web: Path | None = None,
    checks: dict[str, Check] | None = None,
    seen: list[Any] | None = None,
    go_on: asyncio.Event | None = None,
    secure: bool = False,
    public: bool = True,
    metrics: Metrics | None = None,
    addresses: Sequence[str] = (),
) -> AsyncIterator[tuple[RequestMiddleware, RowsIdentity]]:
    identity_rows = await opened("identity", "sqlite", data, None)
    billing_rows = await opened("billing", "sqlite", data, None)
    accounts = accounts_on(identity_rows, clock)
    ledger = RowsBilling(rows=billing_rows, clock=clock)

    async def find_addresses() -> Sequence[str]:
        return addresses

    app = build(
        [
            identity_routes(accounts, secure_cookies=secure),
            device_code_routes(accounts, find_addresses),
            billing_routes(ledger, accounts),
            trying_routes(seen if seen is not None else [], go_on or asyncio.Event()),
            *([] if public else [wire_router((Identity, accounts), secret=WIRE_SECRET)]),
        ],
        identity=accounts,
        settings=settings,
        metrics=metrics or Metrics(),
        clock=clock,
        checks=checks,
        public=public,
        web=web,
        secure=secure,
    )
    try:
        yield app, accounts
    finally:
        await accounts.close()
        await identity_rows.close()
        await billing_rows.close()


def client_of(
    app: RequestMiddleware,
    address: str = "203.0.113.7",
    *,
    scheme: str = "http",
    host: str = "vitascope.test",
) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{host}")


async def sign_up(client: httpx.AsyncClient, email: str = "ada@example.org", **more: Any) -> Any:
    body = {"email": email, "password": PASSWORD, "name": "Ada", **more}
    answer = await client.post("/api/sign-up", json=body)
    assert answer.status_code == 201, answer.text
    token = answer.json()["tokens"]["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return answer.json()
