"""Playback on real engines: each method of the contract leads to where it is written."""

from vitascope.billing import Billing
from vitascope.catalog import Catalog
from vitascope.engines.blobs import Blobs
from vitascope.engines.cache import Cache
from vitascope.engines.leases import Leases
from vitascope.engines.neighbours import Neighbours
from vitascope.engines.rows import Rows
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import SessionId
from vitascope.kernel.path_tokens import KeyRing
from vitascope.kernel.viewer import Viewer
from vitascope.licensing import Licensing
from vitascope.playback import heartbeat, manifest, streams
from vitascope.playback.context import Context, edge_at
from vitascope.playback.contract import (
    Beat,
    BeatAnswer,
    PlayAnswer,
    PlayMissing,
    PlayRequest,
    SteeringManifest,
    Stream,
)
from vitascope.playback.session import subject_of
from vitascope.playback.settings import PlaybackSettings
from vitascope.playback.start import start
from vitascope.playback.store import SessionStore
from vitascope.steering import Steering
from vitascope.viewing import Viewing


class LivePlayback:
    """Implements `Playback`."""

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
            fallback_edges=tuple(edge_at(url) for url in settings.fallback_edges),
        )

    async def start(self, viewer: Viewer, request: PlayRequest, address: str) -> PlayAnswer:
        return await start(self._context, viewer, request, address)

    async def beat(self, viewer: Viewer, beat: Beat) -> BeatAnswer:
        return await heartbeat.beat(self._context, viewer, beat)

    async def stop(self, viewer: Viewer, session_id: SessionId) -> None:
        await heartbeat.stop(self._context, viewer, session_id)

    async def streams(self, viewer: Viewer) -> list[Stream]:
        leases = await self._context.leases.holders(subject_of(viewer.account_id))
        return [streams.stream(lease) for lease in leases]

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

    async def tidy(self) -> int:
        """Forget sessions that began longer ago than any lives; the count. Once a day is enough."""
        kept_ms = self._context.settings.keep_sessions_days * 86_400_000
        return await self._context.sessions.forget_before(self._context.clock.now_ms() - kept_ms)

    async def run(self) -> None:
        """Do what playback does by the clock, until cancelled."""
        while True:
            await self.tidy()
            await self._context.clock.sleep(86_400)
