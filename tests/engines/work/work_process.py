"""A worker for the work suite: `python -m tests.engines.work.work_process URL LOG NAME [AT_ONCE
[DEAD_AFTER_S]]`. One whose name begins with "late" takes work from the queue `late` alone; the
others from `main` and `parts`, and from `first` and `rest`, which share places.

One whose name begins with "other" is of a version with other steps: a family's plan is called
otherwise, and its parts are done by a task that earlier versions did not have.

Every step writes a line `what worker` to the log when it begins and when it ends. A step that has
gates waits in between until the test makes a file of its number there.
"""

import asyncio
import functools
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from sqlalchemy import make_url

from vitascope.engines.notices import Notices
from vitascope.engines.notices.postgres import PostgresNotices
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.work import Queue, Steps, Task
from vitascope.engines.work.dbos_worker import DbosWorker
from vitascope.kernel.errors import Invalid

PATIENT_S = 3600.0  # takes nobody for dead, however long the machine lets him wait
IDLE_S = 3600.0  # longer than any test waits: an idle worker that starts in time heard a notice


def notices_for(url: str) -> Notices:
    database = make_url(url)
    if database.get_backend_name() == "sqlite":
        return SocketNotices(folder=Path(str(database.database)).parent / "notices")
    return PostgresNotices(url=url)


def is_open(gate: Path) -> bool:
    """Is it open for all, or once for whoever comes first?"""
    if gate.exists():
        return True
    with suppress(FileNotFoundError):
        gate.with_suffix(".once").unlink()
        return True
    return False


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    steps: int
    gates: str = ""  # a folder: a step waits until there is a file of its number
    then: str = ""  # a queue in which it goes on after its first step


class Fickle(msgspec.Struct, frozen=True, kw_only=True):
    mark: str  # a file: while it is not there, the step fails
    refuse: bool = False
    attempts: int = 1


class Family(msgspec.Struct, frozen=True, kw_only=True):
    children: int
    gates: str = ""  # of each child
    mark: str = ""


WALK = Task("walk", Walk, list[str], queue="main")
FICKLE = Task("fickle", Fickle, str, queue="main")
FAMILY = Task("family", Family, list[str], queue="main")
LATE = (Queue(name="late"),)
WALKING_PART = Task("walk", Walk, list[str], queue="parts")
FICKLE_PART = Task("fickle", Fickle, str, queue="parts")
OTHER_PART = Task("stroll", Walk, list[str], queue="parts")


def main() -> None:
    url, log, name = sys.argv[1:4]
    at_once = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    dead_after_s = float(sys.argv[5]) if len(sys.argv) > 5 else PATIENT_S
    asyncio.run(work(url, Path(log), name, at_once, dead_after_s))


def queues_of(at_once: int) -> tuple[Queue, ...]:
    return (
        Queue(name="main", at_once=at_once),
        Queue(name="parts", at_once=at_once),
        Queue(name="first", at_once=at_once, places="shared"),
        Queue(name="first-too", at_once=at_once, places="shared"),
        Queue(name="rest", at_once=at_once, places="shared", patient=True),
    )


async def work(url: str, log: Path, name: str, at_once: int, dead_after_s: float) -> None:
    worker = DbosWorker(
        url,
        name=name,
        queues=LATE if name.startswith("late") else queues_of(at_once),
        notices=notices_for(url),
        poll_s=0.1,
        idle_s=IDLE_S,
        beat_s=0.2,
        dead_after_s=dead_after_s,
    )

    def say(line: str) -> None:
        with log.open("a") as file:
            file.write(f"{line} {name}\n")

    async def stretch(what: str, gate: Path | None = None) -> str:
        say(f"begin {what}")
        try:
            while gate is not None and not is_open(gate):
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            say(f"stop {what}")
            raise
        say(f"end {what}")
        return what

    async def walk(steps: Steps, given: Walk) -> list[str]:
        done = []
        for n in range(given.steps):
            gate = Path(given.gates) / str(n) if given.gates else None
            work = functools.partial(stretch, f"{steps.id}/{n}", gate)
            done.append(await steps.step(f"step {n}", work, str))
            if given.then:
                await steps.move(given.then)
        return done

    async def try_it(what: str, given: Fickle) -> str:
        say(f"try {what}")
        if Path(given.mark).exists():
            return what
        if given.refuse:
            raise Invalid("This will never do.")
        raise OSError("not yet")

    async def fickle(steps: Steps, given: Fickle) -> str:
        await steps.step("first", lambda: stretch(f"{steps.id}/first"), str)
        return await steps.step(
            "second", lambda: try_it(steps.id, given), str, attempts=given.attempts, pause_s=0.05
        )

    async def other_family(steps: Steps, given: Family) -> list[str]:
        await steps.step("look", lambda: stretch(f"{steps.id}/look"), str)
        names = [f"part-{n}" for n in range(given.children)]
        part = Walk(steps=1, gates=given.gates)
        return sorted(await steps.fan_out(OTHER_PART, dict.fromkeys(names, part)))

    async def family(steps: Steps, given: Family) -> list[str]:
        await steps.step("plan", lambda: stretch(f"{steps.id}/plan"), str)
        names = [f"part-{n}" for n in range(given.children)]
        if given.mark:
            child = Fickle(mark=given.mark)
            return sorted(await steps.fan_out(FICKLE_PART, dict.fromkeys(names, child)))
        part = Walk(steps=1, gates=given.gates)
        return sorted(await steps.fan_out(WALKING_PART, dict.fromkeys(names, part)))

    other = name.startswith("other")
    worker.on(OTHER_PART if other else WALK, walk)
    worker.on(FICKLE, fickle)
    worker.on(FAMILY, other_family if other else family)
    task = asyncio.create_task(worker.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    say(f"ready {os.getpid()}")
    try:
        await task
    except asyncio.CancelledError:
        say("left")


if __name__ == "__main__":
    main()
