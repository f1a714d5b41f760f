"""The service, and the client, killed amid `vita catalog import`: run again, it is whole."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import pytest
from litestar import Litestar
from litestar.middleware import DefineMiddleware

from tests.catalog.conftest import as_gateway, problem
from tests.catalog.setup import MemoryBlobs, WholeCatalog
from tests.contracts.here_and_apart import serving
from tests.forked import ALARM_S, Forked, context
from tests.operations.test_import import run
from vitascope.catalog import Saved, Title, store
from vitascope.catalog.routes import routes
from vitascope.cli import titles
from vitascope.cli.titles import ImportBrokenOff
from vitascope.client import api
from vitascope.engines.bus.outbox import MIGRATIONS, RowsOutbox
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.sqlite_library import sqlite
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.events import Event

BATCH, BATCHES = 50, 6
COUNT = BATCH * BATCHES
STOPS_IN = 3
"""The batch in whose transaction the service stands still."""

Stop = Literal["half of the titles", "no news"]
"""What is written then."""


class Standing:
    """Says "half" in the one batch, and stands still until it hears something."""

    def __init__(self, said: Connection, go_on: Connection, outbox: RowsOutbox) -> None:
        self._said = said
        self._go_on = go_on
        self._counts = Counter[str]()
        self._put_all = store.put_all
        self._put = outbox.put

    def half_of_the_titles(self, connection: Any, given: Any) -> None:
        self._put_all(connection, given[: BATCH // 2])
        self._stand_at("batch", STOPS_IN)
        self._put_all(connection, given[BATCH // 2 :])

    def no_news(self, connection: Any, *events: Event) -> None:
        self._stand_at("news", BATCH * (STOPS_IN - 1) + 1)
        self._put(connection, *events)

    def _stand_at(self, what: str, number: int) -> None:
        self._counts[what] += 1
        if self._counts[what] == number:
            self._said.send("half")
            self._go_on.recv()


def a_service(folder: Path, said: Connection, go_on: Connection | None, stop: Stop | None) -> None:
    """A catalogue behind its routes, which stands still where `stop` says until `go_on` is told."""

    async def serve() -> None:
        migrations = ["vitascope.catalog.migrations", MIGRATIONS]
        rows = await SqliteRows.open("catalog", folder=folder, migrations=migrations)
        clock, blobs = SystemClock(), MemoryBlobs()
        outbox: Any = RowsOutbox(rows=rows, clock=clock, announced=lambda: None)
        if go_on is not None:
            standing = Standing(said, go_on, outbox)
            if stop == "no news":
                outbox.put = standing.no_news
            else:
                store.put_all = standing.half_of_the_titles
        catalog = WholeCatalog(rows=rows, outbox=outbox, blobs=blobs, clock=clock)
        app = Litestar(
            [routes(catalog, catalog, catalog._blobs, clock)],
            middleware=[DefineMiddleware(as_gateway)],
            exception_handlers={VitascopeError: problem},
        )
        async with serving(app) as url:
            said.send(url)
            await asyncio.Event().wait()

    asyncio.run(serve())


def a_client(url: str, file: Path) -> None:
    titles.LINES = BATCH
    asyncio.run(run((url, []), file))


class Running:
    """The service in a process of its own."""

    def __init__(self, folder: Path, stop: Stop | None) -> None:
        self.said, saying = context().Pipe(duplex=False)
        hearing, self.go_on = context().Pipe(duplex=False)
        given = (folder, saying, hearing if stop else None, stop)
        self.process = Forked(a_service, *given, log=folder / "log")
        self.url = self.hears()

    def hears(self) -> str:
        assert self.said.poll(ALARM_S), "the service says nothing"
        return str(self.said.recv())

    def kill(self) -> None:
        with suppress(ValueError):
            self.process.kill()
            self.process.wait()


@contextmanager
def service(folder: Path, stop: Stop | None = None) -> Iterator[Running]:
    running = Running(folder, stop)
    try:
        yield running
    finally:
        running.kill()


class Kept:
    """What the catalogue's database holds while nobody runs it."""

    def __init__(self, folder: Path) -> None:
        with sqlite.connect(folder / "catalog.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            bodies = database.execute("SELECT body FROM titles").fetchall()
            news = database.execute("SELECT body FROM outbox").fetchall()
        self.titles = [msgspec.json.decode(body, type=Title) for (body,) in bodies]
        self.told = Counter(json.loads(body)["title_id"] for (body,) in news)

    def is_first(self, count: int) -> bool:
        """Returns True if it holds the first `count` lines whole, each announced once."""
        wanted = {f"w{n:05}": f"Film {n}" for n in range(count)}
        held = {str(title.id): title.wordings[0].name for title in self.titles}
        return held == wanted and self.told == Counter(dict.fromkeys(wanted, 1))


@pytest.fixture
def file(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(titles, "LINES", BATCH)
    monkeypatch.setattr(api, "PAUSES_S", ())
    file = data / "films.jsonl"
    lines = (json.dumps({"id": f"w{n:05}", "name": f"Film {n}"}) for n in range(COUNT))
    file.write_text("\n".join(lines))
    return file


@pytest.mark.parametrize("stop", get_args(Stop))
async def test_the_service_is_killed_in_a_batch_and_the_import_run_again_completes_it(
    data: Path, file: Path, stop: Stop
) -> None:
    with service(data, stop) as running:
        importing = asyncio.create_task(run((running.url, []), file))
        assert await asyncio.to_thread(running.hears) == "half"
        await asyncio.to_thread(running.kill)
        with pytest.raises(ImportBrokenOff) as broken_off:
            await importing
    done = BATCH * (STOPS_IN - 1)
    assert f"Lines 1 to {done} were imported" in broken_off.value.detail
    assert "Run the same command again" in broken_off.value.detail
    assert "No answer from" in broken_off.value.detail
    assert Kept(data).is_first(done), "nothing of the batch that was half written"
    with service(data) as running:
        assert await run((running.url, []), file) == Saved(added=COUNT - done, unchanged=done)
    assert Kept(data).is_first(COUNT)


async def test_the_client_is_killed_in_a_batch_and_the_import_run_again_completes_it(
    data: Path, file: Path
) -> None:
    with service(data, "half of the titles") as running:
        client = Forked(a_client, running.url, file, log=data / "client.log")
        assert await asyncio.to_thread(running.hears) == "half"
        client.kill()
        await asyncio.to_thread(client.wait)
        running.go_on.send("on")
        saved = await run((running.url, []), file)
        done = BATCH * STOPS_IN
        # what was being saved is all there by now, or all of it is saved again
        assert saved in (
            Saved(added=COUNT - done, unchanged=done),
            Saved(added=COUNT - done + BATCH, unchanged=done - BATCH),
        )
    assert Kept(data).is_first(COUNT)
