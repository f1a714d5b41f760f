"""Jobs for the studio, and their live updates."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from vitascope.catalog import NoSuchTitle
from vitascope.engines.http import (
    AnyRequest,
    PageToken,
    RoleNeeded,
    SomeId,
    SomeText,
    limit,
    refusals,
    require,
)
from vitascope.engines.notices import TopicListener
from vitascope.engines.trust import (
    NoneHasSandbox,
    NoSandbox,
    is_operator,
    some_has_sandbox,
    supplier,
)
from vitascope.ingest import AlreadyLive
from vitascope.kernel.bounds import FEW, ID, NUMBER, PASSAGE
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Conflict, Invalid
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.kernel.media import FormatName, Scheme
from vitascope.kernel.pages import BadPageToken
from vitascope.kernel.viewer import Role
from vitascope.publishing.contract import (
    Change,
    Job,
    JobFilter,
    JobNotRunning,
    JobPage,
    JobReport,
    JobsWanted,
    LiveVersion,
    NoSuchJob,
    NoSuchStill,
    NothingPublished,
    NothingToChange,
    NotInReview,
    NotScheduled,
    OfferedStill,
    Publishing,
    ReviewedByOperators,
)
from vitascope.publishing.estimates import Estimate, FilmTold
from vitascope.publishing.judgement import AppliedRules, Reviewer
from vitascope.publishing.settings import PublishingSettings

NameOf = Callable[[AccountId], Awaitable[str]]

_BEAT_S = 15.0  # proxies close what is silent for longer
_LONGEST_PAUSE_S = 5.0  # for notices that were lost


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why; kept with the job."""

    reason: Annotated[str, PASSAGE]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided about a master, and why."""

    approve: bool
    reason: Annotated[str, PASSAGE]


class When(msgspec.Struct, frozen=True, kw_only=True):
    """When to publish: a date in milliseconds since 1970, 0 for as soon as it is ready, null for
    when its partner says. With `replace` it takes the place of what is live."""

    publish_at_ms: Annotated[int, NUMBER] | None
    replace: bool = False


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different about the live version. Subtitles are given at an address of their
    own and sound tracks are uploaded; both change it at once, and so do pictures."""

    without_audio: Annotated[tuple[Annotated[str, ID], ...], FEW] = ()  # names of tracks: "a-en-51"
    scheme: Scheme | None = None
    new_keys: bool = False
    formats: Annotated[tuple[FormatName, ...], FEW] = ()  # to be added; by themselves


def webp(content: bytes) -> Response[bytes]:
    """Returns a picture that is not for everybody."""
    headers = {"Cache-Control": "private, no-store"}
    return Response(content, media_type="image/webp", headers=headers)


async def nameless(account_id: AccountId) -> str:
    """Returns no name."""
    return ""


def routes(
    publishing: Publishing,
    settings: PublishingSettings,
    clock: Clock,
    changed: TopicListener,
    none_has_sandbox: NoneHasSandbox = some_has_sandbox,
    name_of: NameOf = nameless,
) -> Router:
    """Returns everything for partners, and for operators who act as one. `changed` wakes when a
    job has changed; `name_of` tells what an account is called."""
    known = refusals(RoleNeeded, NoSuchJob)

    @get("/jobs", responses=refusals(RoleNeeded, Invalid, BadPageToken))
    async def jobs(
        request: AnyRequest,
        which: Annotated[JobFilter, QueryParameter(name="filter", required=False)] = JobFilter.ALL,
        text: SomeText = "",
        title_id: SomeId = None,
        content_id: SomeId = None,
        page_token: PageToken = None,
        limit: FromQuery[int] = 40,
    ) -> JobPage:
        """The partner's jobs, newest first, in pages: those with `text` in the name of the file or
        of the title, of one title, of one film or episode. `limit` is at most 100."""
        wanted = JobsWanted(
            filter=which,
            text=text,
            title_id=TitleId(title_id) if title_id else None,
            content_id=ContentId(content_id) if content_id else None,
        )
        return await publishing.jobs(_partner(request), wanted, page_token=page_token, limit=limit)

    @post(
        "/estimate",
        operation_id="EstimateFilm",
        summary="What publishing a film would take: processor time, room and when it would be live",
        status_code=200,
        responses=refusals(RoleNeeded, Invalid),
    )
    async def estimate(request: AnyRequest, data: JSONBody[FilmTold]) -> Estimate:
        """By the settings of this service and what earlier jobs took, behind those that are under
        way. Nothing is kept of it."""
        _partner(request)
        return await publishing.estimate(data)

    @get("/jobs/{job_id:str}", responses=known)
    async def job(request: AnyRequest, job_id: FromPath[JobId]) -> Job:
        return await publishing.job(_partner(request), job_id)

    @get("/jobs/{job_id:str}/report", responses=known)
    async def report(request: AnyRequest, job_id: FromPath[JobId]) -> JobReport:
        """What was seen, tried, chosen and measured."""
        return await publishing.report(_partner(request), job_id)

    @get(
        "/jobs/{job_id:str}/findings/{name:str}",
        operation_id="FindingPicture",
        summary="The picture of where something was found in a master",
        media_type="image/webp",
        responses=refusals(RoleNeeded, NoSuchJob, NoSuchStill),
    )
    async def finding_picture(
        request: AnyRequest, job_id: FromPath[JobId], name: FromPath[str]
    ) -> Response[bytes]:
        """As WebP, at most 480 pixels wide. `name` is the finding's `picture` in the report."""
        return webp(await publishing.finding_picture(_partner(request), job_id, name))

    @post(
        "/jobs/{job_id:str}/review",
        operation_id="ReviewJob",
        summary="Decide about a master that needs review: its job goes on, or it is refused",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, NotInReview, ReviewedByOperators, Invalid),
    )
    async def review(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Decision]) -> Job:
        """The decision is final, and is kept in the job's report with its reason and with who made
        it. In catalogues of which operators decide a partner is refused."""
        partner_id = _partner(request)
        reviewer = await reviewer_of(request, name_of)
        return await publishing.review(
            partner_id, job_id, approved=data.approve, reason=data.reason, reviewer=reviewer
        )

    @get("/rules", operation_id="Rules", responses=refusals(RoleNeeded))
    async def rules(request: AnyRequest) -> AppliedRules:
        """What weighs how much among the findings in your masters, and who decides about those that
        need review."""
        return await publishing.rules(_partner(request))

    @post(
        "/jobs/{job_id:str}/cancel",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, JobNotRunning),
    )
    async def cancel(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Reason]) -> Job:
        """Stop a job; what is encoded stays for a retry."""
        return await publishing.cancel(_partner(request), job_id, data.reason)

    @post(
        "/jobs/{job_id:str}/retry",
        status_code=200,
        responses=refusals(RoleNeeded, NoSandbox, NoSuchJob, Conflict),
    )
    async def retry(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Reason]) -> Job:
        """Run a failed or cancelled job again; what is finished is not repeated."""
        return await publishing.retry(
            await supplier(request, none_has_sandbox), job_id, data.reason
        )

    @post(
        "/jobs/{job_id:str}/schedule",
        operation_id="ScheduleJob",
        summary="Publish what a job makes now, when it is said, or at a date",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, JobNotRunning, AlreadyLive, NotScheduled),
    )
    async def schedule(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[When]) -> Job:
        return await publishing.schedule(
            _partner(request), job_id, data.publish_at_ms, replace=data.replace
        )

    @get(
        "/titles/{title_id:str}/contents/{content_id:str}/live",
        operation_id="Live",
        summary="The sound tracks and the protection of the version that is live",
        responses=refusals(RoleNeeded, NoSuchTitle, NothingPublished),
    )
    async def live(
        request: AnyRequest, title_id: FromPath[TitleId], content_id: FromPath[ContentId]
    ) -> LiveVersion:
        return await publishing.live(_partner(request), title_id, content_id)

    @get(
        "/titles/{title_id:str}/contents/{content_id:str}/stills",
        operation_id="Stills",
        summary="Stills of a film or episode, to choose its title's pictures from",
        responses=refusals(RoleNeeded, NoSuchTitle),
    )
    async def stills(
        request: AnyRequest, title_id: FromPath[TitleId], content_id: FromPath[ContentId]
    ) -> list[OfferedStill]:
        """Returns those of the newest master, the best first: at most 12."""
        return list(await publishing.stills(_partner(request), title_id, content_id))

    @get(
        "/titles/{title_id:str}/contents/{content_id:str}/stills/{name:str}",
        operation_id="Still",
        summary="A still of a film or episode",
        media_type="image/webp",
        responses=refusals(RoleNeeded, NoSuchTitle, NoSuchStill),
    )
    async def still(
        request: AnyRequest,
        title_id: FromPath[TitleId],
        content_id: FromPath[ContentId],
        name: FromPath[str],
        small: FromQuery[bool] = False,
    ) -> Response[bytes]:
        """As WebP, at most 1920 pixels wide; 320 with `small`. It may be sent back as a picture of
        the title, with a crop."""
        content = await publishing.still(_partner(request), title_id, content_id, name, small=small)
        return webp(content)

    @post(
        "/titles/{title_id:str}/contents/{content_id:str}/republish",
        operation_id="Republish",
        summary="Publish the live version again with a change, or with more formats",
        status_code=202,
        responses=refusals(RoleNeeded, NoSandbox, NoSuchTitle, NothingPublished, NothingToChange),
    )
    async def republish(
        request: AnyRequest,
        title_id: FromPath[TitleId],
        content_id: FromPath[ContentId],
        data: JSONBody[Wanted],
    ) -> Job:
        change = Change(
            without_audio=data.without_audio,
            scheme=data.scheme,
            new_keys=data.new_keys,
            formats=data.formats,
        )
        return await publishing.republish(
            await supplier(request, none_has_sandbox),
            title_id,
            content_id,
            change,
            by_operator=is_operator(request),
        )

    @get("/events", media_type="text/event-stream", responses=refusals(RoleNeeded))
    async def events(request: AnyRequest, since: FromQuery[int] = 0) -> Stream:
        """Jobs as they change, as server-sent events; `since` is the last event's id."""
        partner_id = _partner(request)
        limit(request, "event-stream")
        since = max(since, _last_event(request))
        return Stream(
            _following(publishing, partner_id, since, settings, clock, changed),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return Router(
        path="/api/studio",
        route_handlers=[
            *(jobs, job, estimate, report, finding_picture, review, rules, cancel, retry, schedule),
            *(live, republish, stills, still, events),
        ],
        tags=["studio"],
    )


async def _following(
    publishing: Publishing,
    partner_id: AccountId,
    since: int,
    settings: PublishingSettings,
    clock: Clock,
    changed: TopicListener,
) -> AsyncGenerator[bytes, None]:
    """Ends after a while, so that nobody follows for ever on a token of ten minutes."""
    quiet_since = clock.monotonic()
    end = quiet_since + settings.events_last_s
    yield b"retry: 1000\n\n"
    with changed.pauses(first_s=settings.events_poll_s, longest_s=_LONGEST_PAUSE_S) as pauses:
        while True:
            for job in await publishing.changed(partner_id, since):
                since = job.change
                body = msgspec.json.encode(job)
                quiet_since = clock.monotonic()
                yield b"event: job\ndata: %b\nid: %d\n\n" % (body, since)
            if clock.monotonic() - quiet_since > _BEAT_S:
                quiet_since = clock.monotonic()
                yield b": still here\n\n"
            if clock.monotonic() >= end:
                return
            await clock.sleep(settings.events_poll_s)  # what changes meanwhile is told together
            await pauses.pause()


async def reviewer_of(request: AnyRequest, name_of: NameOf) -> Reviewer:
    """Returns who asks: the account itself, also where it acts in the catalogue of another."""
    who = require(request, Role.PARTNER, Role.OPERATOR)
    account_id = who.acting_id or who.account_id
    name = (await name_of(account_id))[:300]
    return Reviewer(id=account_id, name=name, is_operator=who.role is Role.OPERATOR)


def _partner(request: AnyRequest) -> AccountId:
    return require(request, Role.PARTNER, Role.OPERATOR).account_id


def _last_event(request: AnyRequest) -> int:
    """Where a browser's own EventSource was when it lost the connection."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
