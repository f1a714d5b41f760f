"""Several processes as one: started together, restarted when they die, stopped within ten seconds.

Two pipes tie a child to its supervisor. Through `VITASCOPE_READY_FD` the child says once that it
serves. `VITASCOPE_LIFELINE_FD` is never written to: it ends when the supervisor is gone, however it
went, and the child then stops by itself, so that a kill -9 of the supervisor leaves nobody behind.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

READY_FD = "VITASCOPE_READY_FD"
LIFELINE_FD = "VITASCOPE_LIFELINE_FD"
GRACE_S = 12.0  # longer than `[gateway] drain_s` and `[discovery] linger_s` together
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0


class ChildFailed(Exception):
    """A child ended before it was ready. `tail` holds the last lines of its log."""

    def __init__(self, name: str, code: int, tail: str) -> None:
        super().__init__(
            f"{name} stopped with exit code {code} before it was ready.\n{tail}".rstrip()
        )


class Child:
    """One process: its command, its log file, and whether it has said that it serves."""

    def __init__(self, name: str, arguments: Sequence[str], log_file: Path) -> None:
        self.name = name
        self.arguments = tuple(arguments)
        self.log_file = log_file
        self.ready = asyncio.Event()
        self.restarts = 0
        self.process: asyncio.subprocess.Process | None = None
        self._lifeline: int | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.returncode is None else None

    async def start(self) -> None:
        self.ready.clear()
        ready_read, ready_write = os.pipe()
        life_read, self._lifeline = os.pipe()
        environment = {
            **os.environ,
            READY_FD: str(ready_write),
            LIFELINE_FD: str(life_read),
        }
        with self.log_file.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "vitascope", *self.arguments,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                env=environment, pass_fds=(ready_write, life_read),
            )  # fmt: skip
        os.close(ready_write)
        os.close(life_read)
        self._listen(ready_read)

    def _listen(self, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)

        def heard() -> None:
            loop.remove_reader(descriptor)
            if os.read(descriptor, 1):
                self.ready.set()
            os.close(descriptor)

        loop.add_reader(descriptor, heard)

    async def wait(self) -> int:
        assert self.process is not None
        code = await self.process.wait()
        self._let_go()
        return code

    def send(self, which: signal.Signals) -> None:
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(which)

    def _let_go(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def tail(self, lines: int = 12) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])
        return ""


class Supervisor:
    """Keeps children running until told to stop."""

    def __init__(self, on_restart: Callable[[Child, int], None] | None = None) -> None:
        self.children: list[Child] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False
        self._on_restart = on_restart or _say_restart

    async def start(self, child: Child) -> None:
        self.children.append(child)
        await child.start()
        self._keepers.append(asyncio.create_task(self._keep(child)))

    async def until_ready(self) -> None:
        """Return when every child serves. Raises `ChildFailed` for one that cannot start."""
        await asyncio.gather(*(self._first_ready(child) for child in self.children))

    async def _first_ready(self, child: Child) -> None:
        while not child.ready.is_set():
            process = child.process
            if child.restarts >= 2 and process is not None:
                tail = await asyncio.to_thread(child.tail)
                raise ChildFailed(child.name, process.returncode or 0, tail)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.ready.wait(), 0.1)

    async def _keep(self, child: Child) -> None:
        pause = 0.2
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await child.wait()
            child.ready.clear()
            if self._stopping:
                return
            pause = 0.2 if loop.time() - began > STEADY_S else min(pause * 2, LONGEST_PAUSE_S)
            child.restarts += 1
            self._on_restart(child, code)
            await asyncio.sleep(pause)
            if self._stopping:
                return
            await child.start()

    async def stop(self) -> None:
        """End every child: asked first, killed after `GRACE_S`."""
        self._stopping = True
        for child in self.children:
            child.send(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_gone(), GRACE_S)
        for child in self.children:
            child.send(signal.SIGKILL)
        await self._all_gone()
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _all_gone(self) -> None:
        await asyncio.gather(*(child.wait() for child in self.children if child.process))


def _say_restart(child: Child, code: int) -> None:
    log.warning("process restarted", process=child.name, exit_code=code, log=str(child.log_file))


def say_ready() -> None:
    """Tell the supervisor, if there is one, that this process serves. In a child."""
    descriptor = os.environ.pop(READY_FD, None)
    if descriptor is not None:
        os.write(int(descriptor), b"\n")
        os.close(int(descriptor))


def follow_supervisor(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM, on SIGINT, and when the supervisor is gone. In a child."""
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    descriptor = os.environ.pop(LIFELINE_FD, None)
    if descriptor is None:
        return

    def gone() -> None:
        loop.remove_reader(int(descriptor))
        stop.set()

    loop.add_reader(int(descriptor), gone)
