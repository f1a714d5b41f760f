"""From a master to a verified package: the pipeline's steps, in the order in which they run.

Every step takes and returns small frozen values with blob keys in them (references, never bytes),
so that a durable workflow can keep them. Every step is idempotent: what it writes is named by the
hash of what it reads (the master's bytes, its own parameters, the version of the one tool it runs),
and a step whose output exists is done. So a killed job repeats only what was in flight, and the
same master sent again finds what was encoded of it.

    Inspect -> CheckQuality -> PlanQuick -> [EncodeChunk.. JoinChunks EncodeAudio
                                             BuildPackage VerifyPackage]       first playable
            -> FindShots -> MakeArtwork
            -> PlanTrials -> RunTrial.. -> PlanLadder
            -> EncodeChunk.. -> JoinChunks -> Assess (once more when the plan was missed)
            -> EncodeAudio, MakeSubtitles, MakeThumbnails -> BuildPackage -> VerifyPackage
"""

from collections.abc import Collection
from typing import Protocol

from vitascope.encoding.contract.request import OnProgress, Request, T


class Encoding(Protocol):
    """Safe to call from many tasks and many processes at once over the same blobs."""

    async def run(self, request: Request[T], progress: OnProgress | None = None) -> T:
        """Do one step, or find it done. Cancelling the awaiting task kills the tool that runs.
        Raises what the request names, and `NoRoom`."""
        ...

    async def need_room(self) -> None:
        """Raises `NoRoom` while the disk is as good as full."""
        ...

    async def sweep(self, before_ms: int, keep: Collection[str] = ()) -> int:
        """Delete the intermediates (chunks, trials, clear renditions) of masters for which nothing
        was written since then, but for those to `keep`, by SHA-256; returns how many masters.
        Packages stay."""
        ...
