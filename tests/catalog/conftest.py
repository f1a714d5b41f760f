"""A catalogue, and its routes as different people ask them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from litestar import Litestar, Request, Response
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from tests.asgi import asgi
from tests.catalog.setup import GROWN, KID, PARTNER, MemoryBlobs, MemoryOutbox, WholeCatalog
from tests.conftest import OpenRows
from vitascope.catalog.routes import routes
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import AccountId, DeviceId
from vitascope.kernel.viewer import Principal, Role

WHO = {
    "viewer": Principal(
        account_id=GROWN.account_id, device_id=DeviceId("d"), role=Role.VIEWER, viewer=GROWN
    ),
    "kid": Principal(
        account_id=KID.account_id, device_id=DeviceId("d"), role=Role.VIEWER, viewer=KID
    ),
    "partner": Principal(account_id=PARTNER, device_id=DeviceId("d"), role=Role.PARTNER),
    "rival": Principal(
        account_id=AccountId("acc_rival"), device_id=DeviceId("d"), role=Role.PARTNER
    ),
    "operator": Principal(
        account_id=AccountId("acc_op"), device_id=DeviceId("d"), role=Role.OPERATOR
    ),
}


def as_gateway(app: ASGIApp) -> ASGIApp:
    """The gateway's part in a test: the header says who asks."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        names = dict(scope.get("headers", []))
        who = WHO.get(names.get(b"x-who", b"").decode())
        if who:
            scope.setdefault("state", {})["principal"] = who
        await app(scope, receive, send)

    return call


def problem(_: Request[Any, Any, Any], error: VitascopeError) -> Response[Any]:
    return Response({"code": error.code, "detail": error.detail}, status_code=error.status)


@pytest.fixture
async def rows(open_sqlite: OpenRows) -> Rows:
    """Modules about storage have one of their own, on both engines."""
    return await open_sqlite("catalog")


@pytest.fixture
def outbox() -> MemoryOutbox:
    return MemoryOutbox()


@pytest.fixture
def catalog(rows: Rows, outbox: MemoryOutbox, clock: HeldClock) -> WholeCatalog:
    return WholeCatalog(rows=rows, outbox=outbox, blobs=MemoryBlobs(), clock=clock)


@pytest.fixture
async def client(catalog: WholeCatalog, clock: HeldClock) -> AsyncIterator[AsyncClient]:
    app = Litestar(
        [routes(catalog, catalog, catalog._blobs, clock)],
        middleware=[DefineMiddleware(as_gateway)],
        exception_handlers={VitascopeError: problem},
    )
    transport = asgi(app)  # on the test's own loop, where the rows live
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        yield client
