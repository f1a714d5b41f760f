"""What publishing remembers: jobs, their steps, the chunks that are done, the report, and
the rules by which masters are judged.

`change` counts every change of any job, in one sequence, so that live updates can follow it.
Every function takes the connection of a transaction that the caller runs.
"""

from vitascope.publishing.store.expectations import ahead_of, earlier_jobs, expect_phases
from vitascope.publishing.store.jobs import (
    NewJob,
    add,
    add_to_report,
    adds_formats,
    begin_anew,
    changed,
    counted_under_way,
    due,
    has_earlier,
    is_in_hdr,
    is_later,
    job,
    jobs_of,
    master_of_asset,
    move,
    next_due_ms,
    of_partner,
    of_title_under_way,
    playable,
    ready_beside,
    ready_of,
    reopen,
    report,
    schedule,
    under_way,
    under_way_of,
)
from vitascope.publishing.store.reviews import ask, decide, is_behind_review, rules_of, set_rules
from vitascope.publishing.store.steps import begin_step, end_step, part_done, spend, tell_step
from vitascope.publishing.store.tables import metadata

__all__ = [
    "NewJob",
    "add",
    "add_to_report",
    "adds_formats",
    "ahead_of",
    "ask",
    "begin_anew",
    "begin_step",
    "changed",
    "counted_under_way",
    "decide",
    "due",
    "earlier_jobs",
    "end_step",
    "expect_phases",
    "has_earlier",
    "is_later",
    "is_behind_review",
    "is_in_hdr",
    "job",
    "jobs_of",
    "master_of_asset",
    "metadata",
    "move",
    "next_due_ms",
    "of_partner",
    "of_title_under_way",
    "part_done",
    "playable",
    "ready_beside",
    "ready_of",
    "reopen",
    "report",
    "rules_of",
    "schedule",
    "set_rules",
    "spend",
    "tell_step",
    "under_way",
    "under_way_of",
]
