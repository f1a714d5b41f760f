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
from vitascope.playback.context import Context
from vitascope.playback.contract import EdgeAddress, SteeringManifest
from vitascope.playback.handed_out import held
from vitascope.playback.session import Session, ended
from vitascope.steering import EdgeRank

_MEDIA = re.compile(r"([A-Za-z0-9._-]+)~([A-Za-z0-9._-]+)\.m3u8", re.ASCII)
_NATIVE = "native"
# Browsers know every name below `localhost` for this machine (RFC 6761); other players do not.
_BELOW_LOCALHOST = re.compile(r"//[a-z0-9-]+\.localhost(?=[:/])", re.ASCII)


async def mpd(context: Context, token: str) -> str:
    session, expires_at_ms = await context.live(token)
    return dash.session_mpd(
        await _packaged(context, session, "manifest.mpd"),
        rungs=session.grant.rungs,
        edges=[context.opened(edge, session, expires_at_ms) for edge in session.edges],
        steering_url=context.steering_url(session.id),
        licence_url=context.url("/api/licence/clearkey"),
    )


async def playlist(context: Context, token: str, name: str) -> str:
    session, expires_at_ms = await _live(context, token)
    if name in ("main.m3u8", "native.m3u8"):
        return await _multivariant(context, session, native=name == "native.m3u8")
    form = _MEDIA.fullmatch(name)
    if (
        form is None
        or f"{form[2]}.m3u8" not in session.grant.asset.files
        or not session.grant.covers(form[2])
    ):
        raise _no_such(name)
    return await _media(context, session, token, form[1], form[2], expires_at_ms)


async def through(context: Context, token: str, name: str) -> str:
    session, expires_at_ms = await _live(context, token)
    if name not in session.grant.asset.files or not session.grant.covers(PurePosixPath(name).stem):
        raise _no_such(name)
    best = (await _usable(context, session) or session.edges)[0]
    base = context.opened(best, session, expires_at_ms).base_url
    return _BELOW_LOCALHOST.sub("//localhost", base) + name


async def _live(context: Context, token: str) -> tuple[Session, int]:
    """As `Context.live`. Asking keeps an address that was handed out alive. Raises as `held`."""
    session = await context.named(token)
    if not session.handed_out:
        return await context.live(token)
    if session.grant.until_ms <= context.clock.now_ms():
        raise ended()
    return session, session.until_ms(await held(context, session))


async def steer(context: Context, token: str, pathway: str | None) -> SteeringManifest:
    """Returns the edges in their order. The one that a player is on stays first while it is well:
    moving costs a new connection and a cold cache. One that is not well is left out."""
    session, _ = await context.live(token)
    well = [edge.edge_id for edge in await _usable(context, session)]
    order = well or [edge.edge_id for edge in session.edges]
    if pathway in well:
        order = [EdgeId(pathway), *(each for each in order if each != pathway)]
    return SteeringManifest(
        version=1,
        ttl_s=context.settings.steering_ttl_s,
        reload_uri=context.steering_url(session.id),
        pathway_priority=tuple(order),
    )


async def _usable(context: Context, session: Session) -> list[EdgeRank]:
    """Returns the session's edges that steering still recommends, best first. A player knows no
    other: the manifest named these."""
    own = {edge.edge_id: edge for edge in session.edges}
    usable = await context.neighbours.asking().ask(
        "steering", lambda: context.steering.usable(list(own)), otherwise=list[EdgeId]
    )
    return [own[edge_id] for edge_id in usable]


async def _multivariant(context: Context, session: Session, *, native: bool) -> str:
    return hls.session_multivariant(
        await _packaged(context, session, "main.m3u8"),
        rungs=session.grant.rungs,
        pathways=[_NATIVE] if native else [edge.edge_id for edge in session.edges],
        media_url=lambda pathway, rendition: context.manifest_url(
            session.id, f"{pathway}~{rendition}.m3u8"
        ),
        steering_url=None if native else context.steering_url(session.id),
    )


async def _media(
    context: Context, session: Session, token: str, pathway: str, rendition: str, expires_at_ms: int
) -> str:
    if pathway == _NATIVE:
        base = context.manifest_url(session.id, "through/")
    else:
        base = _edge(context, session, pathway, expires_at_ms).base_url
    licence = await context.licence(session, expires_at_ms)
    return hls.session_media(
        await _packaged(context, session, f"{rendition}.m3u8"),
        file_url=lambda name: base + name,
        key_url=_key_url(context, session, rendition, licence),
    )


def _edge(context: Context, session: Session, edge_id: str, expires_at_ms: int) -> EdgeAddress:
    for edge in session.edges:
        if edge.edge_id == edge_id:
            return context.opened(edge, session, expires_at_ms)
    raise _no_such(edge_id)


def _key_url(context: Context, session: Session, rendition: str, licence: str | None) -> str | None:
    """A native player cannot set headers, so the licence token goes in the address. None for what
    is not encrypted, as subtitles never are."""
    asset = session.grant.asset
    labels = {rung.name: rung.key_label_in(asset.key_ids) for rung in asset.ladder}
    labels |= {track.name: KeyLabel.AUDIO for track in asset.audio}
    label = labels.get(rendition)
    key_id = asset.key_ids.get(label) if label is not None else None
    return context.url(f"/api/licence/key/{key_id}?token={licence}") if key_id else None


async def _packaged(context: Context, session: Session, name: str) -> str:
    key = f"{session.grant.asset.prefix}/{name}"

    async def load() -> str:
        return (await context.blobs.get(key)).decode()

    return await context.cache.get_or_load(key, load, returns=str, tier=PACKAGES)


def _no_such(name: str) -> NotFound:
    return NotFound(f"This playback has no {name}.")
