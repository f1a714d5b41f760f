"""I2, section 2: a worker that has no sandbox does what operators brought, and nothing else.

Its queues are those of operators' films (`test_first_versions.py` shows real workers); what it is
given all the same it leaves to others.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from tests.publishing.test_pipeline import JOB, PARTNER, master
from tests.publishing.worker import durable_of, ledger_of, open_rows
from vitascope.engines.leases.rows import RowsLeases
from vitascope.engines.rows import Rows
from vitascope.engines.work import Steps, Task, Work, Worker, WorkState, WorkStatus
from vitascope.ingest import SoundDraft, SoundReceived
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.media import Language
from vitascope.publishing import JobState
from vitascope.publishing.jobs import enlist
from vitascope.publishing.overview import WORKERS
from vitascope.publishing.running import Tools
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.tasks import (
    CHUNK,
    JOIN,
    PUBLISH,
    REPUBLISH,
    TRIAL,
    JobOrder,
    RepublishOrder,
    queues,
)


class Orders:
    """Work that is only written down, and waits."""

    def __init__(self) -> None:
        self.given: list[JobOrder | RepublishOrder] = []
        self.queues: list[str] = []
        self.cancelled: list[str] = []

    async def start(
        self, task: Task[Any, Any], order: Any, *, queue: str | None = None, **_: Any
    ) -> None:
        self.given.append(order)
        self.queues.append(queue or task.queue)

    async def status(self, id: str) -> WorkStatus:
        return WorkStatus(
            id=id,
            workflow="publish",
            state=WorkState.QUEUED,
            queue=self.queues[-1],
            priority=20,
            created_at_ms=0,
            updated_at_ms=0,
        )

    async def cancel(self, id: str) -> None:
        self.cancelled.append(id)


class Moved(Exception):
    pass


class Left:
    """As much of `Steps` as a job asks for that is left to others."""

    def __init__(self, queue: str) -> None:
        self.queue = queue

    async def move(self, queue: str) -> None:
        raise Moved(queue)


@pytest.fixture
async def rows(data: Path) -> AsyncIterator[Rows]:
    rows = await open_rows(data)
    yield rows
    await rows.close()


def sound(*, by_operator: bool) -> SoundReceived:
    came = msgspec.to_builtins(master())
    wanted = {name: came[name] for name in SoundReceived.__struct_fields__ if name in came}
    draft = SoundDraft(language=Language("fr"))
    return SoundReceived(**wanted | {"sound": draft, "by_operator": by_operator})


@pytest.mark.parametrize("by_operator", [False, True])
@pytest.mark.parametrize("sandbox", ["limits", "landlock"])
@pytest.mark.parametrize("what", ["master", "sound"])
async def test_a_partner_s_job_is_not_begun_without_a_sandbox(
    rows: Rows, data: Path, what: str, sandbox: str, by_operator: bool
) -> None:
    work = Orders()
    publishing = durable_of(rows, cast(Work, work), data)
    if what == "master":
        await publishing.receive(msgspec.structs.replace(master(), by_operator=by_operator))
    else:
        await publishing.receive_sound(sound(by_operator=by_operator))
    (order,) = work.given
    assert order.by_operator is by_operator

    async def opens_in() -> str:
        return sandbox

    done: dict[str, Any] = {}
    tools = SimpleNamespace(ledger=ledger_of(rows), sandbox=opens_in, encoding=None, plans=None)
    tools.settings, tools.room, tools.started = None, None, iter(())
    worker = SimpleNamespace(on=lambda task, does: done.update({task.name: does}))
    enlist(cast(Worker, worker), cast(Tools, tools))
    lead = done["publish" if what == "master" else "republish"]
    assert work.queues[0].endswith("-sandboxed") is not by_operator
    if sandbox == "limits" and not by_operator:
        queue = "jobs" if what == "master" else "changes"
        with pytest.raises(Moved, match=f"^{queue}-sandboxed$"):
            await lead(cast(Steps, Left(queue)), order)
    else:
        with pytest.raises(AttributeError):  # it goes on to steps, of which there are none here
            await lead(cast(Steps, None), order)
    assert (await publishing.job(PARTNER, JOB)).state is JobState.QUEUED


def test_a_worker_without_a_sandbox_has_no_queue_of_partners_files() -> None:
    settings = PublishingSettings()
    bare = {queue.name for queue in queues(settings, sandbox=False)}
    walled = {queue.name for queue in queues(settings, sandbox=True)} - bare
    assert walled == {f"{name}-sandboxed" for name in bare}
    assert {PUBLISH.queue, REPUBLISH.queue, CHUNK.queue, JOIN.queue, TRIAL.queue} <= bare


@pytest.mark.parametrize(
    ("workers", "fails"),
    [
        ({"a": "limits", "b": "limits"}, True),
        ({"a": "limits", "b": "landlock"}, False),
        ({"a": "limits", "b": ""}, True),  # one without media tools
        ({"b": ""}, False),
        ({}, False),  # they are starting, or away for a moment
    ],
)
async def test_a_partner_s_job_that_no_worker_may_do_fails_and_says_so(
    rows: Rows, data: Path, workers: dict[str, str], fails: bool
) -> None:
    work = Orders()
    publishing = durable_of(rows, cast(Work, work), data)
    await publishing.receive(master())
    leases = RowsLeases(rows=rows, clock=SystemClock())
    for name, sandbox in workers.items():
        await leases.claim(WORKERS, name, limit=9, ttl_s=3600.0, note=sandbox)
    assert await publishing.reconcile() == fails
    job = await publishing.job(PARTNER, JOB)
    assert job.state is (JobState.FAILED if fails else JobState.QUEUED)
    assert ("install bubblewrap" in job.reason) is fails
    assert work.cancelled == ([JOB] if fails else [])
