"""Worker processes that do the work of the tests, and waiting for what they do."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.engines.work.work_process import PATIENT_S
from vitascope.engines.work import WorkState, WorkStatus
from vitascope.engines.work.dbos import DbosWork

ROOT = Path(__file__).parents[3]


class Hands:
    """Worker processes, and the log they write."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.log = folder / "log"
        self.log.touch()
        self.stderr = (folder / "stderr").open("ab")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, at_once: int = 1, dead_after_s: float = PATIENT_S) -> None:
        self.processes[name] = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.engines.work.work_process",
                self.url,
                self.log,
                name,
                f"{at_once}",
                f"{dead_after_s}",
            ],
            cwd=ROOT,
            stderr=self.stderr,
        )

    def signal(self, name: str, number: int) -> None:
        self.processes[name].send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.processes.pop(name).wait(60)

    def lines(self, beginning: str = "") -> list[str]:
        return [line for line in self.log.read_text().splitlines() if line.startswith(beginning)]

    def who(self, beginning: str) -> list[str]:
        """The names of those who wrote such lines."""
        return [line.split()[-1] for line in self.lines(beginning)]

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.stderr.close()


class Gates:
    """Steps that are given this folder wait until the gate of their number is open."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = str(folder)

    def open(self, *steps: int) -> None:
        for step in steps:
            (Path(self.folder) / str(step)).touch()

    def open_once(self, step: int) -> None:
        (Path(self.folder) / f"{step}.once").touch()


async def until(true: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


async def until_in(
    work: DbosWork, id: str, state: WorkState = WorkState.DONE, seconds: float = 120
) -> WorkStatus:
    deadline = time.monotonic() + seconds
    while True:
        status = await work.status(id)
        assert status is not None
        if status.state is state:
            return status
        over = status.state in (WorkState.FAILED, WorkState.CANCELLED)
        assert not over and time.monotonic() < deadline, f"{id} is {status.state}: {status.error}"
        await asyncio.sleep(0.1)
