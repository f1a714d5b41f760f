"""Durable workflows in queues with priorities: started once, run to the end, whatever dies."""

from vitascope.engines.work.contract import (
    Crew,
    NoSuchWork,
    Priority,
    Queue,
    StepFailed,
    StepRecord,
    Steps,
    Task,
    Work,
    WorkNotRetryable,
    WorkState,
    WorkStatus,
)

__all__ = [
    "Crew",
    "NoSuchWork",
    "Priority",
    "Queue",
    "StepFailed",
    "StepRecord",
    "Steps",
    "Task",
    "Work",
    "WorkNotRetryable",
    "WorkState",
    "WorkStatus",
]
