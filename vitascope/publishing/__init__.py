"""From a master received to a title published. Announces `JobChanged`."""

from vitascope.encoding import Finding, HullPoint, Severity
from vitascope.publishing.contract import (
    Change,
    Job,
    JobChanged,
    JobNotRunning,
    JobReport,
    JobState,
    LiveVersion,
    NewSound,
    NoSuchJob,
    NothingPublished,
    NothingToChange,
    Publishing,
    StepProgress,
)

__all__ = [
    "Change",
    "Finding",
    "HullPoint",
    "Job",
    "JobChanged",
    "JobNotRunning",
    "JobReport",
    "JobState",
    "LiveVersion",
    "NewSound",
    "NoSuchJob",
    "NothingPublished",
    "NothingToChange",
    "Publishing",
    "Severity",
    "StepProgress",
]
