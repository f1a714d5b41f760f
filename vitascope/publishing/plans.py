"""What all parts of a job need to know, kept as one object and handed on by its key.

A feature film has a thousand and more chunks; a rung or a measurement that was given all of them
would fill the queue's database with copies.
"""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from vitascope.encoding import (
    ChunkRef,
    Effort,
    EncodeChunk,
    MeasureChunk,
    PlannedRung,
    ShotPlan,
    Source,
)
from vitascope.engines.blobs import Blobs
from vitascope.kernel.ids import JobId
from vitascope.kernel.media import H264_SDR, Format

_KEPT = 16


class EncodingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`shots` is missing while only trials or measurements of the source are asked for. What is
    asked of encoding is asked at the `effort` of the job."""

    source: Source
    shots: ShotPlan
    rungs: tuple[PlannedRung, ...] = ()
    effort: Effort = "balanced"

    def rung(self, name: str) -> PlannedRung:
        return next(rung for rung in self.rungs if rung.name == name)

    def encoding_of(self, index: int, *rungs: str, small: bool = False) -> EncodeChunk:
        """Returns what encodes a chunk in these rungs, which are of one format."""
        planned = [self.rung(name) for name in rungs]
        return EncodeChunk(
            source=self.source,
            picture=self.shots.picture,
            chunk=self.shots.chunks[index],
            encodes=tuple(rung.encode(index) for rung in planned),
            format=planned[0].format,
            effort=self.effort,
            small=small,
        )

    def measuring_of(
        self,
        index: int,
        refs: Sequence[ChunkRef],
        *,
        rough: bool,
        format: Format = H264_SDR,
        small: bool = False,
    ) -> MeasureChunk:
        """Returns what measures encodes of a chunk, which are of this format."""
        return MeasureChunk(
            source=self.source,
            picture=self.shots.picture,
            chunk=self.shots.chunks[index],
            refs=tuple(refs),
            rough=rough,
            effort=self.effort,
            format=format,
            small=small,
        )


class _Master(msgspec.Struct):
    sha256: str


class _Kept(msgspec.Struct):
    """As much of a plan as tells whose it is."""

    source: _Master


class EncodingPlans:
    """Safe to share between tasks."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._read: OrderedDict[str, EncodingPlan] = OrderedDict()

    async def file(self, job_id: JobId, name: str, plan: EncodingPlan) -> str:
        """Returns the key under which `plan` can be read from now on."""
        key = f"jobs/{job_id}/{name}.json"
        await self._blobs.put(key, msgspec.json.encode(plan), overwrite=True)
        self._read.pop(key, None)
        return key

    async def read(self, key: str) -> EncodingPlan:
        if key not in self._read:
            self._read[key] = msgspec.json.decode(await self._blobs.get(key), type=EncodingPlan)
        self._read.move_to_end(key)
        while len(self._read) > _KEPT:
            self._read.popitem(last=False)
        return self._read[key]

    async def masters(self) -> set[str]:
        """Returns the SHA-256 of every master that a job still needs: one under way, or one that
        failed or was cancelled and may be run again."""
        found, after = set[str](), ""
        while page := await self._blobs.list("jobs/", after=after):
            for blob in page:
                kept = msgspec.json.decode(await self._blobs.get(blob.key), type=_Kept)
                found.add(kept.source.sha256)
            after = page[-1].key
        return found

    async def forget(self, job_id: JobId) -> None:
        await self._blobs.delete_prefix(f"jobs/{job_id}/")
