"""I1: what `vita ingest` sends goes on after a service that stumbles."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from tests.ingest.server import TITLE as MINE
from tests.ingest.test_kills import Server
from vitascope.catalog import Title, TitleKind, Wording
from vitascope.client import Client, Refused
from vitascope.kernel.ids import TitleId
from vitascope.kernel.maturity import Maturity

FILM = b"0123456789" * 100
TITLE = Title(
    id=TitleId("ttl_1"),
    kind=TitleKind.FILM,
    wordings=(Wording(locale="en", name="One"),),
    year=2026,
    maturity=Maturity.ALL,
    genres=(),
)


class Stumbling(ThreadingHTTPServer):
    """Speaks as much tus as it must; `stumbles` are the statuses of its next answers."""

    def __init__(self, stumbles: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.stumbles = stumbles
        self.kept = b""
        self.asked: list[str] = []


class Answers(BaseHTTPRequestHandler):
    server: Stumbling

    def do_POST(self) -> None:
        self._answer(201, Location="/api/uploads/upl_1")

    def do_HEAD(self) -> None:
        if not self._stumbled():
            self._answer(200, **{"Upload-Offset": str(len(self.server.kept))})

    def do_PATCH(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._stumbled():
            return
        assert int(self.headers["Upload-Offset"]) == len(self.server.kept)
        self.server.kept += body
        self._answer(204, **{"Upload-Offset": str(len(self.server.kept))})

    def _stumbled(self) -> bool:
        if not self.server.stumbles:
            return False
        self._answer(self.server.stumbles.pop(0))
        return True

    def _answer(self, status: int, **headers: str) -> None:
        self.server.asked.append(self.command)
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *_: object) -> None:
        pass


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Stumbling]:
    with Stumbling(list(request.param)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def send(service: Stumbling, tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    film.write_bytes(FILM)
    async with Client(f"http://127.0.0.1:{service.server_port}") as client:
        await client.upload(film, TITLE, priority="normal", on_bytes=lambda *_: None)


@pytest.mark.parametrize("service", [(503, 429, 502)], indirect=True)
async def test_an_upload_goes_on_when_the_service_stumbles(
    service: Stumbling, tmp_path: Path
) -> None:
    await send(service, tmp_path)
    assert service.kept == FILM
    assert service.asked == ["POST", "PATCH", "HEAD", "PATCH", "HEAD", "PATCH"]


@pytest.mark.parametrize("service", [(413,), (503, 410)], indirect=True)
async def test_an_upload_ends_with_what_the_service_will_not_have(
    service: Stumbling, tmp_path: Path
) -> None:
    with pytest.raises(Refused):
        await send(service, tmp_path)
    assert service.kept == b""


async def test_a_file_is_sent_in_pieces_over_several_connections(
    data: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mov"
    film.write_bytes(os.urandom(5_000_003))
    heard: list[tuple[int, int]] = []
    server = await asyncio.to_thread(Server, data)
    try:
        async with Client(f"http://127.0.0.1:{server.port}") as client:
            mine = msgspec.structs.replace(TITLE, id=MINE)

            async def send(title: Title) -> str:
                def on_bytes(done: int, size: int) -> None:
                    heard.append((done, size))

                return await client.upload(
                    film, title, priority="normal", on_bytes=on_bytes, connections=3
                )

            upload = await client.received(await send(mine))
            with pytest.raises(Refused):
                await send(TITLE)
    finally:
        server.kill()
    assert upload.sha256 == hashlib.sha256(film.read_bytes()).hexdigest()
    assert len(upload.draft.joined_from) == 3
    assert max(heard) == (5_000_003, 5_000_003)
