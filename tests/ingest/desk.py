"""A desk to hand masters in at, and a server that has one and nothing else."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.types import ASGIApp, Receive, Scope, Send

from vitascope.catalog import Catalog, Title, TitleKind, Wording
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.bus.outbox import MIGRATIONS, RowsOutbox
from vitascope.engines.rows import Rows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.ingest.routes import routes
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.upload import MasterDesk
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import AccountId, DeviceId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Principal, Role

PARTNER = AccountId("acc_partner")
OTHER = AccountId("acc_other")
TITLE = TitleId("ttl_mine")


class Shelf:
    """As much of a catalog as the desk asks for: one film, of PARTNER."""

    async def titles(self, title_ids: Sequence[TitleId]) -> list[Title]:
        return [_film() for one in title_ids if one == TITLE]


def _film() -> Title:
    return Title(
        id=TITLE,
        kind=TitleKind.FILM,
        wordings=(Wording(locale="en", name="Mine"),),
        year=2026,
        maturity=Maturity.ALL,
        genres=(),
        partner_id=PARTNER,
    )


def desk_of(
    rows: Rows, data: Path, clock: Clock, settings: IngestSettings | None = None
) -> MasterDesk:
    return MasterDesk(
        rows=rows,
        outbox=outbox_of(rows, clock),
        blobs=DiskBlobs(root=data / "blobs"),
        catalog=cast(Catalog, Shelf()),
        folder=data / "uploads",
        clock=clock,
        settings=settings or IngestSettings(keep_free_gib=0),
    )


def outbox_of(rows: Rows, clock: Clock) -> RowsOutbox:
    return RowsOutbox(rows=rows, clock=clock, announced=lambda: None)


def app_of(desk: MasterDesk, settings: IngestSettings | None = None) -> Litestar:
    """Whoever asks is the partner named in the header X-Partner."""

    def signed_in(app: ASGIApp) -> ASGIApp:
        async def enter(scope: Scope, receive: Receive, send: Send) -> None:
            names = dict(cast(Any, scope).get("headers", []))
            partner_id = AccountId(names.get(b"x-partner", PARTNER.encode()).decode())
            cast(Any, scope).setdefault("state", {})["principal"] = Principal(
                account_id=partner_id, device_id=DeviceId("dev_x"), role=Role.PARTNER
            )
            await app(scope, receive, send)

        return enter

    def refused(_: Request[Any, Any, Any], error: VitascopeError) -> Response[Any]:
        body = {"code": error.code, "detail": error.detail, **error.extra}
        return Response(msgspec.to_builtins(body), status_code=error.status)

    return Litestar(
        [routes(desk, settings or IngestSettings())],
        middleware=[signed_in],
        exception_handlers={VitascopeError: refused},
        openapi_config=None,
    )


async def serve(data: Path, port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    migrations = ["vitascope.ingest.migrations", MIGRATIONS]
    rows = await SqliteRows.open("ingest", folder=data, migrations=migrations)
    desk = desk_of(rows, data, SystemClock())
    await desk.settle()
    server = Server(
        app_of(desk),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    await server.serve()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
