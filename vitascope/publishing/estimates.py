"""What is told of a delivery before it is begun."""

from typing import Annotated

import msgspec

from vitascope.ingest import UploadPriority


class FilmTold(msgspec.Struct, frozen=True, kw_only=True):
    """A film as somebody tells of it who has the file."""

    duration_ms: Annotated[int, msgspec.Meta(gt=0, le=86_400_000)]
    width: Annotated[int, msgspec.Meta(gt=0, le=8192)]
    height: Annotated[int, msgspec.Meta(gt=0, le=8192)]
    frame_rate: Annotated[float, msgspec.Meta(gt=0, le=240)]
    sounds: Annotated[int, msgspec.Meta(ge=0, le=64)] = 1  # tracks
    priority: UploadPriority = "normal"


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a job is expected to take. Times are counted from `told_at_ms`, with the jobs before
    it."""

    cpu_s: float  # processor seconds, of all workers
    size: int  # bytes of what is published
    room: int  # bytes on the disk while it is made and for some days, beside the master
    playable_in_ms: int | None  # a first version; None where there will be none
    live_in_ms: int  # the whole
    jobs_ahead: int
    learned: bool  # from earlier jobs of this service; otherwise it may be three times as much
    told_at_ms: int
