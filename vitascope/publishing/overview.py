"""Jobs in pages, and what operators see besides: the queue, and the workers.

A worker enters itself in the leases store, as a holder of `WORKERS`, with the sandbox in which it
opens files, and is gone from there half a minute after it was last heard.
"""

from collections.abc import Sequence
from typing import cast, get_args

from vitascope.engines.leases import Leases
from vitascope.engines.media import Media
from vitascope.engines.rows import Rows
from vitascope.engines.trace import get_log
from vitascope.engines.work import Work, WorkState
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, VitascopeError
from vitascope.kernel.ids import AccountId, TitleId
from vitascope.kernel.pages import page_token as token_of
from vitascope.kernel.pages import place_of
from vitascope.publishing import store
from vitascope.publishing.contract import (
    JobPage,
    JobsWanted,
    QueueStatus,
    SandboxName,
    WorkerStatus,
)

WORKERS = "workers"
LIMITS = "limits"  # what media tools are held by where no sandbox works
_HEARD_EVERY_S = 10.0
_GONE_S = 30.0
_MOST_WORKERS = 1000
_COUNTED = 500  # parts of jobs, in each state
_LARGEST_PAGE = 100
_log = get_log("publishing")


async def job_page(
    rows: Rows,
    partner_id: AccountId | None,
    wanted: JobsWanted,
    page_token: str | None,
    limit: int,
    title_ids: Sequence[TitleId] = (),
) -> JobPage:
    """Returns jobs of a partner, or of all for None. Raises `Invalid`, `BadPageToken`."""
    if not 0 < limit <= _LARGEST_PAGE:
        raise Invalid(f"A page has from 1 to {_LARGEST_PAGE} jobs.", field="limit")
    before = place_of(page_token, tuple[int, str]) if page_token is not None else None
    found = await rows.read(
        lambda c: store.of_partner(c, partner_id, wanted, title_ids, before, limit + 1)
    )
    last = found[limit - 1] if len(found) > limit else None
    more = token_of((last.created_at_ms, last.id)) if last else None
    return JobPage(jobs=tuple(found[:limit]), next_page_token=more)


async def queue_status(rows: Rows, work: Work, leases: Leases) -> QueueStatus:
    waiting = await work.list(states=[WorkState.QUEUED], limit=_COUNTED)
    running = await work.list(states=[WorkState.RUNNING], limit=_COUNTED)
    held = await leases.holders(WORKERS)
    workers = [
        WorkerStatus(
            name=lease.holder,
            since_ms=lease.taken_at_ms,
            sandbox=_sandbox_named(lease.note),
            running=tuple(one.workflow for one in running if _is_by(one.worker, lease.holder)),
        )
        for lease in held
    ]
    return QueueStatus(
        jobs=await rows.read(store.counted_under_way),
        waiting=len(waiting),
        running=len(running),
        more=_COUNTED in (len(waiting), len(running)),
        workers=tuple(sorted(workers, key=lambda worker: worker.name)),
    )


def _is_by(worker: str | None, name: str) -> bool:
    """Returns True if the worker of this name runs it: each start adds digits of its own."""
    return (worker or "").rpartition("-")[0] == name


def _sandbox_named(note: str) -> SandboxName:
    """Returns "" for what a worker of another version says."""
    return cast(SandboxName, note) if note in get_args(SandboxName) else ""


async def sandbox_of(media: Media) -> str:
    """Returns in what a worker opens files; "" where no tool can be run at all."""
    try:
        return await media.sandbox()
    except VitascopeError as error:
        _log.warning("worker_has_no_tools", why=error.detail)
        return ""


async def none_has_sandbox(leases: Leases) -> list[str]:
    """Returns the workers that open files without a sandbox, by name, if none that is there opens
    them in one; else nothing."""
    opens_in = {one.holder: _sandbox_named(one.note) for one in await leases.holders(WORKERS)}
    walled = set(opens_in.values()) - {"", LIMITS}
    return [] if walled else sorted(name for name, sandbox in opens_in.items() if sandbox == LIMITS)


async def enter(leases: Leases, name: str, clock: Clock, media: Media) -> None:
    """Keep a worker among those that operators see, until cancelled; then take it out."""
    sandbox = await sandbox_of(media)
    try:
        while True:
            try:
                await leases.claim(WORKERS, name, limit=_MOST_WORKERS, ttl_s=_GONE_S, note=sandbox)
            except VitascopeError as error:
                _log.warning("worker_not_entered", name=name, why=error.detail)
            await clock.sleep(_HEARD_EVERY_S)
    finally:
        await leases.release(WORKERS, name)
