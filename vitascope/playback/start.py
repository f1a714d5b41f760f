"""Pressing play: one function, from the viewer's wish to all that a player needs.

Three things must answer: **catalog** (may this viewer see it, and what is there to play),
**leases** (is there a place) and **licensing** (may it be decrypted). Without billing the plan last
seen holds, without viewing one starts at the beginning, without steering the edges last named are
tried, without previews there are none; each is named in `degraded`. Questions that need no answer
of each other are asked at once.
"""

from vitascope.billing import Plan, Subscription, SubscriptionState
from vitascope.catalog import Playable
from vitascope.engines.cache import EDGES, SUBSCRIPTIONS
from vitascope.engines.neighbours import Asking, at_once
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.ids import AccountId, ContentId, SessionId, new_id
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.money import Money
from vitascope.kernel.viewer import Viewer
from vitascope.playback import previews, slots
from vitascope.playback.contract import (
    LicenceGrant,
    ManifestUrls,
    PlayAnswer,
    PlayRequest,
    SubscriptionNeeded,
    Thumbnails,
)
from vitascope.playback.grant import Allowance, allowance
from vitascope.playback.room import Room
from vitascope.playback.session import Session, prefix_of
from vitascope.steering import EdgeRank, Where
from vitascope.viewing import Progress


async def start(room: Room, viewer: Viewer, request: PlayRequest, address: str) -> PlayAnswer:
    """Raises as `Playback.start`. A place that was taken is given back when a later step fails."""
    asking = room.neighbours.asking()
    session_id = SessionId(new_id("ses"))

    playable, plan = await at_once(
        room.catalog.playable(request.content_id, viewer),
        _plan(room, viewer.account_id, asking),
    )
    granted = allowance(
        playable.asset, plan, request.capabilities, room.settings.software_drm_max_height
    )
    resume_ms, thumbnails, edges = await at_once(
        _resume(room, viewer, playable, asking),
        _thumbnails(room, playable, asking),
        _edges(room, viewer, playable, session_id, address, asking),
    )

    note = slots.Note(
        session_id=session_id,
        device_id=viewer.device_id,
        device=request.device_name,
        title=playable.name,
    )
    lease = await slots.take(room, viewer, request, note, limit=plan.streams)
    try:
        session = _session(
            room, viewer, playable, granted, edges, session_id, lease.holder, address
        )
        licence = await room.licensing.token(session.policy(lease.expires_at_ms))
        await room.sessions.add(session)
    except BaseException:
        await room.leases.release(lease.subject, lease.holder)
        raise
    return _answer(
        room, session, playable, licence, lease.expires_at_ms, resume_ms, thumbnails, asking
    )


async def _plan(room: Room, account_id: AccountId, asking: Asking) -> Plan:
    """Raises `SubscriptionNeeded`."""
    subscription = await asking.ask(
        "billing",
        lambda: room.billing.subscription(account_id),
        otherwise=_nothing,
        missing="subscription",
    )
    if subscription is None:
        subscription = await _last_seen(room, account_id)
    else:
        await room.cache.put(account_id, subscription, returns=Subscription, tier=SUBSCRIPTIONS)
    if not subscription.may_watch or subscription.plan is None:
        raise SubscriptionNeeded("Choose a plan to watch this.")
    return subscription.plan


async def _last_seen(room: Room, account_id: AccountId) -> Subscription:
    seen = await room.cache.get(account_id, returns=Subscription, tier=SUBSCRIPTIONS)
    return seen or Subscription(
        account_id=account_id, state=SubscriptionState.ACTIVE, plan=_grace_plan(room)
    )


def _grace_plan(room: Room) -> Plan:
    """Nobody who pays is locked out because billing is down; nobody gets the best for nothing."""
    height = room.settings.grace_max_height
    return Plan(
        id="grace",
        name="Grace",
        streams=room.settings.grace_streams,
        max_height=height,
        key_labels=tuple(dict.fromkeys((KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.of_height(height)))),
        download_devices=0,
        price=Money(minor=0, currency="EUR"),
    )


async def _resume(room: Room, viewer: Viewer, playable: Playable, asking: Asking) -> int:
    """Where one stopped; a film seen to the end begins anew."""
    content_id = playable.content_id
    places = await asking.ask(
        "viewing",
        lambda: room.viewing.positions(viewer.profile_id, [content_id]),
        otherwise=dict[ContentId, Progress],
        missing="resume",
    )
    seen = places.get(content_id)
    return 0 if seen is None or seen.finished else seen.position_ms


async def _thumbnails(room: Room, playable: Playable, asking: Asking) -> Thumbnails | None:
    return await asking.ask(
        "blobs",
        lambda: previews.of(room, playable.asset),
        otherwise=_nothing,
        missing="thumbnails",
    )


def _nothing() -> None:
    """There is no lesser answer."""


async def _edges(
    room: Room,
    viewer: Viewer,
    playable: Playable,
    session_id: SessionId,
    address: str,
    asking: Asking,
) -> tuple[EdgeRank, ...]:
    where = Where(
        country=viewer.country,
        address=address,
        wants=prefix_of(playable.asset),
        viewer_key=session_id,
    )
    ranked = await asking.ask(
        "steering", lambda: room.steering.rank(where, spares=True), otherwise=list[EdgeRank]
    )
    if ranked:
        await room.cache.put("last", tuple(ranked), returns=tuple[EdgeRank, ...], tier=EDGES)
        return tuple(ranked)
    named = await room.cache.get("last", returns=tuple[EdgeRank, ...], tier=EDGES)
    last = named or room.fallback_edges
    if not last:
        raise Unavailable("No edge can be named right now. Try again in a few seconds.")
    return last


def _session(
    room: Room,
    viewer: Viewer,
    playable: Playable,
    granted: Allowance,
    edges: tuple[EdgeRank, ...],
    session_id: SessionId,
    slot: str,
    address: str,
) -> Session:
    return Session(
        id=session_id,
        account_id=viewer.account_id,
        profile_id=viewer.profile_id,
        device_id=viewer.device_id,
        content_id=playable.content_id,
        title_id=playable.title_id,
        slot=slot,
        labels=granted.labels,
        rungs=tuple(rung.name for rung in granted.rungs),
        edges=edges,
        country=viewer.country,
        address=address,
        started_at_ms=room.clock.now_ms(),
        asset=playable.asset,
    )


def _answer(
    room: Room,
    session: Session,
    playable: Playable,
    licence: str,
    expires_at_ms: int,
    resume_ms: int,
    thumbnails: Thumbnails | None,
    asking: Asking,
) -> PlayAnswer:
    return PlayAnswer(
        session_id=session.id,
        content_id=session.content_id,
        title_id=session.title_id,
        name=playable.name,
        asset_id=session.asset.id,
        version=session.asset.version,
        duration_ms=session.asset.duration_ms,
        resume_position_ms=resume_ms,
        manifests=ManifestUrls(
            dash=room.manifest_url(session.id, "main.mpd"),
            hls=room.manifest_url(session.id, "main.m3u8"),
        ),
        licence=LicenceGrant(
            clear_key_url=room.url("/api/licence/clearkey"),
            raw_key_url=room.url("/api/licence/key/{key_id}"),
            token=licence,
            expires_at_ms=expires_at_ms,
        ),
        edges=tuple(room.opened(edge, session, expires_at_ms) for edge in session.edges),
        steering_url=room.steering_url(session.id),
        heartbeat_s=room.settings.heartbeat_s,
        rungs=session.granted,
        thumbnails=thumbnails,
        next_content_id=playable.next_content_id,
        credits_start_ms=session.asset.credits_start_ms,
        degraded=asking.missing,
    )
