"""Jobs of all partners, the queue and the workers, for operators."""

from typing import Annotated

from litestar import Response, Router, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from vitascope.engines.http import AnyRequest, PageToken, RoleNeeded, refusals, require
from vitascope.kernel.errors import Conflict, Invalid, NotFound
from vitascope.kernel.ids import AccountId, JobId
from vitascope.kernel.pages import BadPageToken
from vitascope.kernel.viewer import Role
from vitascope.publishing.contract import (
    BadRules,
    Job,
    JobFilter,
    JobNotRunning,
    JobPage,
    JobReport,
    NoSuchJob,
    NoSuchStill,
    NotInReview,
    Publishing,
    QueueStatus,
)
from vitascope.publishing.judgement import AppliedRules, MasterRules
from vitascope.publishing.routes import Decision, NameOf, Reason, nameless, reviewer_of, webp


def routes(publishing: Publishing, name_of: NameOf = nameless) -> Router:
    """Returns what operators may do; `name_of` tells what an account is called, and raises
    `NotFound`."""

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

    @get(
        "/jobs/{job_id:str}",
        operation_id="AnyJob",
        summary="A job of any partner",
        responses=refusals(RoleNeeded, NoSuchJob),
    )
    async def job(request: AnyRequest, job_id: FromPath[JobId]) -> Job:
        require(request, Role.OPERATOR)
        return await publishing.job(None, job_id)

    @get(
        "/jobs/{job_id:str}/report",
        operation_id="AnyReport",
        summary="What was seen, tried, chosen and measured in a job of any partner",
        responses=refusals(RoleNeeded, NoSuchJob),
    )
    async def report(request: AnyRequest, job_id: FromPath[JobId]) -> JobReport:
        require(request, Role.OPERATOR)
        return await publishing.report(None, job_id)

    @get(
        "/jobs/{job_id:str}/findings/{name:str}",
        operation_id="AnyFindingPicture",
        summary="The picture of where something was found in a master of any partner",
        media_type="image/webp",
        responses=refusals(RoleNeeded, NoSuchJob, NoSuchStill),
    )
    async def finding_picture(
        request: AnyRequest, job_id: FromPath[JobId], name: FromPath[str]
    ) -> Response[bytes]:
        require(request, Role.OPERATOR)
        return webp(await publishing.finding_picture(None, job_id, name))

    @post(
        "/jobs/{job_id:str}/review",
        operation_id="ReviewAnyJob",
        summary="Decide about a master of any partner that needs review",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, NotInReview, Invalid),
    )
    async def review(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Decision]) -> Job:
        """The decision is final, and is kept in the job's report with its reason and with who made
        it."""
        require(request, Role.OPERATOR)
        reviewer = await reviewer_of(request, name_of)
        return await publishing.review(
            None, job_id, approved=data.approve, reason=data.reason, reviewer=reviewer
        )

    place = "/catalogues/{catalogue_id:str}/rules"

    @get(
        place,
        operation_id="CatalogueRules",
        summary="What weighs how much among the findings in a partner's masters",
        responses=refusals(RoleNeeded),
    )
    async def rules(request: AnyRequest, catalogue_id: FromPath[AccountId]) -> AppliedRules:
        require(request, Role.OPERATOR)
        return await publishing.rules(catalogue_id)

    @put(
        place,
        operation_id="SetCatalogueRules",
        summary="Set a catalogue's own rules; with none, those of the service hold",
        responses=refusals(RoleNeeded, NotFound, BadRules),
    )
    async def set_rules(
        request: AnyRequest, catalogue_id: FromPath[AccountId], data: JSONBody[MasterRules]
    ) -> AppliedRules:
        """A rule is a line such as `black >= 10 review`: the code of a finding, perhaps a bound of
        its value or of its length in seconds, and a severity. Masters that are judged from now on
        are judged by them."""
        require(request, Role.OPERATOR)
        await name_of(catalogue_id)
        return await publishing.set_rules(catalogue_id, data)

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

    return Router(
        "/api/console",
        route_handlers=[
            jobs,
            job,
            report,
            finding_picture,
            review,
            rules,
            set_rules,
            cancel,
            retry,
            queue,
        ],
        tags=["operator"],
    )
