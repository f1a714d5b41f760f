"""Ingest for tests, and a server that has it and nothing else, for a process of its own."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.types import ASGIApp, Receive, Scope, Send

from vitascope.catalog import Asset, Title, TitleKind, TitleRecords, Wording
from vitascope.engines.blobs import Blobs, S3Settings
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.blobs.s3 import S3Blobs
from vitascope.engines.bus import Outbox
from vitascope.engines.bus.outbox import MIGRATIONS, RowsOutbox
from vitascope.engines.rows import Connection, Rows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.ingest import part_file
from vitascope.ingest.contract import Upload
from vitascope.ingest.routes import routes
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.events import Event
from vitascope.kernel.ids import AccountId, ContentId, DeviceId, TitleId, UploadId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Principal, Role

PARTNER = AccountId("acc_partner")
OTHER = AccountId("acc_other")
TITLE = TitleId("ttl_mine")


LIVE: dict[ContentId, Asset] = {}  # what a test publishes, and takes away again


class OneTitle:
    """As much of a catalog as ingest asks for: one film, of PARTNER."""

    async def titles(self, title_ids: Sequence[TitleId]) -> list[Title]:
        return [_film() for one in title_ids if one == TITLE]

    async def asset(self, content_id: ContentId) -> Asset | None:
        return LIVE.get(content_id)


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


class EarlyIngest(RowsIngest):
    """A planted fault: it acknowledges where an upload stands, and writes down where it stood
    before."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._told: dict[UploadId, int] = {}
        setattr(part_file, "boot_id", lambda: f"of {os.getpid()}")  # noqa: B010 (no mark counts)

    async def upload(self, partner_id: AccountId, upload_id: UploadId) -> Upload:
        return self._as_told(await super().upload(partner_id, upload_id))

    async def _still_at(self, upload: Upload, offset: int) -> Upload:
        return self._as_told(await super()._still_at(upload, offset))

    async def _move(self, upload_id: UploadId, offset: int) -> None:
        await super()._move(upload_id, self._told.get(upload_id, 0))
        self._told[upload_id] = offset

    def _as_told(self, upload: Upload) -> Upload:
        return msgspec.structs.replace(upload, offset=self._told.get(upload.id, upload.offset))


class Ears:
    """An outbox that keeps what is announced."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def put(self, _: Connection, *events: Event) -> None:
        self.heard += events


def ingest_of(
    rows: Rows,
    data: Path,
    clock: Clock,
    settings: IngestSettings | None = None,
    *,
    outbox: Outbox | None = None,
    blobs: Blobs | None = None,
    kind: type[RowsIngest] = RowsIngest,
) -> RowsIngest:
    return kind(
        rows=rows,
        outbox=outbox or outbox_of(rows, clock),
        blobs=blobs or DiskBlobs(root=data / "blobs"),
        catalog=cast(TitleRecords, OneTitle()),
        folder=data / "uploads",
        clock=clock,
        settings=settings or IngestSettings(keep_free_gib=0),
    )


def outbox_of(rows: Rows, clock: Clock) -> RowsOutbox:
    return RowsOutbox(rows=rows, clock=clock, announced=lambda: None)


def app_of(ingest: RowsIngest, settings: IngestSettings | None = None) -> Litestar:
    """Whoever asks is the partner named in the header X-Partner, or what X-Role says."""

    def signed_in(app: ASGIApp) -> ASGIApp:
        async def enter(scope: Scope, receive: Receive, send: Send) -> None:
            names = dict(cast(Any, scope).get("headers", []))
            partner_id = AccountId(names.get(b"x-partner", PARTNER.encode()).decode())
            role = Role(names.get(b"x-role", b"partner").decode())
            cast(Any, scope).setdefault("state", {})["principal"] = Principal(
                account_id=partner_id, device_id=DeviceId("dev_x"), role=role
            )
            await app(scope, receive, send)

        return enter

    def refused(_: Request[Any, Any, Any], error: VitascopeError) -> Response[Any]:
        body = {"code": error.code, "detail": error.detail, **error.extra}
        return Response(msgspec.to_builtins(body), status_code=error.status)

    return Litestar(
        [routes(ingest, settings or IngestSettings())],
        middleware=[signed_in],
        exception_handlers={VitascopeError: refused},
        openapi_config=None,
    )


def run_server(data: Path, port: int, early: bool, s3: S3Settings | None) -> None:
    """`early` plants a fault (see `EarlyIngest`); objects are in `s3`, or in the folder."""
    asyncio.run(_serve(data, port, EarlyIngest if early else RowsIngest, s3))


async def _serve(data: Path, port: int, kind: type[RowsIngest], s3: S3Settings | None) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    migrations = ["vitascope.ingest.migrations", MIGRATIONS]
    rows = await SqliteRows.open("ingest", folder=data, migrations=migrations)
    blobs = S3Blobs(s3) if s3 else None
    ingest = ingest_of(rows, data, SystemClock(), kind=kind, blobs=blobs)
    await ingest.settle()
    server = Server(
        app_of(ingest),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    await server.serve()
