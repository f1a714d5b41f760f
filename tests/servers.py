"""Real servers for tests: started on loopback, gone when the run ends, also when it is killed.

A program that is not installed fails the test in CI; elsewhere the test is skipped.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.needed import missing
from tests.ports import free_port


def program(name: str, package: str) -> str:
    """Returns the path of a program of a Debian package, or skips or fails the test."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed (on Debian: apt install {package}).")
    return found


@contextmanager
def redis_server(*options: str, port: int | None = None) -> Iterator[str]:
    """Yields the URL of an empty Redis that keeps nothing on disk, unless `options` say so."""
    path, port = program("redis-server", "redis-server"), port or free_port()
    with tempfile.TemporaryDirectory(prefix="vita-redis-", dir="/tmp") as home:
        command = [path, "--bind", "127.0.0.1", "--port", str(port), "--dir", home]
        command += ["--save", "", *options]
        with running(command, port):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def memcached_server() -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """Yields the URL of an empty memcached, and its process."""
    path, port = program("memcached", "memcached"), free_port()
    command = [path, "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-m", "64"]
    # It will not run as root, and would lose the order to die with its parent by changing itself.
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with running(command, port, **user) as process:
        yield f"memcached://127.0.0.1:{port}", process


@contextmanager
def running(command: Sequence[str], port: int, **user: Any) -> "Iterator[subprocess.Popen[bytes]]":
    """A server, once it takes connections at `port`. What it wrote is told if it does not start."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, cwd="/", preexec_fn=die_with_parent, **user
        )
        try:
            if not _answers(server, port):
                log.seek(0)
                told = log.read().decode(errors="replace")
                pytest.fail(f"{Path(command[0]).name} did not start:\n{told[-2000:]}")
            yield server
        finally:
            server.kill()  # nothing that it kept is needed
            server.wait(60)


def die_with_parent() -> None:
    """A test run that is killed leaves no server behind (PR_SET_PDEATHSIG)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    deadline = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.02)
    return False
