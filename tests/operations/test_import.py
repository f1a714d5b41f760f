"""G12: `vita catalog import`: all of a file or nothing; and it goes on where it stopped."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.middleware import DefineMiddleware
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from tests.catalog.conftest import as_gateway, problem
from tests.catalog.setup import MemoryBlobs, MemoryOutbox, WholeCatalog
from tests.conftest import OpenRows
from tests.contracts.here_and_apart import serving
from tests.films import FILE
from vitascope.catalog import Saved
from vitascope.catalog.routes import routes
from vitascope.cli.titles import LINES, BadFile, ImportBrokenOff, read_batches, send
from vitascope.client import Client, Refused, api
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import VitascopeError
from vitascope.operations.progress_bars import ProgressBars

Server = tuple[str, list[int]]


def film(n: int, **more: Any) -> bytes:
    return json.dumps({"id": f"w{n:05}", "name": f"Film {n}", **more}).encode()


@pytest.fixture
async def catalog(open_sqlite: OpenRows, clock: HeldClock) -> WholeCatalog:
    blobs: Any = MemoryBlobs()
    rows = await open_sqlite("catalog")
    return WholeCatalog(rows=rows, outbox=MemoryOutbox(), blobs=blobs, clock=clock)


@pytest.fixture
async def server(catalog: WholeCatalog, clock: HeldClock) -> AsyncIterator[Server]:
    """The address, and statuses that the next requests are answered with; 0 lets one pass."""
    stumbles: list[int] = []

    def stumbling(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            if stumbles and (status := stumbles.pop(0)):
                await ASGIResponse(body=b"{}", status_code=status)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return call

    app = Litestar(
        [routes(catalog, catalog, catalog._blobs, clock)],
        middleware=[DefineMiddleware(stumbling), DefineMiddleware(as_gateway)],
        exception_handlers={VitascopeError: problem},
    )
    async with serving(app) as url:
        yield url, stumbles


async def run(server: Server, file: Path) -> Saved:
    """What the command does once it is signed in."""
    async with Client(server[0]) as client:
        client._http._http.headers["x-who"] = "partner"
        with ProgressBars(quiet=True) as bars:
            await send(client, bars, file, dry_run=True)
            return await send(client, bars, file, dry_run=False)


async def ids(catalog: WholeCatalog) -> int:
    return len(await catalog.all_titles(limit=10_000))


@pytest.mark.parametrize("packed", [False, True])
async def test_a_file_of_many_batches_goes_in_and_a_second_time_changes_nothing(
    server: Server, catalog: WholeCatalog, tmp_path: Path, packed: bool
) -> None:
    count = 2 * LINES + 3
    content = b"\n\n".join(film(n) for n in range(count))  # blank lines, none at the end
    file = tmp_path / "films"
    file.write_bytes(gzip.compress(content) if packed else content)
    assert await run(server, file) == Saved(added=count)
    assert await ids(catalog) == count
    assert await run(server, file) == Saved(unchanged=count)


async def test_a_wrong_line_is_named_by_its_number_in_the_file_and_nothing_goes_in(
    server: Server, catalog: WholeCatalog, tmp_path: Path
) -> None:
    file = tmp_path / "films.jsonl"
    wrong = film(LINES + 7, year="soon")
    file.write_bytes(b"\n".join([*(film(n) for n in range(LINES + 6)), wrong, film(9999)]))
    with pytest.raises(Refused, match=f"^Line {LINES + 7}: `year` must be int"):
        await run(server, file)
    assert await ids(catalog) == 0


async def test_a_passing_trouble_is_waited_out(
    server: Server, catalog: WholeCatalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAUSES_S", (0.0, 0.0))
    (file := tmp_path / "films.jsonl").write_bytes(film(1))
    server[1].extend([503, 0, 503, 429])
    assert await run(server, file) == Saved(added=1)


async def test_an_import_that_was_broken_off_goes_on_when_it_is_run_again(
    server: Server, catalog: WholeCatalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAUSES_S", ())
    file = tmp_path / "films.jsonl"
    file.write_bytes(b"\n".join(film(n) for n in range(2 * LINES)))
    server[1].extend([0, 0, 0, 503])  # two checked, one saved
    with pytest.raises(ImportBrokenOff, match=f"Lines 1 to {LINES} were imported"):
        await run(server, file)
    assert await ids(catalog) == LINES
    assert await run(server, file) == Saved(added=LINES, unchanged=LINES)


async def test_a_damaged_file_is_refused_and_nothing_goes_in(
    server: Server, catalog: WholeCatalog, tmp_path: Path
) -> None:
    file = tmp_path / "films.jsonl.gz"
    file.write_bytes(FILE.read_bytes()[:-1000])
    with pytest.raises(BadFile, match="damaged after line"):
        await run(server, file)
    assert await ids(catalog) == 0


def test_no_batch_holds_more_than_its_share(tmp_path: Path) -> None:
    batches = list(read_batches(FILE))
    assert sum(batch.lines for batch in batches) == 15_000
    assert all(batch.lines <= LINES for batch in batches)
    assert [batch.first_line for batch in batches[:2]] == [1, LINES + 1]
