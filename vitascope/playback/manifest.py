"""The manifests of one session, made when asked for, and steering's answers to its player.

A path token in a manifest expires with the stream lease. Our own player and the probe put the
fresh token of every heartbeat's answer in its place, in a request filter. A native HLS player has
no such filter: `native.m3u8` leads it to addresses of ours that answer, for each range, with a
redirect to an edge and a token of that moment; it plays on for as long as heartbeats come.
Steering cannot renew tokens: it may replace hosts and query parameters, never a path.
"""

import re
from pathlib import PurePosixPath

from vitascope.engines.cache import PACKAGES
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import EdgeId
from vitascope.kernel.media import KeyLabel
from vitascope.playback import dash, hls
from vitascope.playback.contract import SteeringManifest
from vitascope.playback.room import Room
from vitascope.playback.session import Session
from vitascope.steering import EdgeRank

_MEDIA = re.compile(r"([A-Za-z0-9._-]+)~([A-Za-z0-9._-]+)\.m3u8", re.ASCII)
_NATIVE = "native"


async def mpd(room: Room, token: str) -> str:
    session, expires_at_ms = await room.live(token)
    return dash.session_mpd(
        await _packaged(room, session, "manifest.mpd"),
        rungs=session.rungs,
        edges=[room.opened(edge, session, expires_at_ms) for edge in session.edges],
        steering_url=room.steering_url(session.id),
        licence_url=room.url("/api/licence/clearkey"),
    )


async def playlist(room: Room, token: str, name: str) -> str:
    session, expires_at_ms = await room.live(token)
    if name in ("main.m3u8", "native.m3u8"):
        return await _multivariant(room, session, native=name == "native.m3u8")
    form = _MEDIA.fullmatch(name)
    if (
        form is None
        or f"{form[2]}.m3u8" not in session.asset.files
        or not _granted(session, form[2])
    ):
        raise _no_such(name)
    return await _media(room, session, token, form[1], form[2], expires_at_ms)


async def through(room: Room, token: str, name: str) -> str:
    session, expires_at_ms = await room.live(token)
    if name not in session.asset.files or not _granted(session, PurePosixPath(name).stem):
        raise _no_such(name)
    best = (await _usable(room, session) or session.edges)[0]
    return room.opened(best, session, expires_at_ms).base_url + name


async def steer(room: Room, token: str, pathway: str | None) -> SteeringManifest:
    """The edge that a player is on stays first while it is well: moving costs a new connection and
    a cold cache. One that is not well is left out."""
    session, _ = await room.live(token)
    well = [edge.edge_id for edge in await _usable(room, session)]
    order = well or [edge.edge_id for edge in session.edges]
    if pathway in well:
        order = [EdgeId(pathway), *(each for each in order if each != pathway)]
    return SteeringManifest(
        version=1,
        ttl_s=room.settings.steering_ttl_s,
        reload_uri=room.steering_url(session.id),
        pathway_priority=tuple(order),
    )


async def _usable(room: Room, session: Session) -> list[EdgeRank]:
    """The session's edges that steering still recommends, best first. A player knows no other: the
    manifest named these."""
    own = {edge.edge_id: edge for edge in session.edges}
    usable = await room.neighbours.asking().ask(
        "steering", lambda: room.steering.usable(list(own)), otherwise=list[EdgeId]
    )
    return [own[edge_id] for edge_id in usable]


async def _multivariant(room: Room, session: Session, *, native: bool) -> str:
    return hls.session_multivariant(
        await _packaged(room, session, "main.m3u8"),
        rungs=session.rungs,
        pathways=[_NATIVE] if native else [edge.edge_id for edge in session.edges],
        media_url=lambda pathway, rendition: room.manifest_url(
            session.id, f"{pathway}~{rendition}.m3u8"
        ),
        steering_url=None if native else room.steering_url(session.id),
    )


async def _media(
    room: Room, session: Session, token: str, pathway: str, rendition: str, expires_at_ms: int
) -> str:
    if pathway == _NATIVE:
        base = room.manifest_url(session.id, "through/")
    else:
        base = _edge(room, session, pathway, expires_at_ms).base_url
    licence = await room.licensing.token(session.policy(expires_at_ms))
    return hls.session_media(
        await _packaged(room, session, f"{rendition}.m3u8"),
        file_url=lambda name: base + name,
        key_url=_key_url(room, session, rendition, licence),
    )


def _edge(room: Room, session: Session, edge_id: str, expires_at_ms: int) -> EdgeRank:
    for edge in session.edges:
        if edge.edge_id == edge_id:
            return room.opened(edge, session, expires_at_ms)
    raise _no_such(edge_id)


def _granted(session: Session, rendition: str) -> bool:
    video = {rung.name for rung in session.asset.ladder}
    return rendition not in video or rendition in session.rungs


def _key_url(room: Room, session: Session, rendition: str, licence: str) -> str | None:
    """A native player cannot set headers, so the licence token goes in the address. None for
    subtitles, which are not encrypted."""
    labels = {rung.name: rung.key_label for rung in session.asset.ladder}
    labels |= {track.name: KeyLabel.AUDIO for track in session.asset.audio}
    label = labels.get(rendition)
    key_id = session.asset.key_ids.get(label) if label is not None else None
    return room.url(f"/api/licence/key/{key_id}?token={licence}") if key_id else None


async def _packaged(room: Room, session: Session, name: str) -> str:
    key = f"{session.asset.prefix}/{name}"

    async def load() -> str:
        return (await room.blobs.get(key)).decode()

    return await room.cache.get_or_load(key, load, returns=str, tier=PACKAGES)


def _no_such(name: str) -> NotFound:
    return NotFound(f"This playback has no {name}.")
