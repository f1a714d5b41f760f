"""What workers are given: a job, and its parts. Kept in the queue's database as JSON, and read
there by later versions too: a new field has a default."""

import msgspec

from vitascope.encoding import RenditionRef, Trial
from vitascope.ingest import Subtitles
from vitascope.kernel.ids import AssetId, ContentId, JobId, TitleId


class JobOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a job is started with. `artwork` is false for jobs that were begun by a version without
    that step: a job keeps the steps it began with."""

    job_id: JobId
    title_id: TitleId
    content_id: ContentId
    asset_id: AssetId
    master_key: str
    file_name: str
    artwork: bool = False
    subtitles: tuple[Subtitles, ...] = ()


class RungOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Encode one rung of a plan. `step` is the line of the job that counts its chunks."""

    job_id: JobId
    plan_key: str
    rung: str
    step: str
    measure: bool


class ChunkOrder(msgspec.Struct, frozen=True, kw_only=True):
    job_id: JobId
    plan_key: str
    rung: str
    step: str
    index: int


class MeasureOrder(msgspec.Struct, frozen=True, kw_only=True):
    job_id: JobId
    plan_key: str
    rung: str
    rendition: RenditionRef


class TrialOrder(msgspec.Struct, frozen=True, kw_only=True):
    job_id: JobId
    plan_key: str
    trial: Trial
