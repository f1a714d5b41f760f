"""Playback on real engines: each method of the contract leads to where it is written."""

from collections.abc import Sequence

from vitascope.billing import Billing
from vitascope.catalog import Catalog, Playable
from vitascope.engines.blobs import Blobs
from vitascope.engines.cache import Cache
from vitascope.engines.leases import Leases
from vitascope.engines.neighbours import Neighbours
from vitascope.engines.rows import Rows
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import AccountId, DeviceId, SessionId
from vitascope.kernel.path_tokens import KeyRing
from vitascope.kernel.viewer import Viewer
from vitascope.licensing import Licensing
from vitascope.playback import heartbeat, manifest, playing, streams
from vitascope.playback.context import Context, edges_at
from vitascope.playback.contract import (
    Beat,
    BeatAnswer,
    EndedSession,
    PlayAnswer,
    PlayingPage,
    PlayMissing,
    PlayRequest,
    SteeringManifest,
    Stream,
)
from vitascope.playback.ended import which_ended
from vitascope.playback.handed_out import hand_out
from vitascope.playback.session import subject_of
from vitascope.playback.settings import PlaybackSettings
from vitascope.playback.start import preview, start
from vitascope.playback.store import SessionStore
from vitascope.steering import Steering
from vitascope.viewing import Viewing

_DAY_S = 86_400
RETELL_S = 3.0  # between two tries to tell licensing which sessions have ended


class LivePlayback:
    """Implements `Playback` and `EndedSessions`."""

    def __init__(
        self,
        *,
        rows: Rows,
        leases: Leases,
        cache: Cache,
        blobs: Blobs,
        billing: Billing,
        catalog: Catalog,
        viewing: Viewing,
        licensing: Licensing,
        steering: Steering,
        clock: Clock,
        settings: PlaybackSettings,
        ring: KeyRing,
        session_key: bytes,
        metrics: Metrics | None = None,
    ) -> None:
        """`ring` signs path tokens and is shared with the edges; `session_key` signs the tokens in
        manifest addresses. Raises `Invalid` when a fallback edge in the settings has no address."""
        sessions = SessionStore(rows)
        self._context = Context(
            sessions=sessions,
            leases=leases,
            cache=cache,
            blobs=blobs,
            billing=billing,
            catalog=catalog,
            viewing=viewing,
            licensing=licensing,
            steering=steering,
            neighbours=Neighbours[PlayMissing](
                clock,
                ("billing", "blobs", "catalog", "licensing", "steering", "viewing"),
                journey="playback",
                timeout_s=settings.soft_deadline_s,
                metrics=metrics,
            ),
            clock=clock,
            settings=settings,
            ring=ring,
            session_key=session_key,
            fallback_edges=edges_at(settings.fallback_edges),
        )

    async def start(self, viewer: Viewer, request: PlayRequest, address: str) -> PlayAnswer:
        return await start(self._context, viewer, request, address)

    async def preview(
        self, viewer: Viewer, request: PlayRequest, playable: Playable, address: str
    ) -> PlayAnswer:
        return await preview(self._context, viewer, request, playable, address)

    async def beat(self, viewer: Viewer, beat: Beat) -> BeatAnswer:
        return await heartbeat.beat(self._context, viewer, beat)

    async def report(self, viewer: Viewer, content_id: str, position_ms: int) -> None:
        await heartbeat.report(self._context, viewer, content_id, position_ms)

    async def stop(self, viewer: Viewer, session_id: SessionId) -> None:
        await heartbeat.stop(self._context, viewer, session_id)

    async def address(self, viewer: Viewer, session_id: SessionId) -> str:
        return await hand_out(self._context, viewer, session_id)

    async def streams(self, viewer: Viewer) -> list[Stream]:
        leases = await self._context.leases.holders(subject_of(viewer.account_id))
        return streams.shown_to(viewer, leases)

    async def playing(self, *, page_token: str | None = None, limit: int = 50) -> PlayingPage:
        return await playing.playing(self._context, page_token, limit)

    async def end(self, session_id: SessionId) -> None:
        await playing.end_any(self._context, session_id)

    async def end_account(self, account_id: AccountId, *, but: DeviceId | None = None) -> None:
        """End what an account plays, on all its devices `but` one."""
        await playing.end_all(self._context, account_id, but=but)

    async def dash(self, token: str) -> str:
        return await manifest.mpd(self._context, token)

    async def hls(self, token: str, name: str) -> str:
        return await manifest.playlist(self._context, token, name)

    async def through(self, token: str, name: str) -> str:
        return await manifest.through(self._context, token, name)

    async def steer(
        self, token: str, pathway: str | None, throughput_bps: int | None
    ) -> SteeringManifest:
        return await manifest.steer(self._context, token, pathway)

    async def which_ended(self, session_ids: Sequence[SessionId]) -> Sequence[EndedSession]:
        return await which_ended(self._context, session_ids)

    async def tidy(self) -> int:
        """Forget sessions that began longer ago than any lives; the count. Once a day is enough."""
        kept_ms = self._context.settings.keep_sessions_days * 86_400_000
        return await self._context.sessions.forget_before(self._context.clock.now_ms() - kept_ms)

    async def run(self) -> None:
        """Do what playback does by the clock, until cancelled."""
        clock, tidied_at = self._context.clock, float("-inf")
        while True:
            if clock.monotonic() - tidied_at >= _DAY_S:
                tidied_at = clock.monotonic()
                await self.tidy()
            await self._context.tell_licensing()
            await clock.sleep(RETELL_S)
