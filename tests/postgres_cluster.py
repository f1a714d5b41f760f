"""A throwaway PostgreSQL for one test run: made by initdb, gone when the run ends.

`VITASCOPE_TEST_POSTGRES` names a server to use instead (`postgresql://user@host:port/database`).
Where there is neither, tests that need one are skipped; in CI they fail.
"""

import asyncio
import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg

from tests.needed import missing
from tests.ports import free_port

_numbers = itertools.count(1)


def programs() -> Path | None:
    """The folder that holds initdb and postgres, the newest version first."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


@contextmanager
def cluster() -> Iterator[str]:
    """Yields the URL of the server's `postgres` database."""
    given = os.environ.get("VITASCOPE_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = programs()
    if folder is None:
        missing("PostgreSQL's initdb is not installed (on Debian: apt install postgresql).")
    with tempfile.TemporaryDirectory(prefix="vita-pg-", dir="/tmp") as home:
        data, port = Path(home) / "data", free_port()
        as_user = _unprivileged(home)
        _initialise(folder, data, as_user)
        server = _start(folder, data, home, port, as_user)
        try:
            url = f"postgresql://vita@127.0.0.1:{port}/postgres"
            asyncio.run(_until_it_answers(url, server))
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing in it is kept
            server.wait(60)


def _initialise(folder: Path, data: Path, as_user: dict[str, Any]) -> None:
    command = [str(folder / "initdb"), "-D", str(data), "-U", "vita", "-A", "trust", "-E", "UTF8"]
    command += ["--locale=C", "--no-sync"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_user)


def _start(
    folder: Path, data: Path, home: str, port: int, as_user: dict[str, Any]
) -> "subprocess.Popen[bytes]":
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": home,
        "max_connections": 200,
        "shared_buffers": "32MB",
        "fsync": "off",  # the server itself is never killed in a test
        "full_page_writes": "off",
        "autovacuum": "off",
    }
    command = [str(folder / "postgres"), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    log = (Path(home) / "log").open("wb")
    with log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, cwd="/", preexec_fn=die_with_parent, **as_user
        )


def die_with_parent() -> None:
    """A test run that is killed leaves no server behind (PR_SET_PDEATHSIG)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _unprivileged(home: str) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: as whom then, given the folder."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    user = pwd.getpwnam(name)
    os.chown(home, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


async def _until_it_answers(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            connection = await asyncpg.connect(url)
        except (OSError, asyncpg.PostgresError):
            if time.monotonic() > deadline or server.poll() is not None:
                raise
            await asyncio.sleep(0.05)
        else:
            await connection.close()
            return


async def fresh_database(server_url: str) -> str:
    """The URL of a new, empty database on the server."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f"CREATE DATABASE {name} STRATEGY=file_copy")
    finally:
        await connection.close()
    return server_url.rsplit("/", 1)[0] + "/" + name


async def drop_database(server_url: str, url: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")
    finally:
        await connection.close()
