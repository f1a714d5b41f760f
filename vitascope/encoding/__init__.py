"""Turns a master into a verified package: inspection, a ladder of its own for every title, chunks,
assembly, packaging. Owns the intermediates; announces nothing (publishing tells the story)."""

from vitascope.encoding.contract.artwork import ArtworkRefs
from vitascope.encoding.contract.companions import AudioRef, TextRef, ThumbnailSet
from vitascope.encoding.contract.encoding import Encoding, EncodingFailed, MasterRefused, Progress
from vitascope.encoding.contract.master import (
    AudioSource,
    Finding,
    Inspection,
    Loudness,
    QcReport,
    Severity,
    Source,
    TextSource,
)
from vitascope.encoding.contract.package import Check, Package, Verification
from vitascope.encoding.contract.picture import (
    Assessment,
    Chunk,
    ChunkRef,
    HullPoint,
    LadderPlan,
    PlannedRung,
    QuickPlan,
    RenditionRef,
    ShotPlan,
    Trial,
    TrialResult,
)

__all__ = [
    "ArtworkRefs",
    "Assessment",
    "AudioRef",
    "AudioSource",
    "Check",
    "Chunk",
    "ChunkRef",
    "Encoding",
    "EncodingFailed",
    "Finding",
    "HullPoint",
    "Inspection",
    "LadderPlan",
    "Loudness",
    "MasterRefused",
    "Package",
    "PlannedRung",
    "Progress",
    "QcReport",
    "QuickPlan",
    "RenditionRef",
    "Severity",
    "ShotPlan",
    "Source",
    "TextRef",
    "TextSource",
    "ThumbnailSet",
    "Trial",
    "TrialResult",
    "Verification",
]
