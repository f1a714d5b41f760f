"""Jobs of all partners, the queue and the workers, for operators."""

from typing import Annotated

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from vitascope.engines.http import AnyRequest, PageToken, RoleNeeded, refusals, require
from vitascope.kernel.errors import Conflict, Invalid
from vitascope.kernel.ids import JobId
from vitascope.kernel.pages import BadPageToken
from vitascope.kernel.viewer import Role
from vitascope.publishing.contract import (
    Job,
    JobFilter,
    JobNotRunning,
    JobPage,
    NoSuchJob,
    Publishing,
    QueueStatus,
)
from vitascope.publishing.routes import Reason


def routes(publishing: Publishing) -> Router:
    @get(
        "/jobs",
        operation_id="AllJobs",
        summary="Jobs of all partners, newest first, in pages",
        responses=refusals(RoleNeeded, Invalid, BadPageToken),
    )
    async def jobs(
        request: AnyRequest,
        which: Annotated[JobFilter, QueryParameter(name="filter", required=False)] = JobFilter.ALL,
        page_token: PageToken = None,
        limit: FromQuery[int] = 50,
    ) -> JobPage:
        """Returns a page. `limit` is at most 100."""
        require(request, Role.OPERATOR)
        return await publishing.all_jobs(which, page_token=page_token, limit=limit)

    @post(
        "/jobs/{job_id:str}/cancel",
        operation_id="CancelAnyJob",
        summary="Stop a job of any partner; what is encoded stays for a retry",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, JobNotRunning),
    )
    async def cancel(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Reason]) -> Job:
        require(request, Role.OPERATOR)
        return await publishing.cancel(None, job_id, data.reason)

    @post(
        "/jobs/{job_id:str}/retry",
        operation_id="RetryAnyJob",
        summary="Run a failed or cancelled job of any partner again",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, Conflict),
    )
    async def retry(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Reason]) -> Job:
        require(request, Role.OPERATOR)
        return await publishing.retry(None, job_id, data.reason)

    @get(
        "/queue",
        operation_id="Queue",
        summary="What workers have to do, and which workers there are",
        responses=refusals(RoleNeeded),
    )
    async def queue(request: AnyRequest) -> QueueStatus:
        require(request, Role.OPERATOR)
        return await publishing.queue()

    return Router("/api/console", route_handlers=[jobs, cancel, retry, queue], tags=["operator"])
