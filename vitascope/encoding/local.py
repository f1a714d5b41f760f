"""`Encoding` with the tools of this machine: which function does which step."""

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import vitascope.encoding as contract
from vitascope.encoding.artwork.pictures import make_artwork
from vitascope.encoding.companions.kept import (
    encode_audio_tracks,
    make_sprites,
    make_text_tracks,
)
from vitascope.encoding.contract.effort import Effort
from vitascope.encoding.contract.request import OnProgress, Request, T
from vitascope.encoding.efforts import EFFORTS, settings_at
from vitascope.encoding.master.inspect import inspect_master
from vitascope.encoding.master.pictured import picture_findings
from vitascope.encoding.master.qc import check_quality
from vitascope.encoding.master.sound import inspect_sound
from vitascope.encoding.package.build import build_package
from vitascope.encoding.package.opened import open_package
from vitascope.encoding.package.sync import compare_sound
from vitascope.encoding.package.verify import verify_package
from vitascope.encoding.picture.assemble import join_chunks
from vitascope.encoding.picture.assess import measure_chunk, plan_corrections
from vitascope.encoding.picture.chunks import encode_chunk
from vitascope.encoding.picture.ladders import plan_ladders
from vitascope.encoding.picture.quick import plan_quick
from vitascope.encoding.picture.shots import find_shots
from vitascope.encoding.picture.trials import plan_trials, run_trial
from vitascope.encoding.room import Room, no_room_in_words
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workspace import PREFIX, Workspace
from vitascope.engines.blobs import Blobs
from vitascope.engines.media import Media

_Step = Callable[[Workspace, Any, OnProgress | None], Awaitable[Any]]
_STEPS: dict[type[Request[Any]], _Step] = {
    contract.Inspect: inspect_master,
    contract.InspectSound: inspect_sound,
    contract.CheckQuality: check_quality,
    contract.PictureFindings: picture_findings,
    contract.PlanQuick: plan_quick,
    contract.FindShots: find_shots,
    contract.PlanTrials: plan_trials,
    contract.RunTrial: run_trial,
    contract.PlanLadder: plan_ladders,
    contract.EncodeChunk: encode_chunk,
    contract.JoinChunks: join_chunks,
    contract.MeasureChunk: measure_chunk,
    contract.PlanCorrections: plan_corrections,
    contract.EncodeAudio: encode_audio_tracks,
    contract.CompareSound: compare_sound,
    contract.MakeSubtitles: make_text_tracks,
    contract.MakeThumbnails: make_sprites,
    contract.MakeArtwork: make_artwork,
    contract.BuildPackage: build_package,
    contract.OpenPackage: open_package,
    contract.VerifyPackage: verify_package,
}


class LocalEncoding:
    """Over shared blobs; `folder` is for work in hand."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        media: Media,
        folder: Path,
        settings: EncodingSettings = EncodingSettings(),  # noqa: B008 (frozen)
    ) -> None:
        self._workspace = Workspace(blobs=blobs, tools=media, folder=folder, settings=settings)
        self._room = Room(folder, round(settings.keep_free_gib * 2**30))
        self._at: dict[Effort | None, Workspace] = {
            effort: self._workspace.at(settings_at(settings, effort)) for effort in (None, *EFFORTS)
        }

    async def run(self, request: Request[T], progress: OnProgress | None = None) -> T:
        workspace = self._at[request.effort]
        await self.need_room()
        with no_room_in_words():
            done: T = await _STEPS[type(request)](workspace, request, progress)
            return done

    async def need_room(self) -> None:
        await self._room.need()

    async def sweep(self, before_ms: int, keep: Collection[str] = ()) -> int:
        kept = {master[:32] for master in keep}
        blobs, latest, after = self._workspace.blobs, dict[str, int](), ""
        while page := await blobs.list(f"{PREFIX}/", after=after):
            for blob in page:
                master = blob.key.split("/")[1]
                latest[master] = max(latest.get(master, 0), blob.modified_at_ms)
            after = page[-1].key
        old = [
            master
            for master, written in latest.items()
            if written < before_ms and master not in kept
        ]
        for master in old:
            await blobs.delete_prefix(f"{PREFIX}/{master}/")
        return len(old)
