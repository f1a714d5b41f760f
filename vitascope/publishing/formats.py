"""More formats for a version that is live: their ladders are encoded from the master while the
title goes on as it is, then packaged with the pictures that it has, which are not encoded again.

Jobs of other kinds do not wait for this, which may take a day: it is what they have published
meanwhile that is packaged in the end.
"""

from collections.abc import Sequence

import msgspec

from vitascope.catalog import Asset
from vitascope.encoding import (
    EncodingFailed,
    FindShots,
    Inspect,
    OnProgress,
    OpenedPackage,
    RenditionRef,
    ShotPlan,
    Source,
)
from vitascope.engines.blobs import BlobNotFound
from vitascope.engines.rows import Connection
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import DynamicRange, FormatName, codec_named, format_named, is_of_hdr
from vitascope.publishing import store
from vitascope.publishing.contract import Job, JobState
from vitascope.publishing.running import Running
from vitascope.publishing.steps import PublishSteps
from vitascope.publishing.tasks import JobOrder, RepublishOrder

_NO_MASTER = (
    "The master of what is live is not kept any more, so no format can be added. Deliver it again."
)
_NO_HDR = "The master is in SDR, so nothing can be made of it in HDR."


class _Master(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    file_name: str


class FormatSteps:
    def __init__(self, running: Running, order: RepublishOrder) -> None:
        self._running = running
        self._tools = running.tools
        self._order = order

    async def encode(
        self, live: Asset, opened: OpenedPackage, formats: Sequence[FormatName]
    ) -> tuple[RenditionRef, ...]:
        """Returns the new ladders, with keyframes where the version has its own."""
        master = await self._master(live)
        source = await self._source(master, opened)
        lines = PublishSteps(self._running, self._as_job(live, master))
        qc = await lines.quality(source, ())
        source = qc.as_decoded(source)
        shots = await self._shots(source, opened.renditions[0].keyframes)
        plan_key = await lines.file_plan(source, shots)
        named = [format_named(name, source.dynamic_range) for name in formats]
        wanted = tuple(format for format in named if format is not None)
        if len(wanted) < len(named):
            raise EncodingFailed(_NO_HDR)
        results = await lines.trials(plan_key, source, shots, wanted)
        ladder = await lines.ladder(source, shots, results, wanted)
        return tuple(await lines.encode(source, shots, ladder))

    async def _master(self, live: Asset) -> _Master:
        content_id = self._order.content_id

        def find(connection: Connection) -> Job | None:
            made_by = store.master_of_asset(connection, content_id, live.id)
            return store.job(connection, made_by) if made_by else None

        async def look() -> _Master:
            found = await self._tools.ledger.rows.read(find)
            if found is None:
                raise EncodingFailed(_NO_MASTER)
            return _Master(key=f"masters/{found.master_id}/bytes", file_name=found.file_name)

        return await self._running.quietly("find the master", look, _Master)

    async def _source(self, master: _Master, opened: OpenedPackage) -> Source:
        async def work(progress: OnProgress) -> Source:
            request = Inspect(master_key=master.key, file_name=master.file_name)
            try:
                found = await self._running.ask(request, progress)
            except BlobNotFound:
                raise EncodingFailed(_NO_MASTER) from None
            source = found.source
            programme = opened.programme
            if source is None or not _is_of(source, programme.frames, programme.frame_rate):
                raise EncodingFailed(
                    "The master that is kept is not the one of which the live version was made: "
                    f"that has {programme.frames} frames. Deliver it again with all formats."
                )
            return source

        return await self._running.step("inspect", JobState.INSPECTING, work, Source)

    async def _shots(self, source: Source, keyframes: tuple[int, ...]) -> ShotPlan:
        request = FindShots(source=source, keyframes=keyframes)
        return await self._running.encoding("shots", JobState.ANALYSING, request, ShotPlan)

    def _as_job(self, live: Asset, master: _Master) -> JobOrder:
        return JobOrder(
            job_id=self._order.job_id,
            title_id=self._order.title_id,
            content_id=self._order.content_id,
            asset_id=AssetId(live.id),
            master_key=master.key,
            file_name=master.file_name,
        )


def _is_of(source: Source, frames: int, frame_rate: str) -> bool:
    return (source.frames, source.frame_rate) == (frames, frame_rate)


def fits(opened: OpenedPackage, made: Sequence[RenditionRef]) -> bool:
    """Returns True if the new pictures have the frames and keyframes of the version's own."""
    there = opened.renditions[0]
    return all((one.frames, one.keyframes) == (there.frames, there.keyframes) for one in made)


def not_in(opened: OpenedPackage, made: Sequence[RenditionRef]) -> tuple[RenditionRef, ...]:
    """Returns those of the new pictures that the version has not."""
    there = {one.rung.name for one in opened.renditions}
    return tuple(one for one in made if one.rung.name not in there)


def missing(asset: Asset, wanted: Sequence[FormatName], *, in_hdr: bool) -> tuple[FormatName, ...]:
    """Returns those of the formats that a version has not, and may have: of HDR those that its
    master is there for."""
    there = {(rung.codec, rung.dynamic_range is not DynamicRange.SDR) for rung in asset.ladder}
    may_be = (name for name in wanted if in_hdr or not is_of_hdr(name))
    return tuple(name for name in may_be if (codec_named(name), is_of_hdr(name)) not in there)
