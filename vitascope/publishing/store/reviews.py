"""The rules of catalogues, and what was decided about masters."""

import msgspec
from sqlalchemy import Connection, delete, select

from vitascope.engines.rows import upsert
from vitascope.kernel.ids import AccountId, JobId
from vitascope.publishing.contract import JobState
from vitascope.publishing.judgement import MasterRules, Review
from vitascope.publishing.store.jobs import add_to_report, earlier_of, move, report
from vitascope.publishing.store.steps import begin_step, end_step
from vitascope.publishing.store.tables import jobs, rules

STEP = "review"


def rules_of(connection: Connection, catalogue_id: AccountId) -> MasterRules:
    kept = connection.scalar(select(rules.c.rules).where(rules.c.catalogue_id == catalogue_id))
    return msgspec.json.decode(kept or "{}", type=MasterRules)


def set_rules(connection: Connection, catalogue_id: AccountId, own: MasterRules) -> None:
    if own == MasterRules():
        connection.execute(delete(rules).where(rules.c.catalogue_id == catalogue_id))
        return
    row = {"catalogue_id": catalogue_id, "rules": msgspec.json.encode(own).decode()}
    connection.execute(upsert(connection, rules, row, key=["catalogue_id"], update=["rules"]))


def ask(connection: Connection, job_id: JobId, now: int) -> bool:
    """Let a job wait for a decision. Returns False where there is one already, or it has ended."""
    if report(connection, job_id).review is not None:
        return False
    begin_step(connection, job_id, STEP, now)
    return move(connection, job_id, now, state=JobState.NEEDS_REVIEW)


def decide(connection: Connection, job_id: JobId, now: int, review: Review) -> JobState | None:
    """Note a decision. Returns the state that the job is in now; None where nobody asks, or
    somebody else was faster."""
    state = connection.scalar(select(jobs.c.state).where(jobs.c.id == job_id).with_for_update())
    if state != JobState.NEEDS_REVIEW.value:
        return None
    add_to_report(connection, job_id, now, review=review)
    end_step(connection, job_id, STEP, now)
    after = JobState.QUEUED if review.approved else JobState.REJECTED
    move(connection, job_id, now, state=after, reason=review.reason)
    return after


def is_behind_review(connection: Connection, job_id: JobId) -> bool:
    """Returns True if an earlier job for the same content waits for a decision."""
    earlier = earlier_of(connection, job_id)
    if earlier is None:
        return False
    wanted = earlier & (jobs.c.state == JobState.NEEDS_REVIEW.value)
    return connection.execute(select(jobs.c.id).where(wanted).limit(1)).first() is not None
