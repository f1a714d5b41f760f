"""Durable workflows in queues with priorities: started once, run to the end, whatever dies."""

from vitascope.engines.work.contract import (
    ENDED_WORKERS,
    OTHER_STEPS,
    NoSuchWork,
    Priority,
    Queue,
    StepFailed,
    StepRecord,
    Steps,
    Task,
    Work,
    Worker,
    WorkNotRetryable,
    WorkState,
    WorkStatus,
)

__all__ = [
    "ENDED_WORKERS",
    "OTHER_STEPS",
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
    "Worker",
]
