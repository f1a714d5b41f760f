"""Processes that are forked from one that has imported everything, so that thirty of them start in
the time of a few.

They are real processes in every other respect: each has its own loop, files and sockets, and can be
killed. Whoever forks them ends when the test run does, and they with it.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from tests.servers import die_with_parent
from vitascope.assembly.domains import PARTS
from vitascope.operations.processes import READY_FD

ALARM_S = 240
LOADED = [
    "tests.forked",
    "vitascope.gateway.app",
    "vitascope.encoding.local",
    *(f"vitascope.assembly.providers.{part}" for part in PARTS),
    *(f"vitascope.engines.{engine}" for engine in ("rows.sqlite", "text.sqlite", "work.dbos")),
    "vitascope.engines.work.dbos_worker",
    "vitascope.engines.media.sandboxed",
]
_turn = threading.Lock()  # at starting and reaping, which processes do for one another


def context() -> ForkServerContext:
    """The one of this test run: its processes have imported what is `LOADED`."""
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(LOADED)
    return forking


class Forked:
    """A process that calls `run`, with what of `subprocess.Popen` the tests ask for. Sockets and
    connections may be `given`; `log` is where its output goes."""

    def __init__(
        self,
        run: Callable[..., None],
        *given: Any,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        child = (run, given, dict(environment or {}), str(log))
        with _turn:
            self._process = context().Process(target=_enter, args=child)
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    @property
    def lives(self) -> bool:
        with _turn:
            return self._process.is_alive()

    def wait(self) -> int:
        """The exit status; that of a signal is negative, as `subprocess` has it."""
        assert wait([self._process.sentinel], ALARM_S), f"{self.pid} does not end"
        with _turn:
            status = self._process.exitcode
        assert status is not None
        return status


def serving(
    run: Callable[..., None], *given: Any, log: Path, environment: Mapping[str, str] | None = None
) -> Forked:
    """A process of the service, when it says that it serves."""
    ready, said = context().Pipe(duplex=False)
    with ready:
        with said:
            process = Forked(_with_ready, said, run, given, log=log, environment=environment)
        serves = ready.poll(ALARM_S) and os.read(ready.fileno(), 1)
    assert serves, f"{given} does not serve:\n{log.read_text()[-3000:]}"
    return process


def _with_ready(said: Connection, run: Callable[..., None], given: tuple[Any, ...]) -> None:
    os.environ[READY_FD] = str(os.dup(said.fileno()))
    said.close()
    run(*given)


def _enter(
    run: Callable[..., None], given: tuple[Any, ...], environment: dict[str, str], log: str
) -> None:
    die_with_parent()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environment)
    run(*given)
