"""What every test may ask for.

    clock        time stands still until `clock.advance(seconds)`
    data         an empty data folder
    open_rows    `rows = await open_rows("catalog")`: the domain's tables, migrated, with an outbox;
                 the test runs twice, on SQLite and on a real PostgreSQL
    open_sqlite  the same, on SQLite only: for tests that are not about storage
    large        a folder with the databases of 15,000 titles, shared by the session: copy it to
                 write; `tests.large.MIGRATIONS` opens them
    s3           how to reach an empty bucket of a real S3 server
    rows         the database of no domain: empty, on both engines

A connection to anything but this machine is refused, and so is our own code when it blocks the
event loop.
"""

import importlib.util
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_socket import socket_allow_hosts
from xdist.scheduler import LoadFileScheduling

from tests import postgres_cluster, servers, transports, versitygw
from tests.clocks import PATIENT_S
from tests.large import build
from vitascope.engines.blobs import S3Settings
from vitascope.engines.bus.outbox import MIGRATIONS as OUTBOX
from vitascope.engines.rows import Rows
from vitascope.engines.rows.postgres import PostgresRows, PostgresSettings
from vitascope.engines.rows.sqlite import SqliteRows, SqliteSettings
from vitascope.kernel.clock import HeldClock

ROOT = Path(__file__).parents[1]

# An example may take as long as it takes: on a busy machine any of them is slow at times.
hypothesis_settings.register_profile(
    "vitascope", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("vitascope")

OpenRows = Callable[..., Awaitable[Rows]]


class JourneysTogether(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """For a run in several processes: a module stays in one of them with what it has set up, and
    all journeys through the same service in the one that has it."""

    def _split_scope(self, nodeid: str) -> str:
        module: str = super()._split_scope(nodeid)
        return "journeys" if _shares_the_service(module) else module


@cache
def _shares_the_service(module: str) -> bool:
    """Whether a test or a fixture of the module asks for the service of the session."""
    asked = r"^(def test_\w+|@pytest\.fixture.*\ndef \w+)\([^)]*\bservice: Service\b"
    return module.startswith("tests/journeys/") and bool(re.search(asked, _source(module), re.M))


@cache
def _length(module: str) -> int:
    """0 for a module of quick tests, 1 for long ones, 2 for those that ask for more time."""
    return ("pytest.mark.long" in _source(module)) + ("pytest.mark.timeout" in _source(module))


@cache
def _source(module: str) -> str:
    return (ROOT / module).read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> JourneysTogether:
    return JourneysTogether(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, so that nobody waits for it at the end: the journeys, which are
    one process's work for long, then modules of long tests, then those of quick ones."""

    def place(item: pytest.Item) -> int:
        module = item.path.relative_to(ROOT).as_posix()
        return 0 if _shares_the_service(module) else 3 - _length(module)

    items.sort(key=place)


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if "enable_socket" not in item.keywords:
        hosts = ["127.0.0.1", "::1", "localhost", "127.0.0.0/8"]
        socket_allow_hosts(hosts, allow_unix_socket=True)


def pytest_configure() -> None:
    transports.watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield
    if left := transports.left_open():
        pytest.fail("It left connections open:\n" + "\n".join(left), pytrace=False)


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    """A call from our code that would stop the event loop raises `BlockingError`."""
    with blockbuster_ctx(["vitascope"]) as blocking:
        for name, looked_up in blocking.functions.items():
            if name.startswith(
                ("os.", "io.")
            ):  # asyncpg looks for a password file and certificates
                looked_up.can_block_in("asyncpg/connect_utils.py", {"_parse_connect_dsn_and_args"})
                # telling of an exception reads the source
                looked_up.can_block_in("linecache.py", {"checkcache", "updatecache"})
                looked_up.can_block_in("structlog/dev.py", {"__call__"})
        yield


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running PostgreSQL that may be filled with databases."""
    with postgres_cluster.cluster() as url:
        yield url


@pytest.fixture
async def postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """An empty database of its own for this test."""
    url = await postgres_cluster.fresh_database(postgres_server)
    yield url
    await postgres_cluster.drop_database(postgres_server, url)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a running Redis. Tests share it: each takes a namespace of its own."""
    with servers.redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def memcached_url() -> Iterator[str]:
    """The URL of a running memcached. Tests share it: each takes a namespace of its own."""
    with servers.memcached_server() as (url, _):
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Settings]:
    """A running S3 server, without a bucket."""
    with versitygw.server() as settings:
        yield settings


@pytest.fixture
def s3(s3_server: S3Settings) -> S3Settings:
    """An empty bucket of its own for this test."""
    settings = msgspec.structs.replace(s3_server, bucket=f"t-{secrets.token_hex(8)}")
    versitygw.fresh_bucket(settings)
    return settings


@pytest.fixture(params=["sqlite", "postgresql"])
def rows_url(request: pytest.FixtureRequest) -> str:
    """Where rows are kept: `sqlite` (in the folder `data`) or the URL of an empty PostgreSQL."""
    if request.param == "sqlite":
        return "sqlite"
    url: str = request.getfixturevalue("postgres_url")
    return url


def migrations_of(domain: str) -> list[str]:
    """The domain's own revisions, where it has some, and those of the outbox."""
    own = f"vitascope.{domain}.migrations"
    found = importlib.util.find_spec(f"vitascope.{domain}") and importlib.util.find_spec(own)
    return [own, OUTBOX] if found else [OUTBOX]


async def opened(domain: str, url: str, data: Path, migrations: list[str] | None) -> Rows:
    wanted = migrations_of(domain) if migrations is None else migrations
    if url == "sqlite":
        if await _has_tables_already(data / f"{domain}.db", wanted):
            wanted = []
        return await SqliteRows.open(
            domain,
            folder=data,
            migrations=wanted,
            settings=SqliteSettings(busy_timeout_s=PATIENT_S),
        )
    patient = PostgresSettings(pool_timeout_s=PATIENT_S, retry_s=PATIENT_S)
    return await PostgresRows.open(domain, url=url, migrations=wanted, settings=patient)


_TABLES: dict[tuple[str, ...], bytes] = {}
"""New databases by their migrations. These run once in a process and not for every test, which
begins with a copy: they take ten times as long as all else that opening a database takes."""


async def _has_tables_already(file: Path, migrations: list[str]) -> bool:
    """Make a new database by a copy. Returns False where the migrations must run: in a file that is
    there, and for those that a test brings."""
    if file.exists() or not all(each.startswith("vitascope.") for each in migrations):
        return False
    key = tuple(migrations)
    if key not in _TABLES:
        with tempfile.TemporaryDirectory() as folder:
            made = await SqliteRows.open("new", folder=Path(folder), migrations=migrations)
            await made.close()
            _TABLES[key] = (Path(folder) / "new.db").read_bytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_TABLES[key])
    return True


@pytest.fixture
async def open_rows(rows_url: str, data: Path) -> AsyncIterator[OpenRows]:
    async with AsyncExitStack() as stack:

        async def open_(domain: str, *, migrations: list[str] | None = None) -> Rows:
            rows = await opened(domain, rows_url, data, migrations)
            stack.push_async_callback(rows.close)
            return rows

        yield open_


@pytest.fixture
async def open_sqlite(data: Path) -> AsyncIterator[OpenRows]:
    async with AsyncExitStack() as stack:

        async def open_(domain: str, *, migrations: list[str] | None = None) -> Rows:
            rows = await opened(domain, "sqlite", data, migrations)
            stack.push_async_callback(rows.close)
            return rows

        yield open_


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("example", migrations=[])
