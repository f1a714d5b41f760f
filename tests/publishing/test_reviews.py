"""I3, I13: a master that needs review waits for a person: nothing of it is published meanwhile, it
needs no worker, and what was decided is kept."""

import asyncio
from pathlib import Path

import pytest

from tests.publishing.test_pipeline import (
    JOB,
    PARTNER,
    Workers,
    is_in,
    master,
    publishing,
    rows,
    until_job,
    workers,
)
from tests.publishing.worker import FlipLog, durable_of, notices_of, open_rows, work_url
from vitascope.engines.rows import Rows
from vitascope.engines.work import WorkState
from vitascope.engines.work.dbos import DbosWork
from vitascope.ingest import Subtitles, SubtitlesChanged
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.kernel.media import Language
from vitascope.publishing import (
    BadRules,
    JobFilter,
    JobNotRunning,
    JobState,
    JobsWanted,
    MasterRules,
    NoSuchJob,
    NoSuchStill,
    NotInReview,
    ReviewedByOperators,
    Reviewer,
)
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.ledger import Ledger

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long

DARK = MasterRules(rules=("black >= 2 review",))
ANNA = Reviewer(id=AccountId("acc_anna"), name="Anna", is_operator=False)
OLGA = Reviewer(id=AccountId("acc_olga"), name="Olga", is_operator=True)
FILM = ContentId("ttl_x")


@pytest.fixture(autouse=True)
def _dark(data: Path) -> None:
    (data / "dark").touch()


async def in_review(publishing: DurablePublishing, workers: Workers) -> None:
    await publishing.set_rules(PARTNER, DARK)
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, is_in(JobState.NEEDS_REVIEW))


async def test_nothing_is_published_until_somebody_approves_and_then_all_is(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await in_review(publishing, workers)
    job = await publishing.job(PARTNER, JOB)
    report = await publishing.report(PARTNER, JOB)
    assert (report.judgement, report.review) == ("review", None)
    assert [(one.severity, one.picture) for one in report.findings] == [
        ("review", ""),  # black
        ("note", "01"),
    ]
    assert await publishing.finding_picture(PARTNER, JOB, "01") == b"encodes/00/finding-3000.webp"
    with pytest.raises(NoSuchStill):
        await publishing.finding_picture(PARTNER, JOB, "00")
    with pytest.raises(NoSuchJob):
        await publishing.finding_picture(AccountId("acc_other"), JOB, "01")
    assert (job.left_ms, job.playable, FlipLog(data).flips()) == (None, False, [])
    assert workers.log("begin") == []
    wanted = JobsWanted(filter=JobFilter.REVIEW)
    assert [one.id for one in (await publishing.jobs(PARTNER, wanted)).jobs] == [JOB]
    await publishing.review(PARTNER, JOB, approved=True, reason="A night scene", reviewer=ANNA)
    await until_job(publishing, is_in(JobState.LIVE))
    assert FlipLog(data).flips()
    told = (await publishing.report(PARTNER, JOB)).review
    assert told is not None
    assert (told.approved, told.reason, told.by) == (True, "A night scene", ANNA)
    assert told.at_ms > job.created_at_ms
    with pytest.raises(NotInReview):
        await publishing.review(PARTNER, JOB, approved=False, reason="No", reviewer=ANNA)


async def test_a_master_that_is_refused_ends_there_with_the_reason(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await in_review(publishing, workers)
    with pytest.raises(Invalid):
        await publishing.review(PARTNER, JOB, approved=False, reason=" ", reviewer=ANNA)
    job = await publishing.review(PARTNER, JOB, approved=False, reason="Too dark", reviewer=ANNA)
    assert (job.state, job.reason) == (JobState.REJECTED, "Too dark")
    assert await publishing.reconcile() == 0
    assert (await publishing.job(PARTNER, JOB)).state is JobState.REJECTED
    assert FlipLog(data).flips() == []
    with pytest.raises(JobNotRunning):
        await publishing.cancel(PARTNER, JOB, "Late")


async def test_what_waits_needs_no_worker_and_no_place_and_survives_their_death(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.set_rules(PARTNER, DARK)
    first = workers.start(jobs_at_once=1)
    names = ("one", "two", "three")
    for name in names:
        await publishing.receive(master(name))
    for name in names:  # one place, and yet all three wait
        await until_job(publishing, is_in(JobState.NEEDS_REVIEW), JobId(f"job_{name}"))
    await asyncio.to_thread(workers.kill, first)
    assert await publishing.reconcile() == 0
    await publishing.review(PARTNER, JOB, approved=True, reason="Fine", reviewer=ANNA)
    workers.start(jobs_at_once=1)
    await until_job(publishing, is_in(JobState.LIVE))
    for name in names[1:]:
        assert (await publishing.job(PARTNER, JobId(f"job_{name}"))).state is JobState.NEEDS_REVIEW


async def test_a_decision_holds_when_its_process_dies_before_the_job_is_put_back(
    publishing: DurablePublishing, rows: Rows, workers: Workers, data: Path
) -> None:
    await in_review(publishing, workers)
    ledger: Ledger = publishing._ledger
    assert await ledger.decide(JOB, approved=True, reason="Fine", reviewer=ANNA)
    assert not await ledger.decide(JOB, approved=False, reason="Late", reviewer=OLGA)
    work = DbosWork(work_url(data), notices=notices_of(data))
    status = await work.status(JOB)
    assert status is not None
    assert (status.state, status.queue) == (WorkState.QUEUED, "held-sandboxed")
    other = durable_of(await open_rows(data), work, data)
    assert await other.reconcile() == 0
    await until_job(publishing, is_in(JobState.LIVE))
    await other._rows.close()
    await work.close()


async def test_where_operators_decide_a_partner_is_refused(
    publishing: DurablePublishing, workers: Workers
) -> None:
    await publishing.set_rules(PARTNER, MasterRules(rules=DARK.rules, reviewers="operator"))
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, is_in(JobState.NEEDS_REVIEW))
    with pytest.raises(ReviewedByOperators):
        await publishing.review(PARTNER, JOB, approved=True, reason="Fine", reviewer=ANNA)
    assert (await publishing.job(PARTNER, JOB)).state is JobState.NEEDS_REVIEW
    await publishing.review(None, JOB, approved=True, reason="Fine", reviewer=OLGA)
    await until_job(publishing, is_in(JobState.LIVE))


async def test_a_rule_may_refuse_and_another_may_let_pass(
    publishing: DurablePublishing, workers: Workers
) -> None:
    workers.start()
    await publishing.set_rules(PARTNER, MasterRules(rules=("black >= 2 refusal",)))
    await publishing.receive(master())
    job = await until_job(publishing, is_in(JobState.REJECTED))
    assert "black for 3.0 s" in job.reason
    assert (await publishing.report(PARTNER, JOB)).judgement == "refused"
    await publishing.set_rules(PARTNER, MasterRules(rules=("black >= 20 refusal", "black note")))
    await publishing.receive(master("two"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_two"))
    assert (await publishing.report(PARTNER, JobId("job_two"))).judgement == "passed"


async def test_what_waits_can_be_cancelled_and_taken_up_again(
    publishing: DurablePublishing, workers: Workers
) -> None:
    await in_review(publishing, workers)
    await publishing.cancel(PARTNER, JOB, "Wrong cut")
    await publishing.retry(PARTNER, JOB, "The right one after all")
    await until_job(publishing, is_in(JobState.NEEDS_REVIEW))
    await publishing.review(PARTNER, JOB, approved=True, reason="Fine", reviewer=ANNA)
    await until_job(publishing, is_in(JobState.LIVE))


async def test_subtitles_for_a_film_in_review_wait_with_it_in_no_place(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await in_review(publishing, workers)
    french = Subtitles(
        content_id=FILM, language=Language("fr"), file_name="fr.srt", blob_key="subtitles/ttl_x/2"
    )
    given = SubtitlesChanged(
        partner_id=PARTNER,
        title_id=TitleId("ttl_x"),
        content_id=FILM,
        language=Language("fr"),
        subtitles=(french,),
    )
    await publishing.receive_subtitles(given, "evt")
    work = DbosWork(work_url(data), notices=notices_of(data))
    for _ in range(200):
        status = await work.status("job_evt")
        if status is not None and status.queue.startswith("held"):
            break
        await asyncio.sleep(0.05)
    assert status is not None
    assert status.queue == "held-sandboxed"
    assert await publishing.reconcile() == 0
    assert (await work.status("job_evt")) == status, "its film is not decided about"
    await publishing.review(PARTNER, JOB, approved=True, reason="Fine", reviewer=ANNA)
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_evt"))
    assert [track.name for track in FlipLog(data).flips()[-1].text] == ["t-fr"]
    await work.close()


async def test_rules_that_say_nothing_are_refused_and_none_are_the_services(
    publishing: DurablePublishing,
) -> None:
    with pytest.raises(BadRules):
        await publishing.set_rules(PARTNER, MasterRules(rules=("nonsense review",)))
    before = await publishing.rules(PARTNER)
    assert (await publishing.set_rules(PARTNER, DARK)).own == DARK
    assert await publishing.set_rules(PARTNER, MasterRules()) == before


async def test_a_job_does_without_pictures_of_its_findings(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "dropped").touch()
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE))
    report = await publishing.report(PARTNER, JOB)
    assert {one.picture for one in report.findings} == {""}


async def test_pictures_of_findings_go_with_their_title(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await in_review(publishing, workers)
    kept = data / "blobs" / "findings"
    assert len(list(kept.rglob("*.webp"))) == 1
    await publishing.forget_episode(TitleId("ttl_x"), FILM)
    assert list(kept.rglob("*.webp")) == []
