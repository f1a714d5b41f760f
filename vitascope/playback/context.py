"""All that a playback session needs, in one place."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from vitascope.billing import Billing
from vitascope.catalog import Catalog
from vitascope.engines.blobs import Blobs
from vitascope.engines.cache import Cache
from vitascope.engines.leases import Leases
from vitascope.engines.neighbours import Neighbours
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId, SessionId
from vitascope.kernel.path_tokens import KeyRing
from vitascope.licensing import Licensing
from vitascope.playback.contract import PlayMissing
from vitascope.playback.session import Session, ended, session_of, token_of
from vitascope.playback.settings import PlaybackSettings
from vitascope.playback.store import SessionStore
from vitascope.steering import EdgeRank, Steering
from vitascope.viewing import Viewing


@dataclass(frozen=True, kw_only=True)
class Context:
    sessions: SessionStore
    leases: Leases
    cache: Cache
    blobs: Blobs
    billing: Billing
    catalog: Catalog
    viewing: Viewing
    licensing: Licensing
    steering: Steering
    neighbours: Neighbours[PlayMissing]  # those that playback can do without
    clock: Clock
    settings: PlaybackSettings
    ring: KeyRing
    session_key: bytes = field(repr=False)
    fallback_edges: tuple[EdgeRank, ...] = ()

    async def live(self, token: str) -> tuple[Session, int]:
        """Returns the session that a token names, and until when it is held. Raises
        `SessionEnded`."""
        found = await self.sessions.find(session_of(token, self.session_key))
        if found is None or found[1]:
            raise ended()
        session = found[0]
        for lease in await self.leases.holders(session.subject):
            until_ms = session.until_ms(lease)
            if lease.holder == session.slot and until_ms > self.clock.now_ms():
                return session, until_ms
        raise ended()

    async def end_licences(self, session_id: SessionId) -> None:
        """Have licence tokens of an ended session refused at once. When licensing cannot be
        reached, they end with the lease that they were given under."""
        until_ms = self.clock.now_ms() + self.settings.lease_s * 1000
        await self.neighbours.asking().ask(
            "licensing",
            lambda: self.licensing.end_session(session_id, until_ms),
            otherwise=lambda: None,
            missing="licence",
        )

    def path_token(self, session: Session, expires_at_ms: int) -> str:
        return path_tokens.sign(self.ring, path_tokens.EDGE, session.grant.prefix, expires_at_ms)

    def opened(self, edge: EdgeRank, session: Session, expires_at_ms: int) -> EdgeRank:
        """Returns the edge with a base URL that opens the session's files; it ends with a slash."""
        token = self.path_token(session, expires_at_ms)
        url = f"{edge.base_url.rstrip('/')}/s/{token}/{session.grant.prefix}/"
        return EdgeRank(edge_id=edge.edge_id, base_url=url)

    def url(self, path: str) -> str:
        return f"{self.settings.public_url.rstrip('/')}{path}"

    def steering_url(self, session_id: SessionId) -> str:
        return self.url(f"/api/steering/{token_of(session_id, self.session_key)}")

    def manifest_url(self, session_id: SessionId, name: str) -> str:
        return self.url(f"/api/manifest/{token_of(session_id, self.session_key)}/{name}")


def edge_at(url: str) -> EdgeRank:
    """Returns the edge at a URL: it is called by the first part of its hostname. Raises
    `Invalid`."""
    said = urlsplit(url)
    if said.scheme not in ("http", "https") or not said.hostname:
        raise Invalid(
            f"[playback] fallback_edges cannot have {url!r}: give addresses of edges, such as "
            "https://edge-a.example."
        )
    return EdgeRank(edge_id=EdgeId(said.hostname.partition(".")[0]), base_url=url)
