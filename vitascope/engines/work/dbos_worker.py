"""`Worker` by DBOS: a worker process that takes work from queues and runs it on its event loop.

One worker a process, because DBOS is one a process. Every start of a process is a worker of its own
(name and random digits), so that two of them can never be taken for one. How it takes work is in
`dbos_queues.py`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from dbos import DBOS, DBOSConfig
from dbos import error as dbos_error

from vitascope.engines.notices import Notices
from vitascope.engines.work.contract import (
    ENDED_WORKERS,
    OTHER_STEPS,
    Queue,
    StepFailed,
    Steps,
    Task,
)
from vitascope.engines.work.dbos import plain
from vitascope.engines.work.dbos_database import (
    APPLICATION,
    ITEMS,
    SCHEMA,
    TOPIC,
    VERSION,
    JsonSerializer,
    WorkDatabase,
    step_failed,
)
from vitascope.engines.work.dbos_queues import Dequeued, QueueLoop
from vitascope.engines.work.dbos_recovery import WorkRecovery
from vitascope.kernel.errors import VitascopeError

T = TypeVar("T")
P = TypeVar("P")

_POLL_CHILD_S = 0.2
_LONGEST_POLL_S = 2.0


class DbosSteps:
    """The steps of one running workflow; its calls find the workflow in their context."""

    def __init__(
        self,
        id: str,
        priority: int,
        *,
        taken: int,
        party: str,
        claim: Dequeued,
        worker: str,
        database: WorkDatabase,
        notices: Notices,
    ) -> None:
        self._id = id
        self._priority = priority
        self._taken = taken
        self._party = party
        self._claim = claim
        self._worker = worker
        self._database = database
        self._notices = notices

    @property
    def id(self) -> str:
        return self._id

    @property
    def priority(self) -> int:
        return self._priority

    @property
    def queue(self) -> str:
        return self._claim.queue.name

    @property
    def party(self) -> str:
        return self._party

    @property
    def taken(self) -> int:
        return self._taken

    async def move(self, queue: str) -> None:
        if queue == self.queue:
            return
        if await asyncio.to_thread(self._put_in, queue):
            raise _Moved
        # it was cancelled, or is another worker's by now: the next step says so, and ends it here

    def _put_in(self, queue: str) -> bool:
        """Returns False if the work is not ours any more."""
        item = ITEMS.c
        put = (
            sa.update(ITEMS)
            .where(
                item.workflow_uuid == self._id,
                item.status == "PENDING",
                item.executor_id == self._worker,
                item.owner_xid == self._claim.owner,
            )
            .values(status="ENQUEUED", queue_name=queue, owner_xid=None, started_at_epoch_ms=None)
        )
        with self._database.engine().begin() as connection:
            moved = connection.execute(put).rowcount > 0
        if moved:
            self._notices.tell(TOPIC)
        return moved

    async def step(
        self,
        name: str,
        run: Callable[[], Awaitable[T]],
        returns: type[T],
        *,
        attempts: int = 1,
        pause_s: float = 1.0,
    ) -> T:
        async def once() -> Any:
            return plain(await run())

        try:
            kept = await DBOS.run_step_async(
                {
                    "name": name,
                    "retries_allowed": attempts > 1,
                    "max_attempts": attempts,
                    "interval_seconds": pause_s,
                    "should_retry": _worth_another_try,
                    "preemptible": True,
                },
                once,
            )
        except dbos_error.DBOSUnexpectedStepError as error:
            raise _of_other_steps(self._id) from error
        except Exception as error:
            raise step_failed(error) from error
        return msgspec.convert(kept, returns, str_keys=True)

    async def fan_out(
        self, task: Task[P, T], items: Mapping[str, P], *, queue: str | None = None
    ) -> dict[str, T]:
        handles, queue = {}, queue or task.queue
        for name, given in items.items():
            handles[name] = await DBOS.enqueue_workflow_with_options_async(
                {
                    "workflow_name": task.name,
                    "queue_name": queue,
                    "workflow_id": f"{self._id}.{name}",
                    "priority": self._priority,
                    "app_version": VERSION,
                    "attributes": {"queue": queue},
                    "queue_partition_key": self._party,
                },
                plain(given),
                self._priority,
            )
        await asyncio.to_thread(self._notices.tell, TOPIC)
        results: dict[str, T] = {}
        failures: list[StepFailed] = []
        for left, (name, handle) in zip(range(len(handles), 0, -1), handles.items(), strict=True):
            # Who waits for many asks more seldom: hundreds of workflows wait at the same time.
            every_s = min(_POLL_CHILD_S * left, _LONGEST_POLL_S)
            try:
                kept = await handle.get_result(polling_interval_sec=every_s)
                results[name] = msgspec.convert(kept, task.returns, str_keys=True)
            except StepFailed as error:
                failures.append(StepFailed(error.detail, **{"part": name, **error.extra}))
            except dbos_error.DBOSAwaitedWorkflowCancelledError:
                failures.append(StepFailed(f"The part {name} was cancelled.", code="cancelled"))
            except (
                dbos_error.MaxRecoveryAttemptsExceededError,
                dbos_error.DBOSAwaitedWorkflowMaxRecoveryAttemptsExceeded,
            ):
                failures.append(
                    StepFailed(
                        f"The part {name} ended {task.most_taken} workers, one after another.",
                        code=ENDED_WORKERS,
                        part=name,
                    )
                )
        if failures:
            raise failures[0]
        return results


class _Moved(asyncio.CancelledError):
    """Ends the work here; as of what is cancelled, nothing is recorded of it."""


class DbosWorker:
    """`url` as for `DbosWork`. `name` tells people which machine this worker is on.

    A worker that runs something looks for more every `poll_s`; an idle one when `notices` say that
    there may be work, and at least every `idle_s`. `dead_after_s` is how long a worker may be
    silent before others take over what it ran; a worker that was only paused finds its work gone
    and drops it.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        queues: Sequence[Queue],
        notices: Notices,
        poll_s: float = 0.2,
        idle_s: float = 10.0,
        beat_s: float = 0.5,
        dead_after_s: float = 4.0,
    ) -> None:
        self.id = f"{name}-{os.urandom(4).hex()}"
        self._database = WorkDatabase(url)
        self._queues = tuple(queues)
        self._notices = notices
        self._poll_s = poll_s
        self._workflows: dict[str, tuple[Callable[..., Awaitable[Any]], int]] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._loop = QueueLoop(
            self._database, self.id, queues, busy=self._busy, poll_s=poll_s, idle_s=idle_s
        )
        self._recovery = WorkRecovery(
            self._database,
            self.id,
            beat_s=beat_s,
            dead_after_s=dead_after_s,
            busy=self._busy,
            notices=notices,
        )

    def on(self, task: Task[P, T], run: Callable[[Steps, P], Awaitable[T]]) -> None:
        async def enter(given: Any, priority: int) -> Any:
            running = asyncio.current_task()
            assert running is not None
            if not self._running:
                self._recovery.stir()
            self._running.add(running)
            id = DBOS.workflow_id or ""
            claim = self._loop.claim_of(id)
            taking = self._loop.taking_of(id)
            steps = DbosSteps(
                id,
                priority,
                taken=taking.times,
                party=taking.party,
                claim=claim,
                worker=self.id,
                database=self._database,
                notices=self._notices,
            )
            try:
                return plain(await run(steps, msgspec.convert(given, task.takes, str_keys=True)))
            except dbos_error.DBOSUnexpectedStepError as error:
                raise _of_other_steps(id) from error
            finally:
                self._running.discard(running)
                self._loop.ended(id, claim)

        self._workflows[task.name] = (enter, task.most_taken)

    async def run(self) -> None:
        await asyncio.to_thread(self._declare_queues)
        await asyncio.to_thread(self._recovery.start)
        try:
            dbos = self._launch()
            await asyncio.to_thread(self._loop.start, dbos)
            self._notices.listen(TOPIC, self._loop.wake)
            await asyncio.Event().wait()
        finally:
            await asyncio.shield(self._leave())

    def _busy(self) -> bool:
        """Returns True while this worker runs something. From any thread."""
        return bool(self._running)

    def _launch(self) -> DBOS:
        """On the loop, not in a thread: DBOS runs workflows on the loop it was launched from."""
        config: DBOSConfig = {
            "name": APPLICATION,
            "executor_id": self.id,
            "application_version": VERSION,
            "system_database_url": self._database.dbos_url(),
            "dbos_system_schema": SCHEMA,
            "serializer": JsonSerializer(),
            "run_migrations": False,
            "log_level": "ERROR",
        }
        if self._database.is_sqlite:
            config["system_database_engine"] = self._database.engine()
        dbos = DBOS(config=config)
        for name, (enter, most_taken) in self._workflows.items():
            DBOS.workflow(name=name, max_recovery_attempts=most_taken - 1)(enter)
        DBOS.listen_queues([])  # ours are looked after by `QueueLoop`
        DBOS.launch()
        return dbos

    def _declare_queues(self) -> None:
        for queue in self._queues:
            self._database.client().register_queue(
                queue.name,
                worker_concurrency=queue.at_once,
                polling_interval_sec=self._poll_s,
                application_name=APPLICATION,
            )

    async def _leave(self) -> None:
        """Nothing is recorded of what is cancelled here, so it runs again where it stopped."""
        await asyncio.to_thread(self._loop.stop)
        await self._drop()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        await self._drop()
        # DBOS made its own pool the loop's, and has just closed it
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        await asyncio.to_thread(self._recovery.stop)
        await asyncio.to_thread(self._database.close)

    async def _drop(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _of_other_steps(id: str) -> StepFailed:
    told = f"The work {id} was begun by a version of this service with other steps."
    return StepFailed(told, code=OTHER_STEPS)


async def _worth_another_try(error: BaseException) -> bool:
    """What was refused is refused again."""
    return not (isinstance(error, VitascopeError) and error.final)
