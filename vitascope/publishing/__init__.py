"""From a master received to a title published. Announces `JobChanged`."""

from vitascope.encoding import Finding, HullPoint, Severity
from vitascope.publishing.contract import (
    Job,
    JobChanged,
    JobNotRunning,
    JobReport,
    JobState,
    NoSuchJob,
    Publishing,
    StepProgress,
)

__all__ = [
    "Finding",
    "HullPoint",
    "Job",
    "JobChanged",
    "JobNotRunning",
    "JobReport",
    "JobState",
    "NoSuchJob",
    "Publishing",
    "Severity",
    "StepProgress",
]
