"""Quality pages: partners share them, and everybody who has the name sees them."""

from litestar import Router, delete, get, put
from litestar.params import FromPath

from vitascope.engines.http import AnyRequest, RoleNeeded, refusals, require
from vitascope.kernel.ids import AccountId, JobId
from vitascope.kernel.viewer import Role
from vitascope.publishing.contract import JobReport, NoSuchJob, Publishing
from vitascope.publishing.quality_page import NotShared, QualityPage


def routes(publishing: Publishing) -> Router:
    @put(
        "/studio/jobs/{job_id:str}/share",
        operation_id="ShareQuality",
        summary="Show the quality page of what a job published to everybody who has its name",
        tags=["studio"],
        responses=refusals(RoleNeeded, NoSuchJob, NotShared),
    )
    async def share(request: AnyRequest, job_id: FromPath[JobId]) -> JobReport:
        """The name is `shared` in the report; the page is at `/quality/NAME`. Harmless when it is
        shared already."""
        return await publishing.share(_partner(request), job_id, on=True)

    @delete(
        "/studio/jobs/{job_id:str}/share",
        operation_id="EndSharingQuality",
        summary="Show the quality page to nobody any more",
        status_code=200,
        tags=["studio"],
        responses=refusals(RoleNeeded, NoSuchJob),
    )
    async def end(request: AnyRequest, job_id: FromPath[JobId]) -> JobReport:
        """Shared again, it has another name."""
        return await publishing.share(_partner(request), job_id, on=False)

    @get(
        "/quality/{name:str}",
        operation_id="QualityPage",
        summary="What the version of a title that is live is worth",
        tags=["browsing"],
        responses=refusals(NotShared),
    )
    async def page(name: FromPath[str]) -> QualityPage:
        """For everybody to whom its partner gave the address."""
        return await publishing.quality_page(name)

    return Router(path="/api", route_handlers=[share, end, page])


def _partner(request: AnyRequest) -> AccountId:
    return require(request, Role.PARTNER, Role.OPERATOR).account_id
