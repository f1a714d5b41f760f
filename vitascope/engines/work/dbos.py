"""`Work` by DBOS, on SQLite or PostgreSQL: starting, watching, cancelling and retrying.

    ours                DBOS
    work, child         workflow, child workflow
    queued, running     ENQUEUED, PENDING
    failed              ERROR, or MAX_RECOVERY_ATTEMPTS_EXCEEDED after a hundred dead workers
    retry               rewind to the first step that failed
    worker              executor

DBOS forgets the queue of what is cancelled and looks only on request at what a dead worker left,
so the queue is written among the attributes, and `dbos_recovery.py` looks. Each call is one or two
short transactions in a thread.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from dbos import DBOSClient
from dbos import WorkflowStatus as DbosStatus

from vitascope.engines.notices import Notices
from vitascope.engines.work.contract import (
    NoSuchWork,
    Priority,
    StepFailed,
    StepRecord,
    Task,
    WorkNotRetryable,
    WorkState,
    WorkStatus,
)
from vitascope.engines.work.dbos_database import (
    ITEMS,
    NOBODY,
    TOPIC,
    VERSION,
    WorkDatabase,
    step_failed,
)

T = TypeVar("T")
P = TypeVar("P")

_STATES = {
    "ENQUEUED": WorkState.QUEUED,
    "DELAYED": WorkState.QUEUED,
    "PENDING": WorkState.RUNNING,
    "SUCCESS": WorkState.DONE,
    "ERROR": WorkState.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": WorkState.FAILED,
    "CANCELLED": WorkState.CANCELLED,
}
_FORGET_AT_ONCE = 20  # each with its children, in a transaction of its own
_OVER = (WorkState.FAILED, WorkState.CANCELLED)


class DbosWork:
    """`url`: `sqlite:////data/work.db` or `postgresql://user:password@host/database`. Opens (and
    migrates) the database at the first call; every call raises `WorkUnavailable` if that fails.
    `notices` wake the workers when there is something to do."""

    def __init__(self, url: str, *, notices: Notices) -> None:
        self.database = WorkDatabase(url)
        self._notices = notices

    async def start(
        self,
        task: Task[P, Any],
        given: P,
        *,
        id: str,
        queue: str | None = None,
        priority: Priority = Priority.NORMAL,
        party: str = "",
    ) -> None:
        options = {
            "workflow_name": task.name,
            "queue_name": queue or task.queue,
            "workflow_id": id,
            "priority": int(priority),
            "app_version": VERSION,
            "attributes": {"queue": queue or task.queue},
            "queue_partition_key": party or NOBODY,
        }

        def enqueue(client: DBOSClient) -> None:
            client.enqueue(options, plain(given), int(priority))  # type: ignore[arg-type]
            self._notices.tell(TOPIC)

        await self._ask(enqueue)

    async def status(self, id: str) -> WorkStatus | None:
        found = await self._ask(lambda c: _find(c, id))
        return None if found is None else _status(found)

    async def steps(self, id: str) -> Sequence[StepRecord]:
        return await self._ask(lambda c: _steps(c, id))

    async def list(
        self,
        *,
        queue: str | None = None,
        states: Sequence[WorkState] = (),
        limit: int = 100,
    ) -> Sequence[WorkStatus]:
        theirs = [name for name, state in _STATES.items() if state in states] or None

        def listed(client: DBOSClient) -> list[WorkStatus]:
            found = client.list_workflows(
                status=theirs,
                sort_desc=True,
                load_input=False,
                load_output=False,
                limit=limit if queue is None else None,
            )
            wanted = [one for one in found if queue in (None, queue_of(one))]
            return [_status(one) for one in wanted[:limit]]

        return await self._ask(listed)

    async def result(self, id: str, returns: type[T]) -> T | None:
        found = await self._ask(lambda c: _find(c, id))
        if found is None:
            raise _unknown(id)
        state = _STATES[found.status]
        if state is WorkState.FAILED:
            raise step_failed(found.error or StepFailed(f"The work {id} kept killing its workers."))
        if state is not WorkState.DONE:
            return None
        return msgspec.convert(found.output, returns, str_keys=True)

    async def cancel(self, id: str) -> None:
        def cancel(client: DBOSClient) -> None:
            if _find(client, id) is None:
                raise _unknown(id)
            client.cancel_workflow(id, cancel_children=True)

        await self._ask(cancel)

    async def move(self, id: str, *, from_queue: str, to_queue: str) -> bool:
        item = ITEMS.c
        put = (
            sa.update(ITEMS)
            .where(
                item.workflow_uuid == id,
                item.status == "ENQUEUED",
                item.queue_name == from_queue,
            )
            .values(queue_name=to_queue)
        )

        def move(_: DBOSClient) -> bool:
            with self.database.engine().begin() as connection:
                moved = connection.execute(put).rowcount > 0
            if moved:
                self._notices.tell(TOPIC)
            return moved

        return await self._ask(move)

    async def retry(self, id: str, *, anew: bool = False) -> None:
        def retry(client: DBOSClient) -> None:
            found = _find(client, id)
            if found is None:
                raise _unknown(id)
            if _STATES[found.status] not in _OVER:
                raise WorkNotRetryable(
                    f"The work {id} is {_STATES[found.status]}; only work that failed or was "
                    "cancelled can be run again."
                )
            if anew:
                _anew(client, found)
            else:
                _again(client, found)
            self._notices.tell(TOPIC)

        await self._ask(retry)

    async def forget(self, before_ms: int) -> int:
        before = datetime.fromtimestamp(before_ms / 1000, UTC).isoformat()

        def forget(client: DBOSClient) -> int:
            found = client.list_workflows(
                status="SUCCESS",
                completed_before=before,
                has_parent=False,
                load_input=False,
                load_output=False,
                limit=_FORGET_AT_ONCE,
            )
            for one in found:
                client.delete_workflow(one.workflow_id, delete_children=True)
            return len(found)

        return await self._ask(forget)

    async def close(self) -> None:
        await asyncio.to_thread(self.database.close)

    async def _ask(self, question: Callable[[DBOSClient], T]) -> T:
        return await asyncio.to_thread(lambda: question(self.database.client()))


def plain(value: object) -> Any:
    """Returns a value as JSON's own kinds of values: what is kept and what is handed on is then the
    same."""
    return msgspec.json.decode(msgspec.json.encode(value))


def queue_of(found: DbosStatus) -> str:
    """Returns the queue that work is in; of what was cancelled, the one in which it was started."""
    noted = (found.attributes or {}).get("queue")
    return str(found.queue_name or noted or "")


def _find(client: DBOSClient, id: str) -> DbosStatus | None:
    found = client.list_workflows(workflow_ids=[id], load_input=False, load_output=True)
    return found[0] if found else None


def _unknown(id: str) -> NoSuchWork:
    return NoSuchWork(f"There is no work {id}.")


def _status(found: DbosStatus) -> WorkStatus:
    failure = step_failed(found.error) if found.error is not None else None
    return WorkStatus(
        id=found.workflow_id,
        workflow=found.name,
        state=_STATES[found.status],
        queue=queue_of(found),
        priority=found.priority or 0,
        created_at_ms=found.created_at or 0,
        updated_at_ms=found.updated_at or 0,
        worker=found.executor_id,
        parent=found.parent_workflow_id,
        error=failure.detail if failure else "",
        has_other_steps=failure is not None and failure.is_of_other_steps,
    )


def _steps(client: DBOSClient, id: str) -> list[StepRecord]:
    if _find(client, id) is None:
        raise _unknown(id)
    return [
        StepRecord(
            name=step["function_name"],
            failed=step["error"] is not None,
            started_at_ms=step["started_at_epoch_ms"] or 0,
            ended_at_ms=step["completed_at_epoch_ms"] or 0,
            child=step["child_workflow_id"],
        )
        for step in client.list_workflow_steps(id)
    ]


def _anew(client: DBOSClient, found: DbosStatus) -> None:
    for child in client.list_workflows(
        parent_workflow_id=found.workflow_id, load_input=False, load_output=False
    ):
        client.delete_workflow(child.workflow_id, delete_children=True)
    client.rewind_workflow(
        found.workflow_id,
        start_step=1,
        queue_name=queue_of(found),
        queue_partition_key=found.queue_partition_key or NOBODY,
    )


def _again(client: DBOSClient, found: DbosStatus) -> None:
    """Children first, so that the parent finds them under way when it comes to wait for them."""
    for child in client.list_workflows(
        parent_workflow_id=found.workflow_id, load_input=False, load_output=False
    ):
        if _STATES[child.status] in _OVER:
            _again(client, child)
    steps = client.list_workflow_steps(found.workflow_id)
    failed = [step["function_id"] for step in steps if step["error"] is not None]
    last = max((step["function_id"] for step in steps), default=0)
    client.rewind_workflow(
        found.workflow_id,
        start_step=max(1, min(failed, default=last + 1)),
        queue_name=queue_of(found),
        queue_partition_key=found.queue_partition_key or NOBODY,
    )
