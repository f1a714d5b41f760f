"""All that a playback session needs, in one place."""

import functools
from collections.abc import Iterable
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
from vitascope.playback.contract import EdgeAddress, PlayMissing
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
    untold: dict[SessionId, int] = field(default_factory=dict)
    """Ended sessions that licensing does not know of yet, and until when it matters."""

    async def named(self, token: str) -> Session:
        """Returns the session that a token names. Raises `SessionEnded`."""
        found = await self.sessions.find(session_of(token, self.session_key))
        if found is None or found[1]:
            raise ended()
        return found[0]

    async def live(self, token: str) -> tuple[Session, int]:
        """Returns the session that a token names, and until when it is held. Raises
        `SessionEnded`."""
        session = await self.named(token)
        for lease in await self.leases.holders(session.subject):
            until_ms = session.until_ms(lease)
            if lease.holder == session.slot and until_ms > self.clock.now_ms():
                return session, until_ms
        raise ended()

    async def end_licences(self, session_id: SessionId) -> None:
        """Have licence tokens of an ended session refused at once. When licensing cannot be
        reached, it is told again (`tell_licensing`) until they have expired."""
        self.untold[session_id] = self.clock.now_ms() + self.settings.lease_s * 1000
        await self.tell_licensing()

    async def tell_licensing(self) -> None:
        """Tell licensing of the ended sessions that it could not be told of so far."""
        now_ms, asking = self.clock.now_ms(), self.neighbours.asking()
        for session_id, until_ms in list(self.untold.items()):
            if until_ms <= now_ms or await asking.ask(
                "licensing",
                functools.partial(self._end_session, session_id, until_ms),
                otherwise=lambda: False,
                missing="licence",
            ):
                self.untold.pop(session_id, None)

    async def _end_session(self, session_id: SessionId, until_ms: int) -> bool:
        await self.licensing.end_session(session_id, until_ms)
        return True

    def path_token(self, session: Session, expires_at_ms: int) -> str:
        return path_tokens.sign(
            self.ring,
            path_tokens.EDGE,
            session.grant.prefix,
            expires_at_ms,
            session.id,
            session.grant.lines,
        )

    async def licence(self, session: Session, expires_at_ms: int) -> str | None:
        """Returns a licence token; None where there is nothing to open."""
        if not session.grant.asset.is_protected:
            return None
        return await self.licensing.token(session.policy(expires_at_ms))

    def opened(self, edge: EdgeRank, session: Session, expires_at_ms: int) -> EdgeAddress:
        """Returns the edge with a base URL that opens the session's files: over TLS where its page
        came so, because a browser lets no such page load anything else."""
        token = self.path_token(session, expires_at_ms)
        base = (session.is_secure and edge.secure_url) or edge.base_url
        base = base.replace("{host}", session.host or "localhost").rstrip("/")
        return EdgeAddress(
            edge_id=edge.edge_id, base_url=f"{base}/s/{token}/{session.grant.prefix}/"
        )

    def url(self, path: str) -> str:
        return f"{self.settings.public_url.rstrip('/')}{path}"

    def steering_url(self, session_id: SessionId) -> str:
        return self.url(f"/api/steering/{token_of(session_id, self.session_key)}")

    def manifest_url(self, session_id: SessionId, name: str) -> str:
        return self.url(f"/api/manifest/{token_of(session_id, self.session_key)}/{name}")


def edges_at(said: Iterable[str]) -> tuple[EdgeRank, ...]:
    """Returns the edges at `URL` or `NAME=URL`. One without a name is called by the first part of
    its hostname. Two URLs of one name are that for plain pages and that for secure ones. Raises
    `Invalid`."""
    urls: dict[str, list[str]] = {}
    for each in said:
        name, url = _named(each)
        urls.setdefault(name, []).append(url)
    return tuple(
        EdgeRank(
            edge_id=EdgeId(name),
            base_url=min(found, key=lambda url: url.startswith("https:")),
            secure_url=next((url for url in found if url.startswith("https:")), ""),
        )
        for name, found in urls.items()
    )


def _named(said: str) -> tuple[str, str]:
    name, separator, url = said.partition("=")
    url = url if separator else said
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(
            f"[playback] fallback_edges cannot have {said!r}: give addresses of edges, such as "
            "https://edge-a.example or edge-a=http://10.0.0.5:8401."
        )
    return name if separator else parts.hostname.partition(".")[0], url
